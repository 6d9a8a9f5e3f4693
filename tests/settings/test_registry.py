"""Connectors come by entry point; one that is wrong is told about by the name of who announced it."""

import subprocess
import sys
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest

from lucca_sync.registry import GROUP, Unusable, announced, connector_models, load_type
from tests.settings.files import VALID, complaints, load, stranger

PIGEON = stranger("pigeon", "Pigeon")
CANARY = "kanarienvogel-7312"


def using(section: str) -> str:
    return VALID.replace("{type: jsonl}", section)


def test_the_four_built_in_connectors_are_announced_like_any_other() -> None:
    assert {one.name for one in announced()} >= {"jsonl", "payroll_file", "slack", "webhook"}


def test_a_strangers_connector_is_planned_with_its_checked_section(tmp_path: Path) -> None:
    (plan,) = load(tmp_path, using("{type: pigeon, loft: /roof, ring: red}"), known=[PIGEON]).connectors
    assert (plan.name, plan.cls.__name__, plan.config.type) == ("log", "Pigeon", "pigeon")
    assert plan.config.model_dump(include={"ring"}) == {"ring": "red"}


def test_yes_is_no_number_for_a_strangers_connector_either(tmp_path: Path) -> None:
    pigeon = "{type: pigeon, loft: x, loud: true, feathers: true}"
    (told,) = complaints(tmp_path, using(pigeon), known=[PIGEON])
    assert told.endswith("connectors.log.feathers: must be a whole number")


def test_connectors_keep_the_order_of_the_file(tmp_path: Path) -> None:
    text = VALID.replace("routes:", "  b: {type: jsonl}\n  a: {type: jsonl}\nroutes:")
    assert [plan.name for plan in load(tmp_path, text).connectors] == ["log", "b", "a"]


def test_an_unknown_type_is_told_with_what_there_is(tmp_path: Path) -> None:
    found = complaints(tmp_path, using("{type: pidgeon}"), known=[PIGEON])
    assert found == [
        "11:15: connectors.log.type: unknown connector type (did you mean pigeon?); installed: pigeon"
    ]


@pytest.mark.parametrize(
    ("entry_point", "reason"),
    [
        (stranger("odd", "Stone"), "is not a lucca_sync.Connector with a Config"),
        (stranger("odd", "Bare"), "is not a lucca_sync.Connector with a Config"),
        (stranger("odd", "Nobody"), "can't be imported: AttributeError"),
        (
            EntryPoint("odd", "tests.settings.unimportable:It", GROUP),
            "can't be imported: No module named 'a_library_that_nobody_installed'",
        ),
    ],
)
def test_what_can_not_be_used_is_a_complaint_not_a_traceback(
    entry_point: EntryPoint, reason: str, tmp_path: Path
) -> None:
    found = complaints(tmp_path, using("{type: odd}"), known=[entry_point])
    assert found == [f"11:15: connectors.log.type: type odd of distribution unknown {reason}"]


class Announcer(Distribution):
    """A distribution that exists only by name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def read_text(self, filename: str) -> str | None:
        return None

    def locate_file(self, path: object) -> Path:
        return Path(str(path))


def announced_by(name: str) -> EntryPoint:
    entry_point = stranger("pigeon", "Pigeon")
    vars(entry_point)["dist"] = Announcer(name)
    return entry_point


def test_a_name_that_two_distributions_announce_is_refused(tmp_path: Path) -> None:
    both = [announced_by("roost"), announced_by("loft")]
    found = complaints(tmp_path, using("{type: pigeon, loft: x}"), known=both)
    assert found == ["11:15: connectors.log.type: announced by several distributions: loft, roost"]


def test_the_distribution_is_named() -> None:
    broken = EntryPoint("odd", "tests.settings.unimportable:It", GROUP)
    vars(broken)["dist"] = Announcer("acme-lucca-odd")
    with pytest.raises(Unusable, match="type odd of distribution acme-lucca-odd can't be imported"):
        load_type(broken)


def test_what_is_broken_and_not_used_bothers_nobody(tmp_path: Path) -> None:
    broken = EntryPoint("odd", "tests.settings.unimportable:It", GROUP)
    assert complaints(tmp_path, using("{type: pigeon, loft: x}"), known=[PIGEON, broken]) == []


@pytest.mark.parametrize("place", ["Parrot", "Mule"])
def test_a_strangers_check_that_quotes_what_it_was_given_is_not_quoted(place: str, tmp_path: Path) -> None:
    found = complaints(tmp_path, using(f"{{type: bird, word: {CANARY}}}"), known=[stranger("bird", place)])
    assert len(found) == 1
    assert CANARY not in found[0]


def test_models_of_all_usable_types_are_found_and_the_others_told() -> None:
    models, wrong = connector_models([PIGEON, stranger("odd", "Stone")])
    assert list(models) == ["pigeon"]
    assert len(wrong) == 1


def test_only_the_connectors_in_use_are_imported(tmp_path: Path) -> None:
    path = tmp_path / "lucca-sync.yaml"
    path.write_text(VALID, "utf-8")
    program = (
        "import sys; from pathlib import Path; from lucca_sync.registry import load_all\n"
        f"load_all(Path({str(path)!r}), {{}})\n"
        "print(*(name for name in sys.modules if name.startswith('lucca_connectors.')))"
    )
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert {name.split(".")[1] for name in out.stdout.split()} == {"jsonl"}
