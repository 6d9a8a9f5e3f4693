"""Mutants that ask wrongly: for what isn't there, too little at a time, too fast, again and again."""

from collections.abc import Sequence
from typing import Final

from tests.traps.mutants.mutant import INGEST, LUCCA, MODEL, Mutant

_SIMULATOR: Final = "tests/lucca/test_against_the_simulator.py"

ASKING: Final[Sequence[Mutant]] = (
    Mutant(
        1,
        f"{MODEL}/catalogue.py",
        '        newest="-createdAt",\n        lists=_ID,\n        stable="id",\n',
        '        newest="-lastUpdatedAt",\n        lists=_ID,\n        stable="id",\n',
        "tests/traps/test_asking.py::test_no_eye_asks_for_a_filter_or_a_sort_that_is_not_documented[employees]",
    ),
    Mutant(
        2,
        f"{INGEST}/rounds.py",
        "if len(page.items) > len(asked) or any(self._stranger(item, asked) for item in page.items):",
        "if False:",
        "tests/ingest/test_stable.py::test_where_the_filter_is_not_honoured_sweeps_go_on_and_it_is_said_once",
    ),
    Mutant(
        2,
        f"{INGEST}/reread.py",
        "return item.id not in asked",
        "return False",
        "tests/eyes/test_reread.py::test_an_ignored_filter_is_noticed_said_once_and_gone_round",
    ),
    Mutant(
        2,
        f"{INGEST}/users.py",
        "return page.rows == 0",
        "return True",
        "tests/ingest/test_users.py::test_a_question_that_is_refused_or_ignored_is_not_asked_again",
    ),
    Mutant(
        2,
        f"{INGEST}/leave_delta.py",
        "return owners is not None and not owners",
        "return True",
        "tests/ingest/test_leaves.py::test_a_question_that_is_ignored_is_not_taken_for_an_answer",
    ),
    Mutant(
        3,
        f"{LUCCA}/paging.py",
        "return _spelled(resource.path, _with_links(query))",
        "return _spelled(resource.path, query)",
        f"{_SIMULATOR}::"
        "test_every_record_of_a_resource_is_reached_though_next_links_lose_what_was_asked[employees]",
    ),
    Mutant(
        4,
        f"{LUCCA}/paging.py",
        "return _spelled(path, _with_links(query))",
        "return _spelled(path, query)",
        "tests/lucca/test_paging.py::test_a_next_link_is_followed_with_links_and_limit_put_back",
    ),
    Mutant(
        4,
        f"{LUCCA}/paging.py",
        "_put_back(query, _parsed(urlsplit(asked).query) if asked else [])",
        "pass",
        "tests/lucca/test_paging.py::test_what_was_asked_before_is_put_back_too_but_not_the_old_page",
    ),
    Mutant(
        5,
        f"{LUCCA}/paging.py",
        'asked = {"limit": str(limit), **sort, **filters}',
        "asked = {**sort, **filters}",
        "tests/lucca/test_paging.py::test_a_first_page_asks_for_links_a_full_page_and_a_stable_order",
    ),
    Mutant(
        6,
        f"{LUCCA}/paging.py",
        "quote(value, safe='!,:')",
        "quote(value, safe='!,:+')",
        "tests/lucca/test_paging.py::test_a_plus_in_a_sort_key_is_sent_encoded",
    ),
    Mutant(
        7,
        f"{LUCCA}/share.py",
        "self._learned = Learned(level, self._times(level, now), 0.0)",
        "self._times(level, now)",
        "tests/lucca/test_learning.py::"
        "test_beside_others_there_is_at_most_one_refusal_a_minute_while_learning_and_none_after",
    ),
    Mutant(
        7,
        f"{LUCCA}/client.py",
        'await self._budget.take(purpose)\n        headers = {"Authorization": f"lucca application=',
        'headers = {"Authorization": f"lucca application=',
        "tests/lucca/test_legacy.py::test_both_apis_draw_on_one_budget",
    ),
    Mutant(
        8,
        f"{LUCCA}/budget.py",
        "return max(pause, full, self._pace.wait(now, lower))",
        "return max(pause, full)",
        "tests/lucca/test_governor.py::test_sweeps_are_spaced_evenly_and_use_what_there_is",
    ),
    Mutant(
        9,
        f"{LUCCA}/client.py",
        "if throttled or isinstance(trouble, TooHeavy) or tries.failed >= len(BACKOFF):",
        "if throttled or tries.failed >= len(BACKOFF):",
        "tests/lucca/test_client.py::test_408_is_not_sent_again_unchanged_whoever_asks_for_less_may_at_once",
    ),
    Mutant(
        9,
        f"{LUCCA}/paging.py",
        "if limit is None or limit <= LEAST_LIMIT or not _goes_on(query):",
        "if True:",
        "tests/lucca/test_paging.py::test_a_request_too_heavy_becomes_simpler_step_by_step_and_then_no_more",
    ),
    Mutant(
        9,
        f"{INGEST}/asking.py",
        "lighter = simpler(url)",
        "lighter = None",
        "tests/ingest/test_gaps.py::test_a_sweep_asks_for_less_at_once_when_a_page_is_too_heavy",
    ),
    Mutant(
        10,
        f"{INGEST}/patience.py",
        "_REFUSED_PAUSE: Final = 600.0",
        "_REFUSED_PAUSE: Final = 1.0",
        "tests/ingest/test_trouble.py::test_what_a_person_must_repair_is_shown_once_and_left_alone_for_long",
    ),
    Mutant(
        10,
        f"{LUCCA}/client.py",
        "elif reply.status == _THROTTLED:",
        "elif reply.status in {_THROTTLED, _FORBIDDEN}:",
        "tests/lucca/test_client.py::test_403_names_the_scope_and_is_not_repeated",
    ),
    Mutant(
        21,
        f"{LUCCA}/paging.py",
        'asked = {"limit": str(limit), **sort, **filters}',
        'asked = {"limit": str(limit), "isArchived": "false", **sort, **filters}',
        "tests/traps/test_asking.py::"
        "test_archived_records_are_read_like_any_other_and_archiving_deletes_nobody",
    ),
    Mutant(
        25,
        "daemon/lucca_sync/app/translate.py",
        '",".join(wanted.definitions)',
        '",".join(one.removeprefix("employee.") for one in wanted.definitions)',
        "tests/traps/test_asking.py::test_definitions_are_asked_for_by_whatever_id_the_settings_say",
    ),
    Mutant(
        29,
        f"{LUCCA}/auth.py",
        "max(life - EARLY, life / 2)",
        "life",
        "tests/lucca/test_auth.py::test_a_token_is_renewed_a_minute_before_it_ends",
    ),
    Mutant(
        29,
        f"{LUCCA}/auth.py",
        "token = self._kept(scope) or await self._asked(scope, failures)",
        "token = await self._asked(scope, failures)\n                self._token = None",
        "tests/lucca/test_auth.py::test_fifty_requests_at_once_share_one_token",
    ),
    Mutant(
        29,
        "daemon/lucca_sync/model/catalogue.py",
        "<= MAX_SCOPE_CHARACTERS:",
        "<= 1_000_000:",
        "tests/lucca/test_access.py::test_scopes_beyond_what_one_token_carries_are_refused_with_both_figures",
    ),
    Mutant(
        29,
        f"{LUCCA}/auth.py",
        '"scope": " ".join(scopes),',
        '"scope": ",".join(scopes),',
        "tests/lucca/test_auth.py::test_it_signs_in_by_a_form_with_all_scopes_sorted",
    ),
    Mutant(
        54,
        f"{LUCCA}/client.py",
        "                self._announce_end(resource, reply)\n",
        "",
        "tests/lucca/test_client.py::test_an_announced_end_is_logged_once_a_resource",
    ),
    Mutant(
        54,
        f"{MODEL}/catalogue.py",
        'path="/api/v3/leaveRequests",',
        'path="/api/leaveRequests",',
        "tests/traps/test_asking.py::test_nothing_that_lucca_has_shut_down_is_asked_for",
    ),
)
