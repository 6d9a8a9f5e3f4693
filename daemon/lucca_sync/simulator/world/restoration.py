"""What a sandbox restored from production looks like: the same content under other ids, or newly stamped."""

import re

from lucca_sync.simulator.shapes import Json, View
from lucca_sync.simulator.world.days import moment_text

STEP = 1_000_000
"""By how much each restoration moves the ids."""
_NUMBER = re.compile(r"(?<=[/=])\d+(?=$|&)")
_STAMPS = ("createdAt", "lastUpdatedAt")


class Restoration:
    """Moves ids and instants on their way out, and ids back on their way in."""

    def __init__(self) -> None:
        self._shift = 0
        self._stamp = ""

    def replace_ids(self) -> None:
        """Show every numeric id of the tenant as another one from now on."""
        self._shift += STEP

    def move_timestamps(self, now: int) -> None:
        """Show everything as written now that was written before; `now` in milliseconds since 1970."""
        self._stamp = moment_text(now)

    def shown(self, public_id: str) -> str:
        """Return what an id is shown as."""
        return str(int(public_id) + self._shift) if self._shift and _is_number(public_id) else public_id

    def kept(self, shown: str) -> str:
        """Return the id behind one that is shown; those of before the restoration lead nowhere."""
        return str(int(shown) - self._shift) if self._shift and _is_number(shown) else shown

    def bend(self, view: View) -> View:
        """Return a view as it is shown."""
        if self._stamp:
            view = {**view, **{name: max(str(view[name]), self._stamp) for name in _STAMPS if name in view}}
        if not self._shift:
            return view
        return {name: self._shifted(value) for name, value in self._own(view).items()}

    def shift_links(self, links: View) -> View:
        """Return links that lead to the ids shown."""
        return {name: self._leading(value) for name, value in links.items()} if self._shift else links

    def _own(self, view: View) -> View:
        """Return a record or a reference with its own id and address moved."""
        public_id, url = view.get("id"), view.get("url")
        if not isinstance(public_id, str):
            return view
        moved: View = {"id": self.shown(public_id)}
        if isinstance(url, str):
            moved["url"] = f"{url.rpartition('/')[0]}/{self.shown(public_id)}"
        return {**view, **moved}

    def _shifted(self, value: Json) -> Json:
        if isinstance(value, list):
            return [self._shifted(item) for item in value]
        if isinstance(value, dict):
            return {name: self._shifted(item) for name, item in self._own(value).items()}
        return value

    def _leading(self, link: Json) -> Json:
        href = link.get("href") if isinstance(link, dict) else None
        if not isinstance(href, str):
            return link
        return {"href": _NUMBER.sub(lambda found: self.shown(found.group()), href)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
