"""The approval dialog: what would be approved, a comment, yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from tui.screens.dialog import Dialog
from tui.widgets.choice import Choice
from tui.widgets.prose import Prose
from tui.widgets.prose_text import ProseText

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution
    from tui.store import Store


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person decided about an approval."""

    action_execution_id: str
    approved: bool
    comment: str


class ApprovalDialog(Dialog[Decision]):
    """`a`, `y` or Enter approves; rejecting takes two keys: `x`, then Enter."""

    DEFAULT_CSS = """
    ApprovalDialog #box { border: round $status-waiting; }
    ApprovalDialog #shown { height: auto; max-height: 14; margin-bottom: 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,y", "approve", "Approve", id="approval.approve"),
        Binding("x", "arm", "Reject", id="approval.reject"),
        Binding("c", "comment", "Comment", id="approval.comment"),
        Binding("pagedown,ctrl+d", "page(1)", "More evidence", id="approval.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "Evidence above", id="approval.page_up"),
    ]

    def __init__(self, store: Store, run: ActionExecution, *, rejecting: bool = False) -> None:
        super().__init__()
        self.title_text = f" {'Reject' if rejecting else 'Approve'} {run.stage}/{run.action}? "
        self._run = run
        self._store = store
        self._text = evidence(store, run)
        self._rejecting = rejecting

    def body(self) -> list[Widget]:
        """The evidence and the comment."""
        self._shown = shown = VerticalScroll(ProseText(self._text), id="shown", can_focus=False)
        return [shown, Input(placeholder="comment (c), up to 512 characters", max_length=512, id="comment")]

    def choices(self) -> list[Choice]:
        """Yes, no, not now."""
        return [
            Choice("a", "Approve", "approve", "approve"),
            Choice("x", "Reject", "reject", "reject"),
            Choice("esc", "Later", "later"),
        ]

    def on_mount(self) -> None:
        """Enter approves, unless the dialog was opened to reject."""
        if self._rejecting:
            self.action_arm()
        self.call_after_refresh(self._hint)

    def first(self) -> Widget:
        """What Enter takes."""
        return self.query_one("#reject" if self._rejecting else "#approve")

    def _hint(self) -> None:
        """Say that there is more, where not everything fits."""
        if self._shown.max_scroll_y and not self._rejecting:
            self.query_one("#box").border_subtitle = " PgDn shows more "

    def update(self) -> None:
        """Leave when there is nothing to decide any more: a save may have taken the run's place."""
        if self.is_current and all(run.id != self._run.id for run in self._store.approvals()):
            self.app.notify(f"{self._run.stage}/{self._run.action} waits for no approval any more", markup=False)
            self.dismiss(None)

    def action_page(self, pages: int) -> None:
        """Scroll the evidence."""
        self._shown.scroll_page_down() if pages > 0 else self._shown.scroll_page_up()

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        if event.choice.id == "later":
            self.dismiss(None)
        else:
            self._decide(event.choice.id == "approve")

    @on(Input.Submitted)
    def _commented(self) -> None:
        """A comment is followed by a decision, so that Enter in the comment never decides alone."""
        self.query_one("#reject" if self._rejecting else "#approve").focus()

    def action_approve(self) -> None:
        """Approve now."""
        self._decide(True)

    def action_arm(self) -> None:
        """Get ready to reject: Enter does it."""
        self._rejecting = True
        self.query_one("#reject").focus()
        self.query_one("#box").border_subtitle = " Enter rejects "

    def action_comment(self) -> None:
        """Write a comment."""
        self.query_one("#comment").focus()

    def _decide(self, approved: bool) -> None:
        comment = self.query_one("#comment", Input).value.strip()
        self.dismiss(Decision(self._run.id, approved, comment))


def evidence(store: Store, run: ActionExecution) -> Prose:
    """What is approved: the revisions, the action's own words, what changed since the last approval."""
    prose = Prose()
    state = store.state
    execution = state.executions.get(run.execution_id) if state else None
    for source, revision in execution.revisions.items() if execution else ():
        prose.row(source, revision.label, "bold", revision.summary.split("\n")[0])
    configuration = run.prepared.configuration if run.prepared else {}
    for key, label in (("CustomData", "asks"), ("ExternalEntityLink", "link")):
        if configuration.get(key):
            prose.row(label, configuration[key])
    lines = _evidence(run, execution)
    if lines:
        prose.head("Evidence")
        for line in lines:
            prose.line(line)
    else:
        _changes(prose, run)
    return prose


def _evidence(run: ActionExecution, execution: Execution | None) -> list[str]:
    """What the engine gathered, without the revisions that stand above it."""
    revisions = execution.revisions.items() if execution else ()
    known = tuple(f"{source} {revision.label}" for source, revision in revisions)
    lines = run.prepared.evidence if run.prepared else ()
    return [line for line in lines if not (known and line.startswith(known))]


def _changes(prose: Prose, run: ActionExecution) -> None:
    """The files that changed, as far as the action's own inputs tell."""
    paths, more = _changed(run)
    prose.head("Changed since the last approval", f"{len(paths) + more} files" if paths else "")
    for path in paths:
        prose.line(path)
    if more:
        prose.quiet(f"and {more} more")
    if not paths:
        prose.quiet("no file" if run.changes else "nothing to compare with: the first approval")


def _changed(run: ActionExecution) -> tuple[list[str], int]:
    """Changed files, and how many more there are."""
    paths = [path for change in run.changes for path in change.paths]
    return list(dict.fromkeys(paths)), sum(change.more for change in run.changes)
