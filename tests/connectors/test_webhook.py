"""Signed webhooks, read by other people's libraries."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from lucca_connectors.webhook import WebhookConfig, WebhookConnector
from lucca_connectors.webhook.render import render, sign, signing_key
from lucca_sync import CheckFailed, Done, Reject, Retry
from lucca_sync.testing import (
    HttpTarget,
    Reply,
    Request,
    StandingClock,
    an_event,
    http_target,
    made,
    opened,
    outcome_of,
)
from lucca_sync.testing.events import NOON

OLD = "whsec_" + b64encode(b"o" * 24).decode()
NEW = "whsec_" + b64encode(b"n" * 64).decode()
FRENCH = an_event(record={"id": "1", "givenName": "Zoë", "familyName": "L’Écuyer – 日本 🎉"})


def section(receiver: HttpTarget, **more: object) -> dict[str, object]:
    return {"type": "webhook", "url": f"{receiver.url}/hook", "allow": ["127.0.0.1"], "secret": NEW, **more}


def verified(got: Request, secret: str) -> object:
    return Webhook(secret).verify(got.body, {name.lower(): text for name, text in got.headers.items()})


class RealTime:
    """The independent verifier compares with the machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - see above


async def test_the_signature_is_accepted_by_an_independent_library() -> None:
    async with (
        http_target() as receiver,
        opened(WebhookConnector, section(receiver), RealTime()) as connector,
    ):
        assert await outcome_of(connector, FRENCH) == Done("HTTP 204")
        (got,) = receiver.requests
        assert verified(got, NEW) == FRENCH.cloudevent()
        with pytest.raises(WebhookVerificationError):
            verified(got, OLD)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "body"])
async def test_what_was_tampered_with_is_not_accepted(header: str) -> None:
    body, headers = render(FRENCH, [signing_key(NEW)], RealTime().now())
    tampered = {**headers, header: headers.get(header, "") + "0"}
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body + b" " if header == "body" else body, tampered)


def test_the_published_vector_is_reproduced() -> None:
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_body_is_a_cloudevent_to_the_cloudevents_sdk() -> None:
    async with http_target() as receiver, opened(WebhookConnector, section(receiver)) as connector:
        await outcome_of(connector, FRENCH)
        (got,) = receiver.requests
        event = from_http_event(HTTPMessage(dict(got.headers), got.body), JSONFormat())
        assert (event.get_id(), event.get_source(), event.get_type(), event.get_subject()) == (
            FRENCH.id,
            "https://acme.ilucca.net",
            "lucca.employee.updated",
            "employees/1",
        )
        assert event.get_data() == FRENCH.data


async def test_the_headers_are_those_of_the_standard() -> None:
    async with http_target() as receiver, opened(WebhookConnector, section(receiver)) as connector:
        await outcome_of(connector, FRENCH)
        headers = {name.lower(): text for name, text in receiver.requests[0].headers.items()}
        assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        assert headers["webhook-id"] == FRENCH.id
        assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
        assert "." not in headers["webhook-id"]


async def test_a_repeat_has_the_same_id_and_a_new_timestamp() -> None:
    clock = StandingClock()
    async with http_target() as receiver, opened(WebhookConnector, section(receiver), clock) as connector:
        await outcome_of(connector, FRENCH)
        clock.move(timedelta(minutes=10))
        await outcome_of(connector, FRENCH)
        first, second = ({k.lower(): v for k, v in got.headers.items()} for got in receiver.requests)
        assert first["webhook-id"] == second["webhook-id"]
        assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 600


async def test_while_secrets_change_over_both_verify() -> None:
    async with http_target() as receiver:
        both = section(receiver, previous_secret=OLD)
        async with opened(WebhookConnector, both, RealTime()) as connector:
            await outcome_of(connector, FRENCH)
            for secret in (OLD, NEW):
                verified(receiver.requests[0], secret)


async def test_a_secret_in_a_file_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(OLD + "\n")
    async with http_target() as receiver:
        from_file = section(receiver, secret=None, secret_file=str(file))
        async with opened(WebhookConnector, from_file, RealTime()) as connector:
            await outcome_of(connector, FRENCH)
            file.write_text(NEW)
            await outcome_of(connector, FRENCH)
            verified(receiver.requests[0], OLD)
            verified(receiver.requests[1], NEW)


