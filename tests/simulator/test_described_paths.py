"""Every path that the reference describes, asked for in every way it describes, answers as it describes.

What schemathesis does to a server, with what this tenant needs beside: real ids, real page tokens, real
ETags, and a record of which values were right, so that a refusal of a right one is seen as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import msgspec
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator

from lucca_sync.simulator.webhooks.listing import LISTS
from tests.simulator.receiver import receiving, subscribe, write
from tests.simulator.visitor import Document, HandClock, Reply, Visitor, unlimited, visiting

NAME = "lucca-api-2024-11-01.condensed.openapi.json"
REFERENCE: Document = msgspec.json.decode(Path(__file__).with_name(NAME).read_bytes(), type=Document)
PREFIX = "/lucca-api/"
PATHS = sorted(path for path, operations in REFERENCE["paths"].items() if "get" in operations)
OPTIONS = unlimited(employees=25, leaves_v5=True, strict_parameters=True, events="always")
TOPICS = ("employee.updated", "job-position.updated", "department.updated", "leave.created")


@dataclass(frozen=True)
class Tenant:
    """A tenant that serves in a thread of its own, while hypothesis asks from this one."""

    get: Callable[[str, dict[str, str]], Reply]
    ids: dict[str, list[str]]


@dataclass(frozen=True)
class Value:
    """A value for a parameter, and whether the reference calls it right."""

    text: str
    right: bool = True


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(visiting(OPTIONS, HandClock())) as visitor,
    ):

        def get(path: str, headers: dict[str, str]) -> Reply:
            given_headers = {**visitor.headers, **headers}
            named = {name: value for name, value in given_headers.items() if value}
            return portal.call(visitor.ask, "GET", path, named)

        yield Tenant(get, portal.call(live, visitor))


async def live(visitor: Visitor) -> dict[str, list[str]]:
    """Let a few things happen and webhooks be sent; return what ids there are."""
    async with receiving() as receiver:
        receiver.status = lambda number: 503 if number % 2 else 202
        endpoint = await subscribe(visitor, receiver.url, *TOPICS)
        for _ in range(60):
            visitor.simulator.step()
        await write(visitor, "POST", "webhook-deliveries", {"webhookEndpoint": {"id": endpoint["id"]}})
        await receiver.count(3)
    ids = {
        name: (await visitor.get(f"{name}?limit=100")).ids for name in (*visitor.simulator.counts(), *LISTS)
    }
    people = (await visitor.get("employees?limit=100")).items
    return {**ids, "portraits": [person["portrait"]["id"] for person in people if person["portrait"]]}


def test_the_tenant_answers_every_path_that_is_described_and_no_other(tenant: Tenant) -> None:
    described = {path.removeprefix(PREFIX).removesuffix("/{id}") for path in PATHS}
    assert described == set(tenant.ids)
    assert {name for name, ids in tenant.ids.items() if not ids} == set(), "an empty list proves nothing"


@settings(max_examples=12, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("path", PATHS)
def test_any_documented_request_is_answered_as_documented(
    tenant: Tenant, path: str, data: st.DataObject
) -> None:
    ids = tenant.ids[path.removeprefix(PREFIX).removesuffix("/{id}")]
    address, right = drawn_path(data, path, ids)
    parameters = data.draw(st.lists(parameter(tenant, path), max_size=4, unique_by=lambda pair: pair[0]))
    headers, allowed = data.draw(st.sampled_from(KINDS_OF_HEADERS))
    right = right and allowed and all(value.right for _, value in parameters)
    text = urlencode([(name, value.text) for name, value in parameters], quote_via=quote)
    reply = tenant.get(f"{address}?{text}", headers)
    check(path, reply)
    if right:
        assert reply.status == 200, reply.body
        ask_on(tenant, path, reply, f"{address}?{text}")


def drawn_path(data: st.DataObject, path: str, ids: list[str]) -> tuple[str, bool]:
    if "{id}" not in path:
        return path, True
    public_id = data.draw(st.sampled_from(ids) | st.text("abc019-_~", min_size=1, max_size=6))
    return path.replace("{id}", public_id), public_id in ids


def ask_on(tenant: Tenant, path: str, reply: Reply, address: str) -> None:
    """Ask again with what the answer gave: its ETag, and its next page."""
    again = tenant.get(address, {"If-None-Match": reply.headers["ETag"]})
    check(path, again)
    assert again.status == 304
    links = reply.json.get("links")
    if "items" in reply.json and links and reply.next is not None:
        further = tenant.get(reply.next, {})
        check(path, further)
        assert further.status == 200


KINDS_OF_HEADERS: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({}, True),
    ({"Accept-Encoding": "gzip"}, True),
    ({"If-None-Match": 'W/"nothing"'}, True),
    ({"Api-Version": "2025-01-01"}, True),
    ({"Api-Version": "2020-01-01"}, False),
    ({"Api-Version": "soon"}, False),
    ({"Api-Version": ""}, False),
    ({"Authorization": ""}, False),
    ({"Authorization": "Bearer nonsense"}, False),
]


def parameter(tenant: Tenant, path: str) -> st.SearchStrategy[tuple[str, Value]]:
    """Draw a parameter that the path documents, or now and then one that it does not."""
    operations = REFERENCE["paths"][path]
    named = [resolved(item) for item in (*operations["parameters"], *operations["get"].get("parameters", ()))]
    documented = [item for item in named if item["in"] == "query"]
    unknown = st.tuples(
        st.sampled_from(["lastUpdatedAt.between", "fields"]), st.just(Value("1", right=False))
    )
    drawn = [
        st.tuples(st.just(item["name"]), value(tenant, item["name"], item["schema"])) for item in documented
    ]
    return st.one_of(*drawn, *([unknown] if "{id}" not in path else []))


def resolved(item: Document) -> Document:
    if "$ref" not in item:
        return item
    found: Any = REFERENCE
    for part in item["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def value(tenant: Tenant, name: str, schema: Document) -> st.SearchStrategy[Value]:
    right = [Value(text) for text in right_values(tenant, name, schema)]
    wrong = [Value(text, right=False) for text in wrong_values(schema)]
    return st.sampled_from([*right, *wrong])


def right_values(tenant: Tenant, name: str, schema: Document) -> list[str]:
    if "oneOf" in schema:
        return ["2026-01-01", "null"]
    plain = {
        "date-range": ["2026-01-01--2026-12-31", "2026-01-01--..", "..--2026-12-31"],
        "date": ["2026-01-01"],
        "integer": [str(schema.get("minimum", 0)), "1", "3", "40", str(schema.get("maximum", 1))],
        "boolean": ["true", "false"],
        "page": ["1", "2"],
    }
    for key in (schema.get("format"), schema["type"], name):
        if key in plain:
            return plain[key]
    inner: Document = schema.get("items", schema)
    some: list[str] = list(inner.get("enum", tenant.ids["employees"][:4] if name.endswith("id") else ["a"]))
    return [*some, ",".join(some)] if schema["type"] == "array" else some


def wrong_values(schema: Document) -> list[str]:
    if "oneOf" in schema or schema.get("format") in ("date", "date-range"):
        return ["2026-02-30", "tomorrow", "2026-01-01/2026-12-31"]
    if schema.get("type") == "integer":
        return ["-1", "101", "many", "²"]
    if schema.get("type") == "boolean":
        return ["perhaps"]
    inner: Document = schema.get("items", schema)
    return ["nonsense"] if "enum" in inner else []


def check(path: str, reply: Reply) -> None:
    """Fail unless status, content type, headers and body are what the reference says of a path."""
    responses = REFERENCE["paths"][path]["get"]["responses"]
    kind = reply.headers.get("Content-Type", "").partition(";")[0]
    assert reply.status in (200, 304, 400, 401, 404), reply.body
    assert reply.headers["Api-Version"] == "2024-11-01"
    if reply.status == 304:
        assert reply.body == b""
    elif reply.status == 200:
        content = responses["200"]["content"]
        assert kind in content
        validator(path).validate(reply.json)
        assert reply.headers["ETag"].startswith('W/"')
    else:
        assert kind == "application/problem+json"
        PROBLEM.validate(reply.json)
        assert reply.json["status"] == reply.status


def checker(schema: Document) -> Validator:
    whole = {**schema, "components": REFERENCE["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


def validator(path: str) -> Validator:
    return VALIDATORS[path]


PROBLEM = checker({"$ref": "#/components/schemas/problem"})
VALIDATORS = {
    path: checker(
        REFERENCE["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    )
    for path in PATHS
}
