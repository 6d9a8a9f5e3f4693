"""Bends the query string of a list the way a tenant would that behaves differently than documented."""

from lucca_sync.simulator.answers.conditions import read_number
from lucca_sync.simulator.answers.problems import bad_parameters
from lucca_sync.simulator.answers.query import DEFAULT_LIMIT, Parameters
from lucca_sync.simulator.server.faults import Mischief
from lucca_sync.simulator.server.stats import Stats

_INVALID = "The value is not valid: {why}."


class Bender:
    """Drops parameters, or refuses the request for their sake, and counts each time it did."""

    def __init__(self, mischief: Mischief, stats: Stats) -> None:
        self._mischief = mischief
        self._stats = stats

    def bend(self, parameters: Parameters) -> Parameters:
        """Return what the tenant makes of a list's parameters, or raise a 400."""
        self._check_limit(parameters)
        return self._paged(self._without_ignored(parameters))

    def _check_limit(self, parameters: Parameters) -> None:
        largest = self._mischief.standing.max_limit
        asked = dict(parameters).get("limit")
        size = DEFAULT_LIMIT if asked is None else read_number(asked)
        if largest is not None and size is not None and size > largest:
            self._stats.meet("max-limit")
            raise _refusal("limit", f"a number from 0 to {largest}")

    def _without_ignored(self, parameters: Parameters) -> Parameters:
        ignored = self._mischief.standing.ignored_filters
        kept = [(name, value) for name, value in parameters if name.removeprefix("-") not in ignored]
        if len(kept) < len(parameters):
            self._stats.meet("ignored-filter")
        return kept

    def _paged(self, parameters: Parameters) -> Parameters:
        page = dict(parameters).get("page")
        if page is None:
            return parameters
        standing = self._mischief.standing
        if read_number(page) is None:
            if self._mischief.strikes(standing.dead_cursors):
                self._stats.meet("dead-cursor")
                raise _refusal("page", "the page token is not known any more")
            return parameters
        if standing.page_numbers == "honoured":
            return parameters
        self._stats.meet(f"page-number-{standing.page_numbers}")
        if standing.page_numbers == "refused":
            raise _refusal("page", "a page token")
        return [(name, value) for name, value in parameters if name != "page"]


def _refusal(name: str, why: str) -> Exception:
    return bad_parameters({name: [_INVALID.format(why=why)]})
