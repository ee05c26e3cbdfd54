"""Screens that are a list and, for the row under the cursor, what is to be known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from tui.screens.full import FullScreen
from tui.store import Store
from tui.widgets.asking import Answers, Told
from tui.widgets.prose import Prose
from tui.widgets.prose_text import ProseText
from tui.widgets.rows import Row, Rows, remark
from tui.widgets.split import Split

if TYPE_CHECKING:
    from concurrent.futures import Future

    from engine.link import Link
    from tui.app import GreenroomApp

T = TypeVar("T")
A = TypeVar("A")
_NOW = "now"


class Listing(Split):
    """Rows on the left, a text on the right."""

    DEFAULT_CSS = """
    Listing > .first { width: 3fr; max-width: 100; }
    Listing > .second { width: 2fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
    """

    def __init__(self, screen: ListedScreen[T]) -> None:
        self.rows = Rows()
        self.text = ProseText()
        super().__init__(self.rows, VerticalScroll(self.text))
        self._for = screen

    def on_told(self, event: Told) -> None:
        """What was asked has come."""
        self._for.update()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Another row."""
        event.stop()
        self._for.follow()

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """A row is taken."""
        event.stop()
        self._for.take(event.rows.chosen)


class ListedScreen(FullScreen[T]):
    """Subclasses say which rows there are, and what is to be known of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="listed.copy"),
    ]

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.listing = Listing(self)

    def body(self) -> list[Widget]:
        """List and text."""
        return [self.listing]

    def first(self) -> Widget:
        """The list."""
        return self.listing.rows

    def on_mount(self) -> None:
        """The list has the keys."""
        super().on_mount()
        self.first().focus()

    def update(self) -> None:
        """List what there is now."""
        if self.is_running:
            self.listing.rows.show(self.rows(self.words))
            self.follow()

    def follow(self) -> None:
        """Say what is to be known of the row under the cursor."""
        prose = self.detail(self.listing.rows.chosen)
        if prose.plain != self.listing.text.prose.plain:
            self.listing.text.show(prose)

    def rows(self, words: Sequence[str]) -> list[Row]:
        """What is listed."""
        return []

    def detail(self, key: object) -> Prose:
        """What is to be known of one."""
        return Prose()

    def take(self, key: object) -> None:
        """Enter on a row: read on, where the text is not beside it."""
        self.listing.enter()

    def up(self) -> bool:
        """From the text to the list."""
        return self.listing.back()

    def copied(self, key: object) -> str:
        """What copying a row copies."""
        rows = self.listing.rows
        return rows.rows[rows.cursor].plain.strip() if rows.cursor < len(rows.rows) else ""

    def action_copy(self) -> None:
        """Copy what the cursor is on."""
        if text := self.copied(self.listing.rows.chosen):
            self.app.copy_to_clipboard(text)
            self.notify(f"copied {text}", markup=False)


class AskedScreen(ListedScreen[None], Generic[A]):
    """What is listed is asked of the engine: once, and again for `R`; `o` opens the file that a row stands in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "Editor", id="listed.open"),
        Binding("R", "again", "Look again", id="listed.again"),
    ]

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._answers: Answers[tuple[A, ...] | str] = Answers(self.listing, str)

    @property
    def host(self) -> GreenroomApp:
        """The app, as what it is."""
        return cast("GreenroomApp", self.app)

    def question(self, link: Link) -> Future[tuple[A, ...]]:
        """What the engine is asked."""
        raise NotImplementedError

    @property
    def answer(self) -> tuple[A, ...] | str | None:
        """What it said, an error, or None while it is under way."""
        link = self.store.link
        if link is not None and self._answers.get(_NOW) is None:
            self._answers.start(_NOW, lambda: cast("Future[tuple[A, ...] | str]", self.question(link)))
        return self._answers.get(_NOW)

    def unanswered(self, answer: str | None, indent: int = 2) -> Row:
        """What stands there instead."""
        return remark("looking …" if answer is None else f"cannot be read: {answer}", indent)

    def action_open(self) -> None:
        """The file of the row under the cursor."""

    def action_again(self) -> None:
        """Ask again."""
        self._answers.forget()
        self.update()