@pytest.mark.parametrize("content", [None, "", "not a secret, geheim"])
async def test_a_secret_file_that_cannot_be_used_delays_and_is_named(
    content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_text(content)
    async with http_target() as receiver:
        from_file = section(receiver, secret=None, secret_file=str(file))
        async with opened(WebhookConnector, from_file) as connector:
            outcome = await outcome_of(connector, FRENCH)
            assert isinstance(outcome, Retry)
            assert "secret" in outcome.reason
            assert "geheim" not in outcome.reason
            assert receiver.requests == []
            with pytest.raises(CheckFailed):
                await connector.check()


async def test_extra_headers_are_sent() -> None:
    async with http_target() as receiver:
        extra = section(receiver, headers={"Authorization": "Bearer abc"})
        async with opened(WebhookConnector, extra) as connector:
            await outcome_of(connector, FRENCH)
            assert receiver.requests[0].headers["Authorization"] == "Bearer abc"


async def test_what_the_target_answers_decides() -> None:
    async with http_target() as receiver, opened(WebhookConnector, section(receiver)) as connector:
        receiver.reply = Reply(
            503, {"Retry-After": "Mon, 05 Jan 2026 12:01:00 GMT"}, b"Zo\xc3\xab is unknown"
        )
        outcome = await outcome_of(connector, FRENCH)
        assert isinstance(outcome, Retry)
        assert (outcome.after, outcome.overloaded) == (timedelta(minutes=1), True)
        assert "Zoë" not in outcome.reason
        receiver.reply = Reply(422)
        assert isinstance(await outcome_of(connector, FRENCH), Reject)
        receiver.reply = Reply(410)
        gone = await outcome_of(connector, FRENCH)
        assert isinstance(gone, Retry)
        assert gone.gone


@pytest.mark.leaping
async def test_no_answer_is_possibly_sent() -> None:
    async with http_target() as receiver, opened(WebhookConnector, section(receiver)) as connector:
        await receiver.become("slow")
        outcome = await outcome_of(connector, FRENCH)
        assert outcome == Retry("127.0.0.1: no answer in time", possibly_sent=True)


async def test_the_daemon_waits_longer_than_the_request_does() -> None:
    config = {
        "type": "webhook",
        "url": "https://example.org",
        "secret": NEW,
        "timeout": "5m",
        "concurrency": 3,
    }
    abilities = made(WebhookConnector, config).abilities
    assert abilities.time_limit > timedelta(minutes=5)
    assert (abilities.max_batch, abilities.concurrency) == (1, 3)


async def test_check_asks_without_posting_and_takes_any_answer() -> None:
    async with http_target() as receiver, opened(WebhookConnector, section(receiver)) as connector:
        receiver.reply = Reply(405)
        await connector.check()
        assert [got.method for got in receiver.requests] == ["OPTIONS"]


async def test_check_names_the_line_that_would_permit_the_target() -> None:
    async with http_target() as receiver:
        closed = section(receiver, allow=["10.0.0.0/8"])
        async with opened(WebhookConnector, closed) as connector:
            with pytest.raises(CheckFailed, match=r"add `allow: \[127\.0\.0\.1\]`"):
                await connector.check()


GOOD: Mapping[str, object] = {"type": "webhook", "url": "https://example.org/hook", "secret": NEW}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"url": "http://example.org"}, "url"),
        ({"url": "https://geheim@example.org"}, "url"),
        ({"secret": "geheim"}, "secret"),
        ({"secret": "whsec_geheim"}, "secret"),
        ({"secret": "whsec_" + b64encode(b"x" * 23).decode()}, "secret"),
        ({"secret": "whsec_" + b64encode(b"x" * 65).decode()}, "secret"),
        ({"secret": NEW.removeprefix("whsec_")}, "secret"),
        ({"secret": None}, "secret_file"),
        ({"secret_file": "/run/geheim"}, "secret_file"),
        ({"previous_secret": OLD, "previous_secret_file": "/run/geheim"}, "previous_secret_file"),
        ({"previous_secret": "geheim"}, "previous_secret"),
        ({"headers": {"Content-Type": "geheim"}}, "headers"),
        ({"headers": {"Webhook-Id": "geheim"}}, "headers"),
        ({"headers": {"X-A": "geheim\r\nX-B: 1"}}, "headers"),
        ({"headers": {"X A": "geheim"}}, "headers"),
        ({"headers": {"X-A": "gehéim"}}, "headers"),
        ({"concurrency": 0}, "concurrency"),
        ({"timeout": "0s"}, "timeout"),
        ({"allow": ["10.0.0.1/8"]}, "allow"),
        ({"urll": "geheim"}, "urll"),
    ],
)
def test_a_wrong_section_is_refused_at_the_key_and_shows_no_value(
    change: Mapping[str, object], where: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhookConfig.model_validate({**GOOD, **change})
    assert [error["loc"][0] for error in caught.value.errors()] == [where]
    assert "geheim" not in str(caught.value)


def test_the_url_is_not_shown_because_it_may_be_a_secret() -> None:
    config = WebhookConfig.model_validate({**GOOD, "url": "https://example.org/geheim"})
    assert "geheim" not in f"{config!r} {config}"


@given(st.text(max_size=80))
def test_what_is_no_secret_is_refused_in_words(text: str) -> None:
    try:
        key = signing_key(text)
    except ValueError as error:
        assert "whsec_" in str(error)  # noqa: PT017 - both ways out are right
    else:
        assert 24 <= len(key) <= 64


@given(st.binary(min_size=24, max_size=64), st.text(), st.integers(0, 2**33))
def test_any_key_and_value_verifies_against_the_bytes_sent(key: bytes, name: str, seconds: int) -> None:
    event = an_event(record={"id": "1", "givenName": name})
    body, headers = render(event, [key], datetime.fromtimestamp(seconds, UTC))
    expected = sign(key, event.id, seconds, body)
    assert headers["webhook-signature"] == expected
    assert json.loads(body) == event.cloudevent()
