"""The frame of the screens beside the main one: a title, what waits for the person, the body, a filter, the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.graph.fitting import Item
from tui.screens.above import Above, shared_bindings
from tui.store import Store
from tui.widgets.banner import ApprovalBanner
from tui.widgets.key_bar import KeyBar
from tui.widgets.line import Line

T = TypeVar("T")

# What works on every one of these screens, as it does on the main one.
EVERYWHERE = (
    "app.approve",
    "app.history",
    "app.timeline",
    "app.browse",
    "app.all_variables",
    "app.sources",
    "app.settings",
    "app.problems",
    "app.quit_now",
)


class Title(Line):
    """What the screen is, of what, and what can be said in a few words."""

    DEFAULT_CSS = """
    Title { background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.name_ = ""
        self.of = ""
        self.aside = ""

    def say(self, name: str, of: str = "", aside: str = "") -> None:
        """Say this."""
        if (self.name_, self.of, self.aside) != (name, of, aside):
            self.name_, self.of, self.aside = name, of, aside
            self.refresh()

    def left(self) -> Sequence[Item]:
        """The name."""
        return (Item(self.name_, "bold $primary", 0), Item(self.of, "", 2))

    def right(self) -> Sequence[Item]:
        """What is said of it."""
        return (Item(self.aside, "$muted", 4),)


class FullScreen(Above[T]):
    """Subclasses give the body, and say in `update` what the store holds now. Esc leaves, `/` filters."""

    DEFAULT_CSS = """
    FullScreen { background: $background; layout: vertical; }
    FullScreen #filter { border: none; height: 1; padding: 0 1; background: $panel; display: none; }
    FullScreen #filter.-asked { display: block; }
    FullScreen #filter:focus { border: none; background: $selection-blurred; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", id="screen.leave"),
        Binding("slash", "filter", "Filter", id="screen.filter"),
        *shared_bindings(*EVERYWHERE),
    ]
    filter_hint = "words that must be there"

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.title_line = Title()

    def body(self) -> list[Widget]:
        """What the screen shows."""
        return []

    def compose(self) -> ComposeResult:
        """Title, banner, body, filter, keys."""
        yield self.title_line
        yield ApprovalBanner(self.store)
        yield from self.body()
        yield Input(placeholder=self.filter_hint, id="filter")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what there is."""
        self.refresh_all()

    def refresh_all(self) -> None:
        """The banner and the body."""
        self.query_one(ApprovalBanner).update()
        self.update()

    def update(self) -> None:
        """Show what the store holds now."""

    # -- the filter ---------------------------------------------------------------------------------------------

    @property
    def words(self) -> list[str]:
        """What the person wants to see only."""
        return self.query_one("#filter", Input).value.lower().split()

    @property
    def filtering(self) -> bool:
        """Whether the filter is there."""
        return self.query_one("#filter").has_class("-asked")

    def action_filter(self) -> None:
        """Ask for words that what is shown must hold."""
        self.query_one("#filter").add_class("-asked").focus()

    @on(Input.Changed, "#filter")
    def _narrowed(self) -> None:
        self.update()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.first().focus()

    def on_key(self, event: events.Key) -> None:
        """Down from the filter into what it found."""
        if event.key == "down" and self.focused is self.query_one("#filter"):
            event.stop()
            self.first().focus()

    def first(self) -> Widget:
        """What the keys go to."""
        return self

    # -- leaving ------------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """One level up: out of what was opened, out of the filter, back."""
        if self.up():
            return
        if self.filtering:
            self.query_one("#filter", Input).remove_class("-asked").value = ""
            self.first().focus()
        else:
            self.dismiss(None)

    def up(self) -> bool:
        """Leave what was opened within the screen; whether there was anything."""
        return False


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether every word stands somewhere in the text."""
    lowered = text.lower()
    return all(word in lowered for word in words)
