"""Files that differ, and what differs in the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from tui.browse.diff import diff_lines
from tui.evidence.summary import file_line
from tui.store import Store
from tui.widgets.asking import Answers, Told
from tui.widgets.lines import Lines
from tui.widgets.rows import BLANK, Row, Rows, Span, heading, remark
from tui.widgets.split import Split

if TYPE_CHECKING:
    from engine.evidence.trees import FileChange, TreeChange
    from engine.link import Link

MOST = 1_000  # files of one comparison that are listed

_SIGNS = {"+": "$status-succeeded", "-": "$status-failed", "~": "$status-waiting"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two trees under a name; `change` is None until it is known. `aside` says what they are."""

    name: str
    old: str
    new: str
    change: TreeChange | None = None
    aside: str = ""
    empty: str = "no file differs"


@dataclass(frozen=True, slots=True)
class Place:
    """One file of one comparison."""

    old: str
    new: str
    path: str


class ChangesView(Split):
    """Files on the left, the diff of one on the right."""

    DEFAULT_CSS = """
    ChangesView { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_path", "Copy path", id="changes.copy"),
    ]

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        self.files = Rows()
        self.diff = Lines()
        super().__init__(self.files, self.diff, id=id)
        self.store = store
        self._diffs: Answers[list[Content]] = Answers(self, _failed)
        self._shown: object = None

    @property
    def link(self) -> Link | None:
        """Whom to ask."""
        return self.store.link

    def show(self, comparisons: Sequence[Comparison]) -> None:
        """List what differs."""
        rows: list[Row] = []
        for comparison in comparisons:
            rows += [*([BLANK] if rows else []), *_rows(comparison)]
        self.files.show(rows or [remark("nothing to compare", 0)])
        self._follow()

    @property
    def place(self) -> Place | None:
        """The file under the cursor."""
        chosen = self.files.chosen
        return chosen if isinstance(chosen, Place) else None

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Another file."""
        event.stop()
        self._follow()

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Go to the diff."""
        event.stop()
        self.enter()

    def on_told(self, event: Told) -> None:
        """A diff has come."""
        self._follow()

    def _follow(self) -> None:
        """Show what differs in the file under the cursor."""
        place = self.place
        if place is None:
            lines: list[Content] | None = []
        else:
            from engine.evidence.trees import difference

            lines = self._diffs.ask(
                self.link, place, lambda store: diff_lines(difference(store, place.old, place.new, place.path))
            )
        shown = (place, lines is not None)
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        found = lines if lines is not None else [Content.assemble(("…", "$muted"))]
        widest = max((line.cell_length for line in found), default=0)
        self.diff.put(len(found), lambda at, width: found[at], widest)
        if not isinstance(before, tuple) or before[0] != place:
            self.diff.scroll_home(animate=False)

    def action_copy_path(self) -> None:
        """Copy the file's path."""
        if (place := self.place) is not None:
            self.app.copy_to_clipboard(place.path)
            self.notify(f"copied {place.path}", markup=False)


def _rows(comparison: Comparison) -> list[Row]:
    change = comparison.change
    if change is None:
        return [heading(comparison.name, comparison.aside), remark("…")]
    words = change.words if change.count or change.lost else ""
    aside = "  ".join(part for part in (words, comparison.aside) if part)
    rows = [heading(comparison.name, aside)]
    rows += [file_row(file, Place(comparison.old, comparison.new, file.path)) for file in change.files[:MOST]]
    if (more := change.count - min(len(change.files), MOST)) > 0:
        rows.append(remark(f"and {more} more"))
    return rows if change.count or change.lost else [*rows, remark(comparison.empty)]


def file_row(file: FileChange, key: object, indent: int = 2) -> Row:
    """A file that differs: its sign, its path with the folder quiet, how much."""
    from engine.evidence.text import visible

    amount, note = file_line(file)
    folder, _, name = visible(file.path).rpartition("/")
    spans: tuple[Span, ...] = (
        (" " * indent, ""),
        (f"{file.sign} ", _SIGNS[file.sign]),
        (f"{folder}/" if folder else "", "$muted"),
        (name, ""),
        (f"  {note}" if note else "", "$status-waiting"),
    )
    return Row(key, spans, amount)


def _failed(error: Exception) -> list[Content]:
    return [Content.assemble((f"cannot be compared: {error}", "$status-failed"))]
