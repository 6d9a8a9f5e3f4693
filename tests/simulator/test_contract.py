"""Every answer is what the tenant's machine-readable reference says, before and after a life."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from jsonschema.protocols import Validator

from lucca_sync.simulator import Simulator
from tests.simulator.visitor import Document, HandClock, Reply, Visitor, unlimited, visiting

NAME = "lucca-api-2024-11-01.condensed.openapi.json"
RESOURCES = list(Simulator().counts())


@pytest.fixture(scope="module")
def reference() -> Document:
    """A digest of the vendor's description, written by us: facts in our own words."""
    return msgspec.json.decode(Path(__file__).with_name(NAME).read_bytes(), type=Document)


def checker(reference: Document, schema: Document) -> Validator:
    """A validator for a schema of the reference, with its components at hand."""
    whole = {**schema, "components": reference["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


def answer_schema(reference: Document, path: str) -> Document:
    content: Document = reference["paths"][path]["get"]["responses"]["200"]["content"]
    schema: Document = content["application/json"]["schema"]
    return schema


def problem_checker(reference: Document) -> Validator:
    return checker(reference, {"$ref": "#/components/schemas/problem"})


async def everything(visitor: Visitor, resource: str, query: str = "limit=100") -> list[Reply]:
    pages = await visitor.walk(f"{resource}?{query}")
    assert any(page.items for page in pages), "an empty list proves nothing"
    return pages


def assert_valid(validator: Validator, replies: list[Reply]) -> None:
    for reply in replies:
        assert reply.status == 200
        validator.validate(reply.json)


@pytest.mark.parametrize("resource", RESOURCES)
async def test_every_page_of_a_list_is_valid(reference: Document, resource: str) -> None:
    validator = checker(reference, answer_schema(reference, f"/lucca-api/{resource}"))
    async with visiting(unlimited(employees=150)) as visitor:
        assert_valid(validator, await everything(visitor, resource))
        replies = [await visitor.get(f"{resource}?include=links,totalCount,embedded&limit=100")]
        assert_valid(validator, replies)


@pytest.mark.parametrize("resource", RESOURCES)
async def test_every_page_is_still_valid_after_a_life_of_months(reference: Document, resource: str) -> None:
    validator = checker(reference, answer_schema(reference, f"/lucca-api/{resource}"))
    clock = HandClock()
    async with visiting(unlimited(employees=20), clock) as visitor:
        for _ in range(150):
            clock.move(hours=20)
            visitor.simulator.step()
        await visitor.sign_in()
        assert_valid(validator, await everything(visitor, resource))


@pytest.mark.parametrize("resource", RESOURCES)
async def test_every_record_answered_by_id_is_valid(reference: Document, resource: str) -> None:
    validator = checker(reference, answer_schema(reference, f"/lucca-api/{resource}/{{id}}"))
    async with visiting(unlimited(employees=20)) as visitor:
        ids = [public_id for page in await everything(visitor, resource) for public_id in page.ids]
        asked = [f"{resource}/{public_id}?include={include}" for public_id in ids for include in INCLUDES]
        assert_valid(validator, [await visitor.get(path) for path in asked])


async def test_a_portrait_is_answered_by_id_with_the_scope_of_employees(reference: Document) -> None:
    validator = checker(reference, answer_schema(reference, "/lucca-api/portraits/{id}"))
    async with visiting() as visitor:
        await visitor.sign_in("employees.readonly")
        people = (await visitor.get("employees?limit=100")).items
        pictured = [item["portrait"] for item in people if item["portrait"] is not None]
        assert pictured
        assert_valid(validator, [await visitor.get(portrait["url"]) for portrait in pictured])
        plain = next(item["id"] for item in people if item["portrait"] is None)
        assert (await visitor.get(f"portraits/{plain}")).status == 404
        assert (await visitor.get("portraits")).status == 404


INCLUDES = ("links", "embedded", "links,embedded")


@pytest.mark.parametrize("resource", RESOURCES)
async def test_a_list_shows_a_record_as_its_own_answer_does(resource: str) -> None:
    async with visiting(unlimited(employees=12)) as visitor:
        for item in (await visitor.get(f"{resource}?limit=20")).items:
            assert (await visitor.get(f"{resource}/{item['id']}")).json == item


@pytest.mark.parametrize("resource", RESOURCES)
async def test_a_list_takes_every_parameter_that_the_reference_names(
    reference: Document, resource: str
) -> None:
    """With strict parameters, whatever the catalogue did not know would be a 400."""
    async with visiting(unlimited(strict_parameters=True)) as visitor:
        for name, value in documented(reference, resource):
            reply = await visitor.get(f"{resource}?{name}={value}")
            assert reply.status == 200, (name, value, reply.body)


def documented(reference: Document, resource: str) -> Iterator[tuple[str, str]]:
    for parameter in reference["paths"][f"/lucca-api/{resource}"]["get"]["parameters"]:
        if "$ref" in parameter:
            continue
        schema = parameter["schema"]
        for value in examples(schema):
            yield parameter["name"], value


def examples(schema: Document) -> list[str]:
    if "oneOf" in schema:
        return ["2026-01-01", "null"]
    if schema.get("format") == "date-range":
        return ["2026-01-01--2026-12-31", "2026-01-01--..", "..--2026-12-31"]
    if schema.get("format") == "date":
        return ["2026-01-01"]
    if schema["type"] == "boolean":
        return ["true", "false"]
    inner: dict[str, Any] = schema.get("items", schema)
    choices = inner.get("enum", ["1"])
    return [*choices, ",".join(choices)] if schema["type"] == "array" else list(choices)


async def test_every_problem_is_a_valid_problem(reference: Document) -> None:
    validator = problem_checker(reference)
    async with visiting() as visitor:
        replies = [
            await visitor.get("employees?limit=101&sort=shoeSize"),
            await visitor.get("employees/999999"),
            await visitor.get("employees", Authorization="Bearer nonsense"),
            await visitor.ask("DELETE", "/lucca-api/employees/1", headers=visitor.headers),
        ]
    assert [reply.status for reply in replies] == [400, 404, 401, 405]
    for reply in replies:
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert reply.json["status"] == reply.status
        validator.validate(reply.json)
