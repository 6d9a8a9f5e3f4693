"""Mutants that reach for what is not meant, or mistake what a target has answered."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import MODEL, Mutant

_ANSWER: Final = f"{MODEL}/answer.py"
_KIT: Final = "daemon/lucca_sync/kit"
_EGRESS: Final = "daemon/lucca_sync/egress"
_WEBHOOK: Final = "connectors/lucca_connectors/webhook"
_ANSWERS: Final = "tests/connectors/test_answers.py"
_OUTBOUND: Final = "tests/connectors/test_outbound.py"
_ADDRESSES: Final = "tests/connectors/test_addresses.py"
_WEBHOOKS: Final = "tests/connectors/test_webhook.py"
_WINDOWS: Final = "tests/kit/test_windows.py"

REACHING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        _ANSWER,
        "gone=status == _GONE",
        "gone=False",
        f"{_ANSWERS}::test_a_target_that_is_gone_for_good_is_gone_for_every_event_so_the_event_waits",
    ),
    Mutant(
        "P1",
        _ANSWER,
        "overloaded=status in _OVERLOADED",
        "overloaded=False",
        f"{_ANSWERS}::test_an_overloaded_target_is_left_alone_for_longer",
    ),
    Mutant(
        "P1",
        _ANSWER,
        "    if 200 <= status < 300:",
        "    if 200 <= status < 400:",
        f"{_ANSWERS}::test_what_a_person_may_repair_is_tried_again",
    ),
    Mutant(
        "P1",
        _ANSWER,
        "    if status in _FINAL:\n",
        "    if 400 <= status < 500:\n",
        f"{_ANSWERS}::test_what_a_person_may_repair_is_tried_again",
    ),
    Mutant(
        "P1",
        _ANSWER,
        "min(max(asked, timedelta(0)), FOR_EVER)",
        "asked",
        f"{_ANSWERS}::test_a_wish_is_seconds_or_a_date_within_bounds",
    ),
    Mutant(
        "P1",
        f"{_KIT}/outbound.py",
        "possibly_sent=progress.sent",
        "possibly_sent=False",
        f"{_OUTBOUND}::test_no_answer_in_time_may_have_been_sent",
    ),
    Mutant(
        "P1",
        f"{_KIT}/outbound.py",
        "possibly_sent=progress.sent",
        "possibly_sent=True",
        f"{_OUTBOUND}::test_a_refused_connection_was_not_sent",
    ),
    Mutant(
        "P7",
        f"{_KIT}/outbound.py",
        "allow_redirects=False",
        "allow_redirects=True",
        f"{_OUTBOUND}::test_redirects_are_answers_and_not_followed",
    ),
    Mutant(
        "P7",
        f"{_KIT}/outbound.py",
        "trust_env=False",
        "trust_env=True",
        f"{_OUTBOUND}::test_a_proxy_from_the_environment_is_not_used",
    ),
    Mutant(
        "P7",
        f"{_KIT}/outbound.py",
        "                raise _Refused(refusal)\n",
        "",
        f"{_OUTBOUND}::test_loopback_is_not_reached_under_any_of_its_names",
    ),
    Mutant(
        "P7",
        f"{_KIT}/outbound.py",
        "        while len(body) < ANSWER_BYTES:\n"
        "            chunk = await response.content.read(ANSWER_BYTES - len(body))",
        "        while True:\n            chunk = await response.content.read(ANSWER_BYTES)",
        f"{_OUTBOUND}::test_an_endless_answer_is_read_only_so_far",
    ),
    Mutant(
        "P7",
        f"{_KIT}/addresses.py",
        "for form in (target, *_embedded(target)) for network in _NEVER",
        "for form in (target,) for network in _NEVER",
        f"{_ADDRESSES}::test_metadata_and_their_like_are_refused_even_when_everything_is_allowed",
    ),
    Mutant(
        "P7",
        f"{_KIT}/addresses.py",
        "return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address",
        "return address",
        f"{_ADDRESSES}::test_a_mapped_address_is_judged_as_the_one_inside",
    ),
    Mutant(
        "P7",
        f"{_KIT}/addresses.py",
        "    if not _public(target):\n",
        "    if False:\n",
        f"{_ADDRESSES}::test_what_is_not_public_is_refused_with_the_line_that_permits_it",
    ),
    Mutant(
        "P7",
        f"{_KIT}/addresses.py",
        'or add `allow: [{target}]`" if plain else None',
        'or add `allow: [{target}]`" if False else None',
        f"{_ADDRESSES}::test_plain_http_reaches_only_what_is_allowed",
    ),
    Mutant(
        "P1",
        f"{_WEBHOOK}/connector.py",
        "time_limit=self.config.timeout + _MARGIN",
        "time_limit=self.config.timeout - _MARGIN / 2",
        f"{_WEBHOOKS}::test_the_daemon_waits_longer_than_the_request_does",
    ),
    Mutant(
        "P4",
        f"{_WEBHOOK}/render.py",
        '"webhook-id": event.id',
        '"webhook-id": f"{event.id}{timestamp}"',
        f"{_WEBHOOKS}::test_a_repeat_has_the_same_id_and_a_new_timestamp",
    ),
    Mutant(
        "P1",
        f"{_WEBHOOK}/connector.py",
        "        return [signing_key(secret.reveal()) for secret in self._secrets]",
        "        return [signing_key(secret.reveal()) for secret in self._secrets[:1]]",
        f"{_WEBHOOKS}::test_while_secrets_change_over_both_verify",
    ),
    Mutant(
        "P7",
        f"{_EGRESS}/fate.py",
        'return "".join(char if char.isprintable() else " " for char in short)',
        "return short",
        "tests/egress/test_fate.py::test_a_reason_is_fit_for_any_log_and_store",
    ),
    Mutant(
        "P1",
        f"{_KIT}/windows.py",
        "return begins, max(end.astimezone(UTC) for end in ends)",
        "return begins, min(end.astimezone(UTC) for end in ends)",
        f"{_WINDOWS}::test_a_time_that_the_clock_shows_twice_is_waited_out_to_its_last",
    ),
    Mutant(
        "P1",
        f"{_KIT}/windows.py",
        "last = day if self.until > self.begins else day + _A_DAY",
        "last = day",
        f"{_WINDOWS}::test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins",
    ),
    Mutant(
        "P1",
        f"{_KIT}/supervision.py",
        "    if not expected():\n",
        "    if False:\n",
        "tests/kit/test_supervision.py::test_a_task_that_ends_unasked_is_an_incident",
    ),
)
