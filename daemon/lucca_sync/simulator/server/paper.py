"""Puts a page on the wire: its ETag, its compression, and what differs from one answer to the next."""

import gzip
from http import HTTPStatus
from itertools import count

from aiohttp import web

from lucca_sync.simulator.answers.pages import FAST, Page
from lucca_sync.simulator.answers.tokens import PageTokens
from lucca_sync.simulator.server.gate import API_VERSION, Gate
from lucca_sync.simulator.world.row import PORTRAIT_TOKEN

JSON = "application/json; charset=utf-8"


class Paper:
    """Answers with pages, or with 304 when the client holds the page already."""

    def __init__(self, cursors: PageTokens, gate: Gate) -> None:
        self._cursors = cursors
        self._gate = gate
        self._options = gate.options
        self._portrait_calls = count(1)

    def response(self, request: web.Request, page: Page, *, is_list: bool) -> web.Response:
        """Return the answer to a request for a page."""
        portrait_token = f"eyJ{next(self._portrait_calls):012x}" if page.has_portraits else ""
        etag = self.etag(page, portrait_token)
        headers = {"Api-Version": API_VERSION, **({"ETag": etag} if self._options.etags else {})}
        if self._options.etags and self._is_held(request, etag, is_list=is_list):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers["Content-Type"] = JSON
        body = self._body(page, portrait_token)
        if self._options.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = page.packed if body is None else gzip.compress(body, FAST, mtime=0)
        return web.Response(body=page.body() if body is None else body, headers=headers)

    def etag(self, page: Page, portrait_token: str = "") -> str:
        """Return the weak ETag of a page."""
        if self._options.etags_follow_portraits and portrait_token:
            return f'W/"{page.digest}-{portrait_token}"'
        return f'W/"{page.digest}"'

    def _is_held(self, request: web.Request, etag: str, *, is_list: bool) -> bool:
        if not matches(request.headers.get("If-None-Match"), etag):
            return False
        if is_list and self._gate.mischief.standing.ignore_if_none_match:
            self._gate.stats.meet("ignored-if-none-match")
            return False
        return True

    def _body(self, page: Page, portrait_token: str) -> bytes | None:
        """Return what the page becomes in this one answer, None if it goes out as it was kept."""
        if not page.has_portraits and self._options.stable_cursors:
            return None
        body = page.body().replace(PORTRAIT_TOKEN.encode(), portrait_token.encode())
        return self._cursors.finished(body)


def matches(header: str | None, etag: str) -> bool:
    """Say whether the client holds this representation; the weak mark may be left out."""
    if header is None:
        return False
    held = {item.strip().removeprefix("W/") for item in header.split(",")}
    return "*" in held or etag.removeprefix("W/") in held
