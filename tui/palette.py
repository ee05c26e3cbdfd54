"""The command palette: what can be done here, every key's command by name, and every action of the pipeline.

It opens from everywhere. A command that is not about what lies above the main screen leaves that first, as Esc does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from tui.keys import KEYS, readable
from tui.widgets._log_keys import PANE_KEYS

if TYPE_CHECKING:
    from tui.app import GreenroomApp


class Commands(Provider):
    """Commands and places."""

    def _commands(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        app = cast("GreenroomApp", self.app)
        yield from self._here(app)
        for key in KEYS:
            keys = app.keys_of(key.id) or key.keys
            if key.action != "command_palette":
                yield key.help, f"{readable(keys)}", partial(app.from_anywhere, key.action)
        for binding in _log_only():
            keys = app.keys_of(binding.id or "") or binding.key
            command = partial(app.from_anywhere, f"log({binding.action!r})")
            yield f"Log: {binding.description.lower()}", readable(keys), command
        yield "Change the colours: choose a theme", "", app.search_themes
        yield "Read the theme files again", "", app.reload_themes
        yield "Save a picture of the screen (SVG)", "", app.deliver_screenshot
        for node in app.store.picture().nodes:
            yield f"Go to {node.stage}/{node.text}", node.state, partial(app.from_anywhere, f"go_to({node.key!r})")

    def _here(self, app: GreenroomApp) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        """What the screen or dialog in front can do, where that is not the main one."""
        from tui.screens.main import MainScreen
        from tui.widgets.choice import Choice

        if isinstance(self.screen, MainScreen):
            return
        choices = {choice.label: choice for choice in self.screen.query(Choice)}
        for label, choice in choices.items():
            yield f"Here: {label}", choice.key, choice.action_take
        for binding, node in app.local_bindings(self.screen, self.focused):
            if binding.description not in choices:
                keys = app.keys_of(binding.id or "") or binding.key
                yield f"Here: {binding.description}", readable(keys), partial(app.run_action, binding.action, node)

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


def _log_only() -> list[Binding]:
    """Commands of the log that have no key elsewhere."""
    shared = {key.id.removeprefix("app.") for key in KEYS}
    found = [binding for binding in PANE_KEYS if isinstance(binding, Binding)]
    return [binding for binding in found if (binding.id or "").removeprefix("log.") not in shared]


def _line(name: Content, aside: str) -> Content:
    """Name and key on one line."""
    return Content.assemble(name, (f"   {aside}", "$muted")) if aside else name
