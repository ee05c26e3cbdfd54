"""The command palette: every key's command by name, and every action of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from tui.keys import KEYS, readable

if TYPE_CHECKING:
    from tui.app import GreenroomApp


class Commands(Provider):
    """Commands and places."""

    def _commands(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        app = cast("GreenroomApp", self.app)
        for key in KEYS:
            keys = app.keys_of(key.id) or key.keys
            if key.action != "command_palette":
                yield key.help, f"{readable(keys)}", partial(app.run_action, key.action)
        for node in app.store.picture().actions:
            yield f"Go to {node.stage}/{node.name}", node.state, partial(app.go_to, node.key)

    async def discover(self) -> Hits:
        """Everything, in its order."""
        for name, aside, run in self._commands():
            yield DiscoveryHit(_line(Content(name), aside), run, text=name)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for name, aside, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, _line(matcher.highlight(name), aside), run, text=name)


def _line(name: Content, aside: str) -> Content:
    """Name and key on one line."""
    return Content.assemble(name, (f"   {aside}", "$muted"))
