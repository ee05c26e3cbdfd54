"""Screens to read: the help, the diagnostics."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui.graph.marks import LEGEND
from tui.keys import KEYS, readable
from tui.screens.above import Above
from tui.store import Store
from tui.widgets.prose import Prose
from tui.widgets.prose_text import ProseText


class ReadingScreen(Above[None]):
    """A text in a frame that scrolls; Esc, q or the key that opened it goes back."""

    DEFAULT_CSS = """
    ReadingScreen { align: center middle; background: $background 60%; }
    ReadingScreen #sheet {
        width: 96; max-width: 96%; height: auto; max-height: 92%; background: $surface; border: round $primary;
        border-title-style: bold; border-title-color: $foreground; border-subtitle-color: $muted;
        padding: 1 1; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,D,exclamation_mark", "leave", "Back", id="reading.leave"),
        Binding("a", "app.approve", show=False, id="reading.approve"),
        Binding("j", "scroll(1)", show=False, id="reading.down"),
        Binding("k", "scroll(-1)", show=False, id="reading.up"),
    ]

    def __init__(self, title: str, text: Prose) -> None:
        super().__init__()
        self._title = title
        self.text = text

    def compose(self) -> ComposeResult:
        """The sheet."""
        sheet = VerticalScroll(ProseText(self.text), id="sheet")
        sheet.border_title = f" {self._title} "
        sheet.border_subtitle = " esc "
        yield sheet

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one("#sheet").focus()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)


def help_text(local: Sequence[tuple[str, str, str]], keymap: dict[str, str]) -> Prose:
    """Every key by what it is for, those of the focused part first; then what the marks mean.

    `local` holds (keys, description, id) of the focused widget; `keymap` the person's own keys by id.
    """
    prose = Prose()
    if local:
        prose.head("Here")
        for keys, description, _ in local:
            prose.row(readable(keys), description)
    for group in dict.fromkeys(key.group for key in KEYS):
        prose.head(group)
        for key in KEYS:
            if key.group == group:
                keys = keymap.get(key.id, key.keys)
                prose.row(readable(keys), key.help, aside=key.id if key.id in keymap else "")
    prose.head("Marks")
    for glyph, meaning in LEGEND:
        prose.row(glyph, meaning)
    prose.head("Your own keys and themes")
    prose.line('~/.config/greenroom/keys.toml     "app.approve" = "a,ctrl+a"')
    prose.line("~/.config/greenroom/themes/*.toml (start from a copy of themes/greenroom-dark.toml)")
    return prose


def messages_text(store: Store) -> Prose:
    """What was said to the person, the newest first."""
    prose = Prose()
    styles = {"error": "$status-failed", "warning": "$status-waiting"}
    for said in reversed(store.said):
        prose.row(
            time.strftime("%H:%M:%S", time.localtime(said.at)),
            said.text,
            styles.get(said.severity, ""),
            f"{said.times} times" if said.times > 1 else "",
        )
    if not store.said:
        prose.quiet("nothing so far")
    return prose


def diagnostics_text(store: Store) -> Prose:
    """Everything that is wrong: with the definition, with the person's settings, with the app itself."""
    prose = Prose()
    if store.diagnostics:
        prose.head("The definition", "the last good one goes on")
        for diagnostic in store.diagnostics:
            style = "$status-failed" if diagnostic.severity == "error" else "$status-waiting"
            first, *rest = diagnostic.render().splitlines()
            prose.line(first, style)
            for line in rest:
                prose.line(line)
            prose.line("")
    if store.problems:
        prose.head("greenroom")
        for problem in store.problems:
            prose.line(problem)
    if not store.diagnostics and not store.problems:
        prose.quiet("nothing is wrong")
    return prose
