"""Relative paths are taken from the settings file's own folder, wherever the process was started."""

from pathlib import Path

from lucca_sync.registry import load_all
from tests.settings.files import VALID, load, stranger
from tests.settings.strangers import PigeonConfig

PIGEON = stranger("pigeon", "Pigeon")


def test_secret_files_and_the_store_are_beside_the_file(tmp_path: Path) -> None:
    text = VALID.replace("client_secret: planted", "client_secret_file: secrets/lucca")
    settings = load(tmp_path, text + "store: sqlite:state/journal.db").loaded.settings
    assert settings.tenants["acme"].client_secret_file == tmp_path / "secrets" / "lucca"
    assert settings.store == f"sqlite:{tmp_path}/state/journal.db"


def test_the_default_store_is_beside_the_file(tmp_path: Path) -> None:
    assert load(tmp_path).loaded.settings.store == f"sqlite:{tmp_path}/lucca-sync.db"


def test_absolute_paths_stay(tmp_path: Path) -> None:
    text = VALID.replace("client_secret: planted", "client_secret_file: /run/secrets/lucca")
    settings = load(tmp_path, text + "store: sqlite:/var/lib/journal.db").loaded.settings
    assert settings.tenants["acme"].client_secret_file == Path("/run/secrets/lucca")
    assert settings.store == "sqlite:/var/lib/journal.db"


def test_a_connectors_paths_are_found_wherever_its_model_has_them(tmp_path: Path) -> None:
    section = "{type: pigeon, loft: loft, ring: ring, flights: {north: ./n, south: /s}, spare: spare}"
    (plan,) = load(tmp_path, VALID.replace("{type: jsonl}", section), known=[PIGEON]).connectors
    assert plan.config == PigeonConfig(
        type="pigeon",
        loft=tmp_path / "loft",
        ring="ring",
        flights={"north": tmp_path / "n", "south": Path("/s")},
        spare=tmp_path / "spare",
    )


def test_a_word_that_means_something_else_is_no_path(tmp_path: Path) -> None:
    text = VALID.replace("{type: jsonl}", "{type: jsonl, path: '-'}")
    (plan,) = load(tmp_path, text).connectors
    assert plan.config.model_dump(include={"path"}) == {"path": "-"}


def test_a_link_to_the_file_counts_not_what_it_leads_to(tmp_path: Path) -> None:
    """Kubernetes mounts a ConfigMap as a link into a folder that changes with every update."""
    (tmp_path / "..data").mkdir()
    load(tmp_path / "..data")
    (tmp_path / "lucca-sync.yaml").symlink_to(tmp_path / "..data" / "lucca-sync.yaml")
    plan = load_all(tmp_path / "lucca-sync.yaml", {})
    assert plan.loaded.settings.store == f"sqlite:{tmp_path}/lucca-sync.db"
