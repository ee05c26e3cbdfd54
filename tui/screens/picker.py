"""Where a directory holds several pipelines: which one?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.themes import DEFAULT, defaults, load_themes
from tui.widgets.prose import Prose


class PickerApp(App[int]):
    """Returns the index of the chosen one."""

    CSS = """
    Screen { align: center middle; background: $background; }
    #title { width: 72; max-width: 96%; padding: 0 1; height: auto; color: $foreground; text-style: bold; }
    #list {
        width: 72; max-width: 96%; min-width: 10; height: auto; max-height: 80%;
        background: $surface; border: round $primary; padding: 0 1; scrollbar-size-vertical: 1;
    }
    #hint { width: 72; max-width: 96%; padding: 0 1; height: auto; color: $muted; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "list_cursor('down')", show=False, id="picker.down"),
        Binding("k", "list_cursor('up')", show=False, id="picker.up"),
        Binding("escape,q", "leave", "Back", id="picker.leave"),
    ]

    def __init__(self, choices: Sequence[tuple[str, str]], *, theme: str | None = None) -> None:
        super().__init__()
        self._choices = choices
        themes = load_themes().loaded
        for found in themes.values():
            self.register_theme(found)
        wanted = theme if theme in themes else DEFAULT
        if wanted in themes:
            self.theme = wanted

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not have them."""
        return defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        """Question, answers, keys."""
        yield Static("Which pipeline?", id="title", markup=False)
        options = [self._option(index, *choice) for index, choice in enumerate(self._choices)]
        yield OptionList(*options, id="list")
        yield Static("enter opens · 1-9 opens at once · esc leaves", id="hint", markup=False)

    def _option(self, index: int, name: str, place: str) -> Option:
        number = str(index + 1) if index < 9 else " "
        return Option(Prose().spans((f"{number} ", "$muted"), (name, "bold"), (f"  {place}", "$muted")).content())

    def on_mount(self) -> None:
        """The list has the keys."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.exit(event.option_index)

    def on_key(self, event: events.Key) -> None:
        """A digit opens at once."""
        character = event.character or ""
        if character.isdigit() and 0 < int(character) <= len(self._choices):
            self.exit(int(character) - 1)

    def action_list_cursor(self, direction: str) -> None:
        """j and k."""
        getattr(self.query_one(OptionList), f"action_cursor_{direction}")()

    def action_leave(self) -> None:
        """Choose none."""
        self.exit(None)


def pick(choices: Sequence[tuple[str, str]], *, theme: str | None = None) -> int | None:
    """Ask which of these (name, where it is) to open. Returns its index; None when the person leaves."""
    return PickerApp(choices, theme=theme).run()
