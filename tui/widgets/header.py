"""The line at the top: which pipeline, which run and how far, whether saves are watched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.eta import remaining
from tui.graph.durations import duration
from tui.graph.fitting import Item
from tui.graph.marks import Mark
from tui.graph.plan import clip_name
from tui.store import BY_YOU, Store
from tui.widgets.line import Line

if TYPE_CHECKING:
    from engine.execution.state import Execution, PipelineState

_MARKS = {
    "Succeeded": Mark.SUCCEEDED,
    "Failed": Mark.FAILED,
    "Stopping": Mark.CANCELLING,
    "Stopped": Mark.STOPPED,
    "Superseded": Mark.SUPERSEDED,
    "Cancelled": Mark.STOPPED,
}
_TRIGGERS = {
    "Save": "save",
    "Reload": "reload",
    "ManualRetry": "retry",
    "StartPipelineExecution": "started",
    "ManualRollback": "rollback",
    "AutomatedRollback": "rollback by itself",
    "CloudWatchEvent": "schedule",
    "PollForSourceChanges": "change",
    "Webhook": "webhook",
    "WebhookV2": "trigger",
}
_MATTERS = 3  # the rank of what a long name of a pipeline must not push out
_SHORTEST_NAME = 12
_SOON = 20 * 3600  # seconds in which a time of day says enough
_WATCHING = {"save": "● watching", "commit": "● watching commits", "manual": "● by hand"}


def execution_mark(execution: Execution, *, waits: bool = False, paused: bool = False) -> Mark:
    """How an execution looks."""
    if paused and execution.status == "InProgress":
        return Mark.PAUSED
    if waits and execution.status == "InProgress":
        return Mark.WAITING
    return _MARKS.get(execution.status, Mark.RUNNING)


def started_by(state: PipelineState, execution: Execution) -> str:
    """What began it: ``save: src/app.py``, ``started`` for somebody who asked, ``rollback: Deploy to #3``."""
    from engine.triggers.words import brief  # the first frame waits for nothing of the engine

    word = _TRIGGERS.get(execution.trigger, execution.trigger)
    if execution.rollback_stage:
        target = state.executions.get(execution.rollback_target)
        number = f" to #{target.number}" if target else ""
        return f"{word}: {execution.rollback_stage}{number}"
    return f"{word}: {brief(execution.detail)}" if execution.detail else word


class PipelineHeader(Line):
    """Pipeline, execution, status, elapsed and remaining time, revision; right: the watch state."""

    DEFAULT_CSS = """
    PipelineHeader { background: $panel; color: $foreground; }
    """

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store
        self._frame = 0
        self._rest: tuple[object, float | None] = (None, None)
        self._next: tuple[object, str] = (None, "")

    def update(self, *, spin: bool = False) -> None:
        """Draw anew."""
        self._frame += spin
        self.refresh()

    def left(self) -> Sequence[Item]:
        """Pipeline and run: the name gives way to what is known of the run."""
        told = self._told()
        beside = [
            cell_len(item.text) + self.gap for item in (*told, *self.right()) if item.text and item.rank <= _MATTERS
        ]
        room = max(_SHORTEST_NAME, self.content_size.width - sum(beside))
        return [Item(clip_name(self.store.title or "greenroom", room), "bold $foreground"), *told]

    def _told(self) -> list[Item]:
        store, execution = self.store, self.store.execution
        if store.state is None:
            return [Item("opening …", "$muted")]
        if execution is None:
            return [Item("nothing has run yet", "$muted")]
        waits = any(run.execution_id == execution.id for run in store.approvals())
        held = bool(store.paused()) and store.state.waits_for_people(execution)
        paused = held or any(one.run.execution_id == execution.id for one in store.paused())
        mark = execution_mark(execution, waits=waits, paused=paused)
        word = "waits for approval" if mark is Mark.WAITING else mark.word
        items = [Item(f"#{execution.number}", "bold $foreground")]
        items.append(Item(f"{mark.glyph(self._frame)} {word}", f"bold $status-{mark}"))
        items.append(Item(self._time(execution), "$muted", 3))
        items.append(Item(execution.label, "$foreground", 4))
        items.append(Item(started_by(store.state, execution) if execution.detail else "", "$muted", 6))
        return items

    def _time(self, execution: Execution) -> str:
        """How long it has run, and how long it usually still takes."""
        now = self.store.clock()
        if not execution.active:
            return duration(execution.ended_at - execution.started_at)
        elapsed = duration(now - execution.started_at, coarse=True)
        rest = self._remaining(execution, now)
        return f"{elapsed} · ~{duration(rest, coarse=True)} left" if rest else elapsed

    def _remaining(self, execution: Execution, now: float) -> float | None:
        """The estimate, worked out once a second: it looks back over every run."""
        state = self.store.state
        key = (execution.id, execution.status, int(now))
        if state is not None and self._rest[0] != key:
            self._rest = (key, remaining(state, execution, now, self.store.usual))
        return self._rest[1]

    def _due(self) -> str:
        """When a schedule starts the next run: ``nightly at 02:00``; worked out once a minute."""
        project = self.store.link.project if self.store.link else None
        if project is None or not project.schedules:
            return ""
        now = self.store.clock()
        key = (id(project), int(now // 60))
        if self._next[0] != key:
            from engine.triggers.overview import next_start  # most pipelines have no schedule

            due = next_start(project, datetime.fromtimestamp(now, UTC))
            when = due.next.astimezone() if due and due.next else None
            day = "%H:%M" if when and when.timestamp() - now < _SOON else "%a %d %b %H:%M"
            self._next = key, f"{due.name} at {when:{day}}" if due and when else ""
        return self._next[1]

    def right(self) -> Sequence[Item]:
        """Older run, watching or not and why."""
        state = self.store.state
        if state is None:
            return ()
        if not self.store.following:
            return [Item("an older run: esc goes back", "bold $status-waiting", 1, "app.up")]
        if not state.watch_paused:
            if self.store.link is None or not self.store.link.watches:
                return ()
            mode = self.store.link.project.trigger
            return [Item(self._due(), "$muted", 7), Item(_WATCHING[mode], "$status-succeeded", 2, "app.pause")]
        reason = BY_YOU if state.watch_reason == BY_YOU else ""  # any other has a line of its own
        return [Item("‖ not watching", "bold $status-waiting", 1, "app.pause"), Item(reason, "$muted", 5)]
