"""The legacy API answers in its own language: keys, fields, paging, order, filters, errors."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucca_sync.simulator import Fault, SimulatorOptions
from lucca_sync.simulator.answers.problems import Problem
from lucca_sync.simulator.legacy.conditions import Kind, Scalar, read_condition
from lucca_sync.simulator.legacy.fields import read_fields
from tests.simulator.legacy import ALL_DAYS, EVERYBODY, EVERYTHING, KEY, ask, ids, items
from tests.simulator.visitor import unlimited, visiting


@pytest.mark.parametrize("scheme", ["lucca application=simulator-key", "Lucca application=simulator-key"])
async def test_the_key_is_taken_with_its_scheme_in_any_case(scheme: str) -> None:
    async with visiting() as visitor:
        reply = await visitor.ask("GET", "/api/v3/users", headers={"Authorization": scheme})
        assert reply.status == 200


@pytest.mark.parametrize(
    "header", ["", "lucca application=wrong", "Bearer simulator-key", "lucca simulator-key", "lucca"]
)
async def test_another_key_or_none_is_refused(header: str) -> None:
    async with visiting() as visitor:
        for path in ("users", "leaves", "users/1", "leaveRequests"):
            reply = await visitor.ask("GET", f"/api/v3/{path}", headers={"Authorization": header})
            assert reply.status == 401
            assert reply.json["Status"] == 401


async def test_a_bearer_token_is_no_key_and_the_key_is_no_token() -> None:
    async with visiting() as visitor:
        assert (await visitor.ask("GET", "/api/v3/users", headers=visitor.headers)).status == 401
        assert (await visitor.get("employees", **KEY)).status == 401


async def test_no_version_is_needed_and_no_etag_is_given() -> None:
    async with visiting() as visitor:
        reply = await ask(visitor, "users")
        assert reply.status == 200
        assert "ETag" not in reply.headers
        assert "Api-Version" not in reply.headers


async def test_the_envelope_holds_header_data_and_metadata() -> None:
    async with visiting() as visitor:
        document = (await ask(visitor, "users")).json
        assert document.keys() == {"header", "data", "metadata"}
        assert document["header"].keys() >= {"generated", "principal"}
        assert document["data"].keys() == {"items"}
        single = (await ask(visitor, "users/3")).json
        assert single["data"]["id"] == 3


async def test_only_id_name_and_url_come_unless_fields_are_named() -> None:
    """Trap 39: v3 lists show three fields by default, of the record and of what is nested in it."""
    async with visiting() as visitor:
        for path in ("users", f"leaves?{ALL_DAYS}&{EVERYBODY}", "leaveRequests"):
            assert {tuple(item) for item in await items(visitor, path)} == {("id", "name", "url")}
        found = await items(visitor, f"leaves?{ALL_DAYS}&{EVERYBODY}&fields=id,leavePeriod,leaveAccount")
        assert {tuple(item["leavePeriod"]) for item in found} == {("id", "name", "url")}
        assert {tuple(item["leaveAccount"]) for item in found} == {("id", "name", "url")}


async def test_fields_reach_into_what_is_nested_in_any_case_and_in_both_spellings() -> None:
    async with visiting() as visitor:
        query = f"leaves?{ALL_DAYS}&{EVERYBODY}&paging=0,1&fields="
        [first] = await items(visitor, f"{query}ID,leaveperiod[ownerid,owner[name,legalEntityId]],isAm")
        assert first.keys() == {"id", "leavePeriod", "isAm"}
        assert first["leavePeriod"].keys() == {"ownerId", "owner"}
        assert first["leavePeriod"]["owner"].keys() == {"name", "legalEntityId"}
        [second] = await items(
            visitor, f"{query}leavePeriod.ownerId,leaveAccount.name,leavePeriod.logs[date]"
        )
        assert second["leavePeriod"]["ownerId"] == first["leavePeriod"]["ownerId"]
        assert second["leaveAccount"].keys() == {"name"}
        assert second["leavePeriod"]["logs"][0].keys() == {"date"}
        [third] = await items(visitor, f"{query}leavePeriod[leaves[id,date]]")
        assert third["leavePeriod"]["leaves"][0].keys() == {"id", "date"}


@pytest.mark.parametrize("fields", ["nothing", "id,leavePeriod[nothing]", "leavePeriod[id", "id]", "a..b"])
async def test_fields_that_do_not_exist_or_cannot_be_read_are_refused(fields: str) -> None:
    async with visiting() as visitor:
        assert (await ask(visitor, f"{EVERYTHING}&fields={fields}")).status == 400


async def test_the_count_comes_only_when_it_is_named_and_is_that_of_all_pages() -> None:
    async with visiting() as visitor:
        document = (
            await ask(visitor, "users?fields=id,collection.count&paging=0,5&formerEmployees=true")
        ).json
        assert document["data"]["count"] == 50
        assert len(document["data"]["items"]) == 5
        assert document["data"]["items"][0].keys() == {"id"}


@pytest.mark.parametrize(
    ("path", "top"), [("users?", 1000), (f"{EVERYTHING}&", 10_000), ("leaveRequests?", 1000)]
)
async def test_a_page_larger_than_the_maximum_is_refused(path: str, top: int) -> None:
    async with visiting() as visitor:
        path = path.replace("&paging=0,10000", "")
        assert (await ask(visitor, f"{path}paging=0,{top}")).status == 200
        assert (await ask(visitor, f"{path}paging=0,{top + 1}")).status == 400


@pytest.mark.parametrize("query", ["paging=5", "paging=a,b", "paging=-1,5", "orderBy=id", "orderBy=id,up"])
async def test_paging_and_order_that_cannot_be_read_are_refused(query: str) -> None:
    async with visiting() as visitor:
        assert (await ask(visitor, f"users?{query}")).status == 400


async def test_pages_hold_a_thousand_by_default_and_together_everything_once() -> None:
    async with visiting() as visitor:
        everything = await ids(visitor, EVERYTHING)
        assert len(everything) > 1000
        plain = EVERYTHING.replace("&paging=0,10000", "")
        assert await ids(visitor, plain) == everything[:1000]
        pages = [
            await ids(visitor, f"{plain}&paging={start},700") for start in range(0, len(everything), 700)
        ]
        assert [found for page in pages for found in page] == everything


async def test_offset_pages_double_or_skip_rows_when_something_changes_between_them() -> None:
    """Trap 47: the second page of a list that has grown at its beginning begins with a row seen already."""
    async with visiting() as visitor:
        query = f"leaves?{ALL_DAYS}&{EVERYBODY}&orderBy=creationDate,desc"
        first = await ids(visitor, f"{query}&paging=0,10")
        entered = {"action": "enter-leave", "employee": "1", "start": "2029-03-05", "half_days": 4}
        await visitor.control("POST", "changes", entered)
        second = await ids(visitor, f"{query}&paging=10,10")
        assert second[:4] == first[6:]


async def test_users_are_sorted_by_pairs_of_property_and_direction() -> None:
    async with visiting(unlimited(employees=80)) as visitor:
        found = await items(visitor, "users?fields=id,lastName&orderBy=lastName,desc,id,asc")
        assert found == sorted(
            sorted(found, key=lambda item: int(item["id"])),
            key=lambda item: str(item["lastName"]).casefold(),
            reverse=True,
        )


@pytest.mark.parametrize(
    "query", ["lastUpdatedAt=since,2026-01-01", "modifiedOn=since,2026-01-01", "status=1"]
)
async def test_an_unknown_filter_is_refused(query: str) -> None:
    async with visiting() as visitor:
        assert (await ask(visitor, f"users?{query}")).status == 400


@pytest.mark.parametrize(
    "query",
    ["id=x", "modifiedAt=since,x", "modifiedAt=between,2026-01-01", "id=since,3", "id=greaterthan,null"],
)
async def test_a_filter_that_cannot_be_read_is_refused(query: str) -> None:
    async with visiting() as visitor:
        assert (await ask(visitor, f"users?{query}")).status == 400


async def test_what_has_been_shut_down_says_so() -> None:
    """Trap 54: the absences of v2 are gone, and the departments of v3."""
    async with visiting() as visitor:
        assert (await ask(visitor, "departments")).status == 410
        assert (await ask(visitor, "/api/leaves?leavePeriod.ownerId=3")).status == 404
        assert (await ask(visitor, "nothing")).status == 404


async def test_a_sunset_can_be_announced() -> None:
    """Trap 54: the headers come with every answer of that resource."""
    async with visiting() as visitor:
        visitor.simulator.misbehave(deprecated={"v3/users": "2027-09-01"})
        assert (await ask(visitor, "users")).headers["Sunset"].startswith("2027-09-01")
        assert "Deprecation" in (await ask(visitor, "users/1")).headers
        assert "Sunset" not in (await ask(visitor, "leaveRequests")).headers


async def test_nothing_can_be_written() -> None:
    async with visiting() as visitor:
        assert (await visitor.ask("POST", "/api/v3/users", headers=KEY)).status == 405


async def test_both_generations_share_one_limit() -> None:
    async with visiting(SimulatorOptions(requests_per_minute=4)) as visitor:
        assert (await ask(visitor, "users")).status == 200
        assert (await visitor.get("departments")).status == 200
        assert (await ask(visitor, "users/999")).status == 404
        assert (await ask(visitor, "leaves")).status == 400
        refused = await ask(visitor, "users")
        assert (refused.status, "Retry-After" in refused.headers) == (429, True)
        assert (await visitor.get("departments")).status == 429


async def test_requests_are_counted_by_resource_and_a_role_can_be_too_small() -> None:
    async with visiting() as visitor:
        visitor.simulator.misbehave(refuse_scopes=["v3/users"])
        assert (await ask(visitor, "users")).status == 403
        assert (await ask(visitor, "leaveRequests/1")).status == 200
        stats = visitor.simulator.stats
        assert stats.requests("GET /api/v3/users", 403) == 1
        assert stats.requests("GET /api/v3/leaveRequests/{id}", 200) == 1


async def test_faults_and_distortions_reach_the_legacy_api_too() -> None:
    async with visiting() as visitor:
        simulator = visitor.simulator
        simulator.misbehave(
            faults=[Fault(kind="status", status=503, resource="v3/users", requests=1)],
            hidden={"v3/users": ["3"]},
            unlisted={"v3/users": ["4"]},
        )
        assert (await ask(visitor, "users")).status == 503
        listed = await ids(visitor, "users?formerEmployees=true")
        assert (len(listed), {"3", "4"} & set(listed)) == (48, set())
        assert (await ask(visitor, "users/3")).status == 404
        assert (await ask(visitor, "users/4")).status == 200


async def test_a_malformed_record_stands_between_the_others_when_told_to() -> None:
    async with visiting() as visitor:
        fault = Fault(kind="malformed-record", resource="v3/leaves", malformed="not-an-object")
        visitor.simulator.misbehave(faults=[fault])
        reply = await ask(visitor, EVERYTHING)
        assert "?" in reply.json["data"]["items"]


async def test_answers_are_compressed_when_asked_to() -> None:
    async with visiting() as visitor:
        packed = await visitor.ask("GET", "/api/v3/users", headers={**KEY, "Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"


GRAMMAR: list[tuple[Kind, str, list[Scalar], list[Scalar]]] = [
    ("number", "1,2", [1, 2], [3, None]),
    ("number", "notequal,1,2", [3, None], [1, 2]),
    ("number", "greaterthan,5", [6], [5, None]),
    ("number", "greaterthanorequal,5", [5], [4]),
    ("number", "lessthan,5", [4], [5, None]),
    ("number", "lessthanorequal,5", [5], [6]),
    ("number", "null", [None], [0]),
    ("number", "notequal,null", [0], [None]),
    ("text", "ab", ["AB", "ab"], ["abc", None]),
    ("text", "like,ab", ["xAbx"], ["b", None]),
    ("text", "starts,ab", ["ABc"], ["cab"]),
    ("flag", "true", [1], [0]),
    ("flag", "notequal,true", [0], [1]),
]


@pytest.mark.parametrize(("kind", "text", "holds", "fails"), GRAMMAR, ids=[f"{case[:2]}" for case in GRAMMAR])
def test_each_word_of_the_grammar_means_what_it_says(
    kind: Kind, text: str, holds: list[Scalar], fails: list[Scalar]
) -> None:
    test = read_condition(kind, text)
    assert [value for value in (*holds, *fails) if test(value)] == holds


def ms(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


def test_since_and_until_include_their_instant() -> None:
    since = read_condition("moment", "since,2026-11-22T08:00:00Z")
    until = read_condition("moment", "until,2026-11-22T08:00:00")
    edge = ms("2026-11-22T08:00:00")
    assert [since(edge - 1), since(edge), until(edge), until(edge + 1)] == [False, True, True, False]
    assert not since(None)


def test_the_last_day_of_between_counts_to_its_midnight() -> None:
    between = read_condition("moment", "between,2026-11-01,2026-11-22")
    assert between(ms("2026-11-22T23:59:59"))
    assert not between(ms("2026-11-23T00:00:00"))
    exact = read_condition("moment", "between,2026-11-01,2026-11-22T10:00:00")
    assert not exact(ms("2026-11-22T10:00:01"))


def test_an_instant_without_an_offset_is_read_on_the_tenants_own_clock() -> None:
    in_paris = read_condition("moment", "since,2026-11-22T09:00:00", "Europe/Paris")
    assert in_paris(ms("2026-11-22T08:00:00"))
    assert not in_paris(ms("2026-11-22T07:59:59"))


@given(st.text(alphabet="ab.,[]C", max_size=12))
def test_any_fields_are_read_or_refused_without_a_crash(text: str) -> None:
    with suppress(Problem):
        assert all(name and name == name.lower() for name in read_fields(text))
