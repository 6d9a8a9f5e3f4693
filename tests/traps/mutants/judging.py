"""Mutants of what judges others: the kit for authors of connectors, the oracle of the crash suite."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import Mutant

_KIT: Final = "daemon/lucca_sync/testing/connectors"
_FOUND: Final = (
    "tests/connectors/test_contract_kit.py::"
    "test_a_fault_is_found_by_the_test_that_is_about_it_and_by_no_other"
)
_ORACLE: Final = "tests/crash/oracle.py"
_ABOUT_IT: Final = "tests/crash/test_oracle.py"

JUDGING: Final[Sequence[Mutant]] = (
    Mutant(
        "P1",
        f"{_KIT}/declaring.py",
        '            expect(abilities.linger.total_seconds() >= 0, "linger must not be negative")\n',
        "",
        f"{_FOUND}[ClaimsTheImpossible]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/declaring.py",
        '            expect(complaint is not None, "the unknown key surely_no_such_key was accepted")\n',
        "            complaint\n",
        f"{_FOUND}[TakesAnyKey]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/declaring.py",
        '                expect(secret not in f"{config!r} {config}", "the config\'s repr shows a secret")\n',
        "                secret\n",
        f"{_FOUND}[ShowsThePassword]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/delivering.py",
        "                await all_done(connector, batch)\n"
        "                sent += batch\n"
        '            expect(await ids_at(scene) == ids(sent), "the target got something else")\n',
        "                await all_done(connector, batch)\n                sent += batch\n",
        f"{_FOUND}[TurnsAround]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/suite.py",
        '    expect(len(outcomes) == len(batch), "one outcome for each delivery")\n',
        "",
        f"{_FOUND}[AnswersTwice]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/delivering.py",
        '            expect(not done[1], "the poisoned delivery was answered as done")\n',
        "",
        f"{_FOUND}[SaysThatThePoisonIsDone]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/delivering.py",
        '            expect(len(kept) == 1, "a repeat brought other content under the same id")\n',
        "",
        f"{_FOUND}[TellsTheAttempt]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/delivering.py",
        '            expect(delivery.event.cloudevent() == before, "the event was changed")\n',
        "            before\n",
        f"{_FOUND}[ChangesTheEvent]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/discretion.py",
        '            expect(CANARY not in text, f"a record\'s value stands in {where}")\n',
        "            where, text\n",
        f"{_FOUND}[QuotesTheRecord]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/discretion.py",
        '                expect(secret not in text, f"a secret stands in {where}")\n',
        "                where, text\n",
        f"{_FOUND}[WearsThePassword]",
    ),
    Mutant(
        "P7",
        f"{_KIT}/discretion.py",
        "    root.addHandler(handler)\n",
        "",
        f"{_FOUND}[LogsByTheStandardLibrary]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/living.py",
        "        expect(not left, f\"still running after close: {', '.join(left)}\")\n",
        "        left\n",
        f"{_FOUND}[LeavesATask]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/living.py",
        '            expect(not await ids_at(scene), "check left something at the target")\n',
        "",
        f"{_FOUND}[ChecksByPosting]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/trouble.py",
        '            expect(isinstance(outcome, Done) or _possibly(outcome), f"{outcome!r} to a lost '
        'answer")\n',
        "            outcome\n",
        f"{_FOUND}[TakesALostAnswerForAFailure]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/trouble.py",
        '                expect(_possibly(outcome), f"{outcome!r} to a target that never answered")\n',
        "                outcome\n",
        f"{_FOUND}[TakesATimeOutForAFailure]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/trouble.py",
        '                expect(bool(getattr(outcome, "reason", "")), "an outcome must say why")\n',
        "",
        f"{_FOUND}[GivesNoReason]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/pressure.py",
        '            expect(at_once <= allowed, f"{at_once} requests at once, where concurrency is '
        '{allowed}")\n',
        "            at_once, allowed\n",
        f"{_FOUND}[AsksForAllAtOnce]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/pressure.py",
        '            expect(not early, "answered as done before the target had it")\n',
        "            early\n",
        f"{_FOUND}[AnswersTooSoon]",
    ),
    Mutant(
        "P1",
        f"{_KIT}/pressure.py",
        '            expect(kept < _MANY // 2, f"{kept} of {_MANY} deliveries were kept after they had '
        'been answered")\n',
        "            kept\n",
        f"{_FOUND}[KeepsEverything]",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *_intact(run.arrivals),\n",
        "",
        f"{_ABOUT_IT}::test_other_bytes_under_one_id_are_not_intact",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *_identified(run),\n",
        "",
        f"{_ABOUT_IT}::test_a_change_with_two_ids_is_not_identified",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *_settled(run, {route.name for route in routes}),\n",
        "",
        f"{_ABOUT_IT}::test_what_the_store_calls_done_does_not_stand_for_an_arrival",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *_fresh(run, routes),\n",
        "",
        f"{_ABOUT_IT}::test_a_fresh_change_that_came_only_before_the_faults_ended_is_missed",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *_derived(run),\n",
        "",
        f"{_ABOUT_IT}::test_a_business_event_that_never_arrived_is_wrong",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *_void(figures, seen),\n",
        "",
        f"{_ABOUT_IT}::test_a_run_without_acknowledgements_is_void",
    ),
    Mutant(
        "P1",
        _ORACLE,
        "        *chain.from_iterable(_conserved(run, route, figures) for route in routes),\n",
        "",
        f"{_ABOUT_IT}::test_a_change_that_never_arrived_is_lost",
    ),
    Mutant(
        "P3",
        _ORACLE,
        "if number < before or (one.route in gapless and missed - dead):",
        "if one.route in gapless and missed - dead:",
        f"{_ABOUT_IT}::test_a_step_back_is_out_of_order",
    ),
    Mutant(
        "P3",
        _ORACLE,
        "if number < before or (one.route in gapless and missed - dead):",
        "if number < before:",
        f"{_ABOUT_IT}::test_a_first_arrival_that_passes_another_is_out_of_order_unless_that_is_dead",
    ),
)
