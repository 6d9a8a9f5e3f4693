"""Posts one message an event, at the pace that Slack bears."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import anyio
import msgspec

from lucca_connectors.slack.config import SlackConfig
from lucca_connectors.slack.render import render
from lucca_sync import (
    Abilities,
    Answer,
    CheckFailed,
    Connector,
    Delivery,
    Done,
    Outbound,
    Outcome,
    Reject,
    Retry,
    SecretUnreadable,
    Surroundings,
    Unanswered,
    Unrenderable,
    checked_url,
    outcome_of_status,
)

# Slack's error words (https://docs.slack.dev, "Handling errors" of incoming webhooks).
_ABOUT_THE_MESSAGE: Final = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
_FOR_A_PERSON: Final = frozenset(
    {
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "org_login_required",
        "posting_to_general_channel_denied",
        "team_disabled",
        "user_not_found",
    }
)
_JSON: Final = {"content-type": "application/json; charset=utf-8"}
_NOTHING: Final = b'{"text":""}'
_QUIET: Final = timedelta(seconds=30)
_MARGIN: Final = timedelta(seconds=10)


class SlackConnector(Connector[SlackConfig]):
    """One message at a time; when Slack asks for silence, nothing is sent until it ends."""

    Config = SlackConfig

    def __init__(self, config: SlackConfig, surroundings: Surroundings) -> None:
        super().__init__(config, surroundings)
        self._outbound = Outbound(allow=config.allow, timeout=config.timeout)
        self._next_turn = 0.0
        self._quiet_until = 0.0

    @property
    def abilities(self) -> Abilities:
        """One message at a time: the channel's limit is about one a second."""
        return Abilities(concurrency=1, time_limit=self.config.timeout + self.config.spacing + _MARGIN)

    async def check(self) -> None:
        """Post an empty message: Slack refuses it, with another word when the webhook itself is wrong."""
        try:
            answer = await self._outbound.post(self._url(), _NOTHING, _JSON)
        except (SecretUnreadable, ValueError, Unanswered) as error:
            raise CheckFailed(str(error)) from None
        outcome = self._outcome(answer)
        if isinstance(outcome, Retry) and not outcome.overloaded:
            raise CheckFailed(outcome.reason)

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Post them one after the other."""
        return [await self._post(delivery) for delivery in deliveries]

    async def close(self) -> None:
        """Close the connections."""
        await self._outbound.close()

    async def _post(self, delivery: Delivery) -> Outcome:
        try:
            body = render(self.config.template, delivery.event)
        except Unrenderable as error:
            return Reject(str(error))
        if body is None:
            return Done("the template had nothing to say")
        quiet = self._quiet_until - anyio.current_time()
        if quiet > 0:
            return Retry("Slack asked for silence", after=timedelta(seconds=quiet), overloaded=True)
        return await self._send(body)

    async def _send(self, body: bytes) -> Outcome:
        await anyio.sleep_until(self._next_turn)
        self._next_turn = anyio.current_time() + self.config.spacing.total_seconds()
        try:
            answer = await self._outbound.post(self._url(), body, _JSON)
        except (SecretUnreadable, ValueError) as error:
            return Retry(str(error))
        except Unanswered as silence:
            return Retry(silence.reason, possibly_sent=silence.possibly_sent)
        outcome = self._outcome(answer)
        if answer.status == 429 and isinstance(outcome, Retry):  # noqa: PLR2004 - Too Many Requests
            quiet = min(outcome.after or _QUIET, self.config.retry.retry_after_cap)
            self._quiet_until = anyio.current_time() + quiet.total_seconds()
        return outcome

    def _outcome(self, answer: Answer) -> Outcome:
        """Slack's word first, where it says one: it knows whether the message or the channel is at fault."""
        ok, word = _verdict(answer.body)
        if word in _ABOUT_THE_MESSAGE:
            return Reject(f"Slack refuses the message: {word}")
        if word in _FOR_A_PERSON:
            return Retry(f"Slack says {word}: the webhook or its channel needs a person")
        outcome = outcome_of_status(answer.status, answer.retry_after, self.surroundings.clock.now())
        return outcome if ok or not isinstance(outcome, Done) else Retry("Slack answered ok: false")

    def _url(self) -> str:
        return checked_url(self.config.secret_url.reveal(), self.config.allow)


def _verdict(body: bytes) -> tuple[bool, str]:
    """Whether Slack is content, and its error word, which comes bare or as `{"ok": false, "error": …}`."""
    try:
        decoded = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True, body.decode("ascii", "replace").strip()
    return decoded.get("ok") is not False, str(decoded.get("error", ""))
