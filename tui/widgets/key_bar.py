"""The line at the bottom: the keys that matter now, fewer where the screen is narrow, never a clipped one."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding
from textual.content import Content

from tui.graph.fitting import Item
from tui.keys import KEYS, readable
from tui.widgets.line import Line

MOST = 9
_RANKS = {key.id: key.rank for key in KEYS}


class KeyBar(Line):
    """Keys of the focused widget first, then the app's, as many as fit."""

    DEFAULT_CSS = """
    KeyBar { background: $panel; color: $foreground; }
    """

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def left(self) -> Sequence[Item]:
        """One item a key; `style` carries the key's text, so that `render` can set it apart."""
        shown: dict[str, Item] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in shown or not self._offered(binding):
                continue
            key = readable(binding.key)
            rank = _RANKS.get(binding.id or "", 2)
            shown[binding.action] = Item(f"{key} {self._word(binding)}", key, rank, binding.action)
        items = sorted(shown.values(), key=lambda item: item.rank)[:MOST]
        return [item for item in shown.values() if item in items]

    def _offered(self, binding: Binding) -> bool:
        """Whether the key would do something now."""
        offers = getattr(self.app, "offers", None)
        return not callable(offers) or bool(offers(binding.id or ""))

    def _word(self, binding: Binding) -> str:
        """What the key does now."""
        named = getattr(self.app, "named", None)
        return (named(binding.id or "") if callable(named) else "") or binding.description

    def render(self) -> Content:
        """Keys bold, words quiet."""
        parts: list[tuple[str, str] | str] = []
        for item in self.pieces():
            if item.style:
                parts.append((item.style, "bold $primary"))
                parts.append((item.text[len(item.style) :], "$muted"))
            else:
                parts.append(item.text)
        return Content.assemble(*parts)
