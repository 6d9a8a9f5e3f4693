"""Mutants that listen badly to what Lucca tells by itself."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, LUCCA, Mutant

_DOOR: Final = "daemon/lucca_sync/server/hints.py"
_AT_THE_DOOR: Final = "tests/server/test_hints.py"

HEARING: Final[Sequence[Mutant]] = (
    Mutant(
        30,
        _DOOR,
        "new = await self.store.take_in(door.tenant, [hint])",
        "new = 1",
        f"{_AT_THE_DOOR}::test_a_store_that_refuses_makes_lucca_come_again",
    ),
    Mutant(
        31,
        _DOOR,
        'return _said(503, "not now")',
        'return _said(404, "not now")',
        f"{_AT_THE_DOOR}::test_nothing_under_hints_is_ever_not_found",
    ),
    Mutant(
        31,
        f"{INGEST}/endpoint.py",
        "await self.endpoints.activate(endpoint.id)",
        "pass",
        "tests/ingest/test_endpoint.py::test_a_suspended_endpoint_is_switched_on_again_and_the_hole_refilled",
    ),
    Mutant(
        32,
        _DOOR,
        '(b"echo", b"challenge")',
        '(b"echo",)',
        f"{_AT_THE_DOOR}::test_the_activation_challenge_is_echoed_byte_for_byte[challenge]",
    ),
    Mutant(
        32,
        _DOOR,
        '(b"echo", b"challenge")',
        '(b"challenge",)',
        f"{_AT_THE_DOOR}::test_the_activation_challenge_is_echoed_byte_for_byte[echo]",
    ),
    Mutant(
        33,
        f"{LUCCA}/signatures.py",
        'b64encode(hmac.digest(_bytes(secret), signed, "sha256"))',
        'b64encode(__import__("hashlib").sha256(_bytes(secret) + signed).digest())',
        "tests/lucca/test_signatures.py::test_it_is_base64_of_an_hmac_over_timestamp_dot_body",
    ),
    Mutant(
        33,
        _DOOR,
        "is_genuine(secrets, timestamp, signature, body, self.clock.now())",
        "is_genuine(\n"
        "            secrets,\n"
        "            timestamp,\n"
        "            signature,\n"
        '            __import__("json").dumps(__import__("json").loads(body)).encode(),\n'
        "            self.clock.now(),\n"
        "        )",
        f"{_AT_THE_DOOR}::test_the_signature_is_of_the_bytes_that_came_not_of_what_they_mean",
    ),
    Mutant(
        33,
        f"{LUCCA}/signatures.py",
        "return abs(now - sent) <= TOLERANCE",
        "return True",
        "tests/lucca/test_signatures.py::test_more_is_not",
    ),
    Mutant(
        34,
        f"{INGEST}/page.py",
        "late = {item.id for item in items if item.id in overtaken}",
        "late = set[str]()",
        "tests/eyes/test_reread.py::test_an_answer_that_was_overtaken_changes_nothing_back[update]",
    ),
    Mutant(
        34,
        f"{INGEST}/questions.py",
        "if own and hint.verb == DELETED:",
        'if own and hint.verb in {DELETED, "created"}:',
        "tests/ingest/test_hints.py::test_of_a_job_position_its_siblings_are_read_too",
    ),
    Mutant(
        35,
        "daemon/lucca_sync/journal/memory/hints.py",
        " if (tenant, hint.id) not in self._known}",
        "}",
        f"{_AT_THE_DOOR}::test_the_same_event_twice_is_one_hint",
    ),
    Mutant(
        35,
        f"{LUCCA}/feed.py",
        'f"{where} {name}"',
        "name",
        f"{_AT_THE_DOOR}::test_the_same_event_twice_is_one_hint",
    ),
    Mutant(
        36,
        f"{INGEST}/feed.py",
        "_repairing: bool = True",
        "_repairing: bool = False",
        "tests/ingest/test_feed.py::test_what_webhooks_failed_to_bring_is_fetched_at_the_start_and_once",
    ),
    Mutant(
        36,
        f"{INGEST}/feed.py",
        "        if not whole:\n            self._gap()\n",
        "",
        "tests/ingest/test_feed.py::test_a_gap_too_long_to_read_makes_the_sweeps_look",
    ),
    Mutant(
        37,
        f"{INGEST}/endpoint.py",
        "        self._show(active=state == ACTIVE)\n",
        "        self._show(active=True)\n",
        "tests/ingest/test_endpoint.py::test_an_endpoint_that_a_person_switched_off_is_left_alone",
    ),
    Mutant(
        38,
        "daemon/lucca_sync/app/registration.py",
        '                fill(made.secret.encode() + b"\\n")\n',
        "                pass\n",
        "tests/traps/test_secret_shown_once.py::"
        "test_the_secret_is_in_its_file_before_the_endpoint_is_switched_on",
    ),
)
