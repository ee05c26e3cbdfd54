"""The approval dialog: the evidence on five pages, a comment, yes or no; the next one where several wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.evidence.summary import expiry
from tui.screens.dialog import Dialog
from tui.widgets.choice import Choice
from tui.widgets.evidence import PAGES, EvidencePanes

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution
    from tui.store import Store


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person decided about an approval."""

    action_execution_id: str
    approved: bool
    comment: str


class ApprovalDialog(Dialog[Decision]):
    """Enter decides: to approve as it opens and after `a`, to reject after `x`. No key that opens it does."""

    DEFAULT_CSS = """
    ApprovalDialog #box {
        border: round $status-waiting; border-subtitle-color: $foreground;
        width: 96%; max-width: 156; height: 94%; max-height: 48; padding: 0 1;
    }
    ApprovalDialog #choices { height: 2; padding: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "arm(False)", "Approve", id="approval.approve"),
        Binding("x", "arm(True)", "Reject", id="approval.reject"),
        Binding("c", "comment", "Comment", id="approval.comment"),
        *(
            Binding(str(number), f"page('{name}')", title, show=False, id=f"approval.{name}")
            for number, (name, title) in enumerate(PAGES, 1)
        ),
        Binding("pagedown,ctrl+d", "scroll(1)", "More evidence", show=False, id="approval.page_down"),
        Binding("pageup,ctrl+u", "scroll(-1)", "Evidence above", show=False, id="approval.page_up"),
        Binding("j", "line(1)", show=False, id="approval.down"),
        Binding("k", "line(-1)", show=False, id="approval.up"),
        Binding("right_square_bracket", "queue(1)", "Next approval", id="approval.next"),
        Binding("left_square_bracket", "queue(-1)", "Approval before", show=False, id="approval.previous"),
    ]

    wary = True

    def __init__(self, store: Store, run: ActionExecution, *, rejecting: bool = False) -> None:
        super().__init__()
        self._run = run
        self._store = store
        self._rejecting = rejecting
        self._panes = EvidencePanes(store)
        self._comments: dict[str, str] = {}  # what was written about each, as far as it was left for another
        self.title_text = self._title()

    def body(self) -> list[Widget]:
        """The evidence and the comment."""
        return [self._panes, Input(placeholder="comment (c), up to 512 characters", max_length=512, id="comment")]

    def choices(self) -> list[Choice]:
        """Yes, no, not now."""
        return [
            Choice("a", "Approve", "approve", "approve"),
            Choice("x", "Reject", "reject", "reject"),
            Choice("esc", "Later", "later"),
        ]

    def on_mount(self) -> None:
        """The evidence is gathered once the frame is there; time goes by."""
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._show)

    def first(self) -> Widget:
        """What Enter takes."""
        return self.query_one("#reject" if self._rejecting else "#approve")

    # -- which one ----------------------------------------------------------------------------------------------

    def _title(self) -> str:
        waiting = [run.id for run in self._store.approvals()]
        place = f" ({waiting.index(self._run.id) + 1} of {len(waiting)})" if len(waiting) > 1 else ""
        verb = "Reject" if self._rejecting else "Approve"
        return f" {verb} {self._run.stage}/{self._run.action}?{place} "

    def _show(self) -> None:
        """Gather what is asked, and show it."""
        state = self._store.state
        if state is None or self._run.id not in state.actions or not self.is_running:
            return
        from engine.evidence.question import question

        run = state.actions[self._run.id]
        self._panes.show(question(state, run), run.prepared.evidence if run.prepared else ())
        self._tick()

    def _tick(self) -> None:
        """Time goes by: the approval expires."""
        if not self.is_current or self._panes.asked is None:
            return
        box = self.query_one("#box")
        box.border_title = self._title().replace("[", r"\[")
        left = expiry(self._panes.asked, self._store.clock())
        waiting = len(self._store.approvals())
        more = ("] and [ show the others",) if waiting > 1 else ()
        keys = () if self._rejecting else (*more, "1-5 pages, PgDn scrolls")
        told = (self._enter(), left, *keys)  # what is cut off on a narrow screen is what matters least
        box.border_subtitle = f" {' · '.join(filter(None, told))} ".replace("[", r"\[")
        if self._panes.page == "overview":
            self._panes.update()

    def _enter(self) -> str:
        """What Enter would do now."""
        if isinstance(self.focused, Choice):
            return {"approve": "Enter approves", "reject": "Enter rejects"}.get(self.focused.id or "", "Enter leaves")
        return "a or x, then Enter"

    def on_descendant_focus(self) -> None:
        """Enter does something else now."""
        self._tick()

    def update(self) -> None:
        """Leave when there is nothing to decide any more: a save may have taken the run's place."""
        if not self.is_current:
            return
        if all(run.id != self._run.id for run in self._store.approvals()):
            self.app.notify(f"{self._run.stage}/{self._run.action} waits for no approval any more", markup=False)
            self.dismiss(None)
        else:
            self._tick()

    def action_queue(self, step: int) -> None:
        """Look at the next one that waits."""
        waiting = self._store.approvals()
        at = next((at for at, run in enumerate(waiting) if run.id == self._run.id), 0)
        if len(waiting) > 1:
            comment = self.query_one("#comment", Input)
            self._comments[self._run.id] = comment.value
            self._run = waiting[(at + step) % len(waiting)]
            comment.value = self._comments.get(self._run.id, "")
            self._rejecting = False
            self.query_one("#approve").focus()
            self._panes.page = "overview"
            self._show()

    # -- looking ------------------------------------------------------------------------------------------------

    def action_page(self, name: str) -> None:
        """Turn to a page; the keys go to its files, where it has any."""
        self._panes.turn(name)
        if self._panes.changes is not None:
            self.call_after_refresh(self._enter_files)
        else:
            self.first().focus()

    def _enter_files(self) -> None:
        if (changes := self._panes.changes) is not None:
            changes.back()
            changes.files.focus()

    def action_scroll(self, pages: int) -> None:
        """Scroll the evidence by pages."""
        self._scroll(pages, "page")

    def action_line(self, lines: int) -> None:
        """Scroll the evidence by lines, or go from file to file."""
        self._scroll(lines, "line")

    def _scroll(self, amount: int, unit: str) -> None:
        page, changes = self._panes.current, self._panes.changes
        if changes is not None:
            getattr(changes.diff if changes.reading else changes.files, f"action_{unit}")(amount)
        elif page is not None and unit == "page":
            page.scroll_page_down() if amount > 0 else page.scroll_page_up()
        elif page is not None:
            page.scroll_relative(y=amount, animate=False)

    def action_cancel(self) -> None:
        """One level up: out of a diff, out of the files, out of the dialog."""
        changes = self._panes.changes
        if changes is not None and changes.back():
            return
        if self.focused is self.query_one("#comment"):
            self.first().focus()
        elif changes is not None:
            self.action_page("overview")
        else:
            self.dismiss(None)

    # -- deciding -----------------------------------------------------------------------------------------------

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        if event.choice.id == "later":
            self.dismiss(None)
        else:
            self._decide(event.choice.id == "approve")

    @on(Input.Submitted)
    def _commented(self) -> None:
        """A comment is followed by a decision, so that Enter in the comment never decides alone."""
        self.first().focus()

    def action_arm(self, rejecting: bool) -> None:
        """Get ready to approve or to reject: Enter does it. What is pressed twice by accident decides nothing."""
        self._rejecting = rejecting
        self.first().focus()
        self.query_one("#box").border_subtitle = " Enter rejects " if rejecting else " Enter approves "
        self._tick()

    def action_comment(self) -> None:
        """Write a comment."""
        self.query_one("#comment").focus()

    def _decide(self, approved: bool) -> None:
        comment = self.query_one("#comment", Input).value.strip()
        self.dismiss(Decision(self._run.id, approved, comment))
