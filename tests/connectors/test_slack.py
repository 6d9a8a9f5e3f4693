"""Slack messages: what a channel sees, and what a value cannot do to it."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lucca_connectors.slack import SlackConfig, SlackConnector
from lucca_connectors.slack.render import SECTION, WHOLE, escape, message
from lucca_sync import CheckFailed, Done, Event, Reject, Retry
from lucca_sync.testing import HttpTarget, Reply, http_target, made, opened, outcome_of
from lucca_sync.testing.events import an_event

JOINED = an_event(kind="created", record={"id": "1", "givenName": "Zoë <!channel> & Co"})


def section(receiver: HttpTarget, **more: object) -> dict[str, object]:
    base = {"type": "slack", "webhook_url": f"{receiver.url}/services/T0/B0/geheim", "allow": ["127.0.0.1"]}
    return {**base, "template": "*{{ record.givenName }}* joined", "spacing": "0s", **more}


async def posted(event: Event, template: str) -> dict[str, Any]:
    async with http_target() as receiver:
        async with opened(SlackConnector, section(receiver, template=template)) as connector:
            assert await outcome_of(connector, event) == Done("HTTP 204")
        payload: dict[str, Any] = json.loads(receiver.requests[0].body)
        return payload


def sections(payload: Mapping[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in payload["blocks"]]


async def test_a_message_is_blocks_with_a_fallback_text() -> None:
    payload = await posted(JOINED, "*{{ record.givenName }}* joined")
    text = "*Zoë &lt;!channel&gt; &amp; Co* joined"
    assert payload == {
        "text": text,
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


async def test_the_templates_own_text_stands() -> None:
    payload = await posted(JOINED, "<!here> <https://acme.ilucca.net/{{ subject }}|{{ record.givenName }}>")
    assert payload["text"] == "<!here> <https://acme.ilucca.net/employees/1|Zoë &lt;!channel&gt; &amp; Co>"


async def test_a_template_sees_the_whole_event() -> None:
    payload = await posted(
        an_event(),
        "{{ type }} {{ kind }} {{ subject }} {{ time }} {{ sequence }}: "
        "{% for c in changes %}{{ c.path }} {{ c.before }} → {{ c.after }}{% endfor %}, "
        "was {{ previous.givenName }}",
    )
    assert payload["text"] == (
        "lucca.employee.updated updated employees/1 2026-01-05T12:00:00.000Z 000000000001: "
        "/givenName Ada → Grace, was Ada"
    )


@given(st.text())
def test_no_value_can_mention_or_link(text: str) -> None:
    assert not set("<>") & set(escape(text))
    assert re.sub(r"&(amp|lt|gt);", "", escape(text)).count("&") == 0


@given(st.lists(st.text("ab &<>|\n\té🎉", min_size=1, max_size=200), max_size=150))
def test_any_text_keeps_within_slacks_limits(words: list[str]) -> None:
    payload: Any = message(" ".join(words).strip() or "x")
    pieces = sections(payload)
    assert len(pieces) <= 50
    assert all(0 < len(piece) <= SECTION for piece in pieces)
    assert sum(map(len, pieces)) <= WHOLE
    assert 0 < len(payload["text"]) <= SECTION


@given(
    st.lists(st.sampled_from(["a" * 90, "&amp;" * 30, "<https://example.org|b c>", "\n", "🎉"]), max_size=500)
)
def test_a_long_text_is_cut_only_between_words_and_nothing_in_between_is_lost(words: list[str]) -> None:
    text = " ".join(words).strip()
    payload: Any = message(text or "x")
    for piece in sections(payload):
        assert piece.count("<") == piece.count(">")
        assert piece.count("&") == piece.count(";")
    if text and len(text) <= WHOLE:
        assert "".join("".join(sections(payload)).split()) == "".join(text.split())


def test_what_is_too_long_is_visibly_shortened() -> None:
    payload: Any = message("word " * 10_000)
    assert sections(payload)[-1].endswith("… (shortened)")
    assert payload["text"].endswith("… (shortened)")


async def test_an_empty_message_is_not_sent() -> None:
    async with http_target() as receiver:
        quiet = section(receiver, template="{% if kind == 'deleted' %}left{% endif %}\n")
        async with opened(SlackConnector, quiet) as connector:
            assert await outcome_of(connector, JOINED) == Done("the template had nothing to say")
            assert receiver.requests == []


async def test_a_missing_field_is_rejected_by_name() -> None:
    async with http_target() as receiver:
        born = section(receiver, template="{{ record.birthDay }}")
        async with opened(SlackConnector, born) as connector:
            outcome = await outcome_of(connector, JOINED)
            assert outcome == Reject("template line 1: `birthDay` is missing in this event")
            assert receiver.requests == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(200, body=b"ok"), Done("HTTP 200")),
        (Reply(400, body=b"invalid_payload"), Reject("Slack refuses the message: invalid_payload")),
        (Reply(400, body=b"no_text"), Reject("Slack refuses the message: no_text")),
        (
            Reply(200, body=b'{"ok":false,"error":"msg_too_long"}'),
            Reject("Slack refuses the message: msg_too_long"),
        ),
        (
            Reply(404, body=b"no_service"),
            Retry("Slack says no_service: the webhook or its channel needs a person"),
        ),
        (
            Reply(410, body=b"channel_is_archived"),
            Retry("Slack says channel_is_archived: the webhook or its channel needs a person"),
        ),
        (
            Reply(410, body=b"<html>"),
            Retry("the target says that it is gone for good (HTTP 410)", gone=True),
        ),
        (Reply(500, body=b"rollup_error"), Retry("the target has a problem of its own (HTTP 500)")),
        (Reply(200, body=b'{"ok":false,"error":"geheim"}'), Retry("Slack answered ok: false")),
    ],
)
async def test_slacks_words_decide(reply: Reply, expected: object) -> None:
    async with http_target() as receiver, opened(SlackConnector, section(receiver)) as connector:
        receiver.reply = reply
        assert await outcome_of(connector, JOINED) == expected


async def test_after_429_nothing_is_sent_until_slack_wants_it() -> None:
    async with http_target() as receiver, opened(SlackConnector, section(receiver)) as connector:
        receiver.reply = Reply(
            429, {"Retry-After": "30"}, b'{"retry_after":30,"ok":false,"error":"rate_limited"}'
        )
        first = await outcome_of(connector, JOINED)
        assert isinstance(first, Retry)
        assert (first.after, first.overloaded) == (timedelta(seconds=30), True)
        receiver.reply = Reply(200)
        second = await outcome_of(connector, JOINED)
        assert isinstance(second, Retry)
        assert second.after is not None
        assert timedelta(0) < second.after <= timedelta(seconds=30)
        assert len(receiver.requests) == 1


@pytest.mark.leaping
async def test_messages_are_spaced_and_silence_ends() -> None:
    async with (
        http_target() as receiver,
        opened(SlackConnector, section(receiver, spacing="1.1s")) as connector,
    ):
        began = anyio.current_time()
        for _ in range(5):
            assert isinstance(await outcome_of(connector, JOINED), Done)
        assert anyio.current_time() - began >= 4 * 1.1
        receiver.reply = Reply(429, {"Retry-After": "60"})
        await outcome_of(connector, JOINED)
        receiver.reply = Reply(200)
        await anyio.sleep(61)
        assert isinstance(await outcome_of(connector, JOINED), Done)


def test_one_message_at_a_time() -> None:
    config = {"type": "slack", "webhook_url": "https://hooks.slack.com/x", "template": "x"}
    abilities = made(SlackConnector, config).abilities
    assert (abilities.max_batch, abilities.concurrency) == (1, 1)


async def test_check_recognises_a_good_webhook_without_posting() -> None:
    async with http_target() as receiver, opened(SlackConnector, section(receiver)) as connector:
        receiver.reply = Reply(400, body=b"no_text")
        await connector.check()
        assert json.loads(receiver.requests[0].body) == {"text": ""}


@pytest.mark.parametrize(
    "reply", [Reply(404, body=b"no_service"), Reply(403, body=b"invalid_token"), Reply(404)]
)
async def test_check_recognises_a_bad_webhook(reply: Reply) -> None:
    async with http_target() as receiver, opened(SlackConnector, section(receiver)) as connector:
        receiver.reply = reply
        with pytest.raises(CheckFailed) as caught:
            await connector.check()
        assert "geheim" not in str(caught.value)


async def test_the_url_may_stand_in_a_file_and_change(tmp_path: Path) -> None:
    file = tmp_path / "url"
    async with http_target() as receiver:
        from_file = section(receiver, webhook_url=None, webhook_url_file=str(file))
        async with opened(SlackConnector, from_file) as connector:
            assert isinstance(await outcome_of(connector, JOINED), Retry)
            file.write_text("http://user:geheim@example.org")
            outcome = await outcome_of(connector, JOINED)
            assert isinstance(outcome, Retry)
            assert "geheim" not in outcome.reason
            file.write_text(f"{receiver.url}/one\n")
            assert isinstance(await outcome_of(connector, JOINED), Done)
            assert [got.path for got in receiver.requests] == ["/one"]


GOOD: Mapping[str, object] = {
    "type": "slack",
    "webhook_url": "https://hooks.slack.com/geheim",
    "template": "x",
}


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({"template": "{{ x"}, "template", "line 1"),
        ({"template": 5}, "template", "must be text"),
        ({"webhook_url": "http://hooks.slack.com/geheim"}, "webhook_url", "https"),
        ({"webhook_url": None}, "webhook_url_file", "exactly one"),
        ({"webhook_url_file": "/run/geheim"}, "webhook_url_file", "exactly one"),
        ({"spacing": "soon"}, "spacing", "duration"),
        ({"channel": "geheim"}, "channel", "Extra inputs"),
    ],
)
def test_a_wrong_section_is_refused_at_the_key_and_shows_no_value(
    change: Mapping[str, object], where: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        SlackConfig.model_validate({**GOOD, **change})
    assert [error["loc"][0] for error in caught.value.errors()] == [where]
    assert "geheim" not in str(caught.value)
