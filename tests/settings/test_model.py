"""The settings as values: what stands when nothing is said, and what code can't do to them either."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lucca_sync.kit.durations import format_duration, parse_duration
from lucca_sync.model.catalogue import CATALOGUE
from lucca_sync.settings.model import Route, Server, Settings, Tenant
from lucca_sync.settings.text import split_listen

TENANT = {
    "url": "https://acme.ilucca.net",
    "client_id": "x",
    "client_secret": "y",
    "resources": {"employees": None},
}
SETTINGS = {"version": 1, "tenants": {"acme": TENANT}}


def tenant(**changes: object) -> Tenant:
    return Tenant.model_validate({**TENANT, **changes})


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = Settings.model_validate(SETTINGS)
    acme = settings.tenants["acme"]
    employees = acme.resources["employees"]
    assert (acme.requests_per_minute, acme.timezone) == (30, "Europe/Paris")
    assert acme.token_url == "https://accounts.world.luccasoftware.com/connect/token"
    assert (employees.every, employees.baseline) == (timedelta(minutes=2), "silent")
    assert (employees.brake.deletions.count, employees.brake.deletions.share) == (10, 0.05)
    assert (employees.brake.changes.count, employees.brake.changes.share) == (100, 0.5)
    assert settings.server.address == ("127.0.0.1", 9464)
    assert settings.retention == timedelta(days=30)
    assert settings.store == "sqlite:./lucca-sync.db"
    assert (settings.connectors, settings.routes) == ({}, {})


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_resource_with_nothing_said_takes_its_own_period(name: str) -> None:
    for section in (None, {}, {"baseline": "snapshot"}):
        assert tenant(resources={name: section}).resources[name].every == CATALOGUE[name].every


def test_a_brake_that_says_one_thing_keeps_the_other() -> None:
    section = {"brake": {"deletions": {"count": 3}}}
    brake = tenant(resources={"employees": section}).resources["employees"].brake
    assert (brake.deletions.count, brake.deletions.share, brake.changes.count) == (3, 0.05, 100)


def test_a_route_takes_everything_by_default() -> None:
    route = Route.model_validate({"to": ["x"]})
    assert route.types == ("created", "updated", "deleted")
    assert (route.resources, route.tenants, route.when, route.fields) == (None, None, None, None)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8400", "http://localhost:1", "http://[::1]:8400", "https://acme.ilucca.ch/"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert tenant(url=url, token_url="http://127.0.0.1:8400/connect/token").url == url.removesuffix("/")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "http://acme", "ftp://acme", "https://", "https://a b", "https://a\nb"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        tenant(url=url)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "many"])
def test_a_rate_is_a_positive_number(rate: object) -> None:
    with pytest.raises(ValidationError):
        tenant(requests_per_minute=rate)


def test_any_positive_rate_is_taken() -> None:
    assert tenant(requests_per_minute=0.1).requests_per_minute == 0.1
    assert tenant(requests_per_minute=6000).requests_per_minute == 6000


@pytest.mark.parametrize("zone", ["", "Europe", "../../etc/passwd", "Europe/Nowhere", "/etc/localtime"])
def test_a_time_zone_must_exist(zone: str) -> None:
    with pytest.raises(ValidationError):
        tenant(timezone=zone)


def test_a_tenant_gives_its_zone_and_its_secret(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("secrets") / "s"
    file.write_text("from a file\n", "utf-8")
    assert tenant(timezone="Europe/Zurich").zone == ZoneInfo("Europe/Zurich")
    assert tenant().secret.reveal() == "y"
    assert tenant(client_secret=None, client_secret_file=file).secret.reveal() == "from a file"


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:80", ("::1", 80)), ("host.name:65535", ("host.name", 65535))],
)
def test_an_address_is_split(listen: str, address: tuple[str, int]) -> None:
    assert Server(listen=listen).address == address


@pytest.mark.parametrize(
    "listen", ["", ":80", "80", "h:", "h:x", "h:-1", "h:65536", "::1:80", "[h]x:1", "h:٣"]
)
def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(ValueError, match=r"^(must be an address|the port must be)"):
        split_listen(listen)


def test_settings_made_in_code_keep_the_rules_between_sections() -> None:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate({**SETTINGS, "routes": {"r": {"to": ["nowhere"], "tenants": ["nobody"]}}})
    assert [one["loc"] for one in error.value.errors()] == [
        ("routes", "r", "to", 0),
        ("routes", "r", "tenants", 0),
    ]


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(SETTINGS).retention = timedelta(days=1)  # pyright: ignore[reportAttributeAccessIssue]


@given(st.integers(0, 10**12))
def test_durations_are_read_as_they_are_written(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(span)) == span


@pytest.mark.parametrize("text", ["36501d", "1000000d", "999999999999d", f"{'9' * 400}d"])
def test_a_duration_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at most 36500d"):
        parse_duration(text)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**3), st.sampled_from(["ms", "s", "m", "h", "d", "w"])),
        min_size=1,
        max_size=5,
    )
)
def test_parts_of_a_duration_add_up_in_any_order(parts: list[tuple[int, str]]) -> None:
    whole = parse_duration("".join(f"{count}{unit}" for count, unit in parts))
    single = [parse_duration(f"{count}{unit}") for count, unit in parts]
    assert isinstance(whole, timedelta)
    difference = whole - sum((one for one in single if isinstance(one, timedelta)), timedelta(0))
    assert abs(difference) <= timedelta(microseconds=len(parts))
