"""The run as people follow it: one calm line for each thing that happens, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.execution.pausing import WAYS, told
from engine.triggers.words import brief
from tui.cli.reports.reasons import approved_ahead, failure, reasons
from tui.cli.reports.report import Result, Tally, belonging, tally
from tui.cli.reports.tail import tail
from tui.cli.terminal import Terminal, Tone
from tui.cli.words import duration
from tui.graph.marks import Mark
from tui.graph.model import mark_of

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.pausing import Pause
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.model.diagnostics import Diagnostic
    from engine.model.member import MemberBuild

TAIL = 20
_TONES: dict[Mark, Tone] = {
    Mark.SUCCEEDED: "good",
    Mark.REUSED: "good",
    Mark.FAILED: "bad",
    Mark.WAITING: "warn",
    Mark.PAUSED: "warn",
    Mark.STUBBED: "warn",
    Mark.STOPPED: "warn",
    Mark.ABANDONED: "warn",
    Mark.RUNNING: "accent",
}
_PLAIN: dict[Mark, str] = {
    Mark.SUCCEEDED: "+",
    Mark.REUSED: "=",
    Mark.FAILED: "x",
    Mark.WAITING: "?",
    Mark.PAUSED: "H",
    Mark.STUBBED: "o",
    Mark.SKIPPED: "-",
    Mark.RUNNING: ">",
}
_ENDS: dict[str, tuple[Mark, Tone]] = {
    "Succeeded": (Mark.SUCCEEDED, "good"),
    "Failed": (Mark.FAILED, "bad"),
    "Waiting": (Mark.WAITING, "warn"),
    "Paused": (Mark.PAUSED, "warn"),
}


def tone_of(mark: Mark) -> Tone | None:
    """The colour of a state."""
    return _TONES.get(mark, "dim")


def glyph(terminal: Terminal, mark: Mark) -> str:
    """The sign of a state, in what the terminal can show."""
    if not terminal.unicode:
        return _PLAIN.get(mark, "!")
    return "▸" if mark is Mark.RUNNING else mark.glyph()


class Lines:
    """Prints a run. `log` finds an action's log file. `stays`: what is paused waits for somebody."""

    def __init__(
        self, terminal: Terminal, log: Callable[[str, str], Path], *, since: float = 0.0, stays: bool = True
    ) -> None:
        self._terminal = terminal
        self._log = log
        self._since = since
        self._stays = stays
        self._wide = 0

    def saw(self, state: PipelineState, recorded: Recorded) -> None:
        """Say what is worth a line."""
        event = recorded.event
        match event.type:
            case "ExecutionStarted":
                self._began(state, state.executions[event.execution_id])
            case "ActionStarted" | "ActionReused" | "ActionEnded":
                self._action(state, state.actions[event.action_execution_id])
            case "ActionPaused":
                self._paused(state.actions[event.action_execution_id], event.pause)
            case "ActionResumed":
                by = f" (by {event.by})" if event.by else ""
                build = f"{event.build}: " if event.build else ""
                self._row(state.actions[event.action_execution_id], Mark.RUNNING, f"{build}{WAYS[event.how]}{by}")
            case "ActionAdopted":
                self._row(state.actions[event.source], Mark.RUNNING, "still the same: carried on from before")
            case "BatchBuildChanged" if not event.build.live or self._terminal.verbose:
                action = state.actions[event.action_execution_id]
                self._build(action, action.builds[event.build.identifier])
            case "ActionReported" if self._terminal.verbose and event.summary:
                self._row(state.actions[event.action_execution_id], Mark.RUNNING, event.summary)
            case "StageWaiting":
                self._note(f"stage {event.stage} waits: {event.reason}")
            case "StageRetried":
                self._retried(state, state.executions[event.execution_id], event.stage)
            case "StageEnded" if event.summary:
                self._note(f"stage {event.stage} {event.status.lower()}: {event.summary}")
            case "ConditionOverridden":
                self._note(
                    f"the condition of stage {event.stage} was overridden{f' by {event.by}' if event.by else ''}"
                )
            case "TransitionDisabled":
                self._note(f"nothing enters {event.stage} any more: {event.reason}")
            case "TransitionEnabled":
                self._note(f"{event.stage} may be entered again")
            case "AlarmSet" if not event.initial:
                self._note(f"alarm {event.name} is {event.state}")
            case "WatchChanged":
                self._note(_watch(event.paused, event.reason))
            case "ExecutionEnded":
                self._ended(state, state.executions[event.execution_id], recorded.at)

    def noticed(self, diagnostics: Sequence[Diagnostic]) -> None:
        """The definition as it was edited."""
        for diagnostic in diagnostics:
            self._terminal.warn(diagnostic.render())
        if any(diagnostic.severity == "error" and diagnostic.file for diagnostic in diagnostics):
            self._note("the last good definition stays in force")

    def finished(self, state: PipelineState, result: Result) -> None:
        """The runs said their piece as they ended; a wait has not."""
        if result.status == "Paused":
            self._stands(state, result)
        if result.status != "Waiting":
            return
        closed = [stage for stage in state.transitions if state.disabled(stage)]
        for stage in closed:
            self._terminal.warn(f"  open the stage with: greenroom enable {stage}")
        self._summary("Waiting", "for approval" if state.approvals() else "in front of a stage", result.tally)
        for action in state.approvals():
            place = f"{action.stage}/{action.action}"
            self._terminal.warn(f"  approve with: greenroom run --approve {place}   (what is unchanged is reused)")

    # -- pieces ---------------------------------------------------------------------------------------------------

    def _began(self, state: PipelineState, execution: Execution) -> None:
        places = [f"{s.name}/{a.name}" for s in state.declaration(execution).stages for a in s.actions]
        self._wide = max(map(len, places), default=0)
        what = f"{state.name} #{execution.number}"
        if target := state.executions.get(execution.rollback_target):
            what += f"  rollback of {execution.rollback_stage} to #{target.number}"
        detail = "  ".join(part for part in (execution.label, brief(execution.detail)) if part)
        self._terminal.say(f"{self._terminal.paint(what, 'strong')}  {detail}".rstrip())

    def _retried(self, state: PipelineState, execution: Execution, stage: str) -> None:
        places = [f"{s.name}/{a.name}" for s in state.declaration(execution).stages for a in s.actions]
        self._wide = max(map(len, places), default=0)
        automatic = execution.stages[stage].retry_trigger == "AutomatedStageRetry"
        what = f"{state.name} #{execution.number}  {'automatic ' if automatic else ''}retry of {stage}"
        self._terminal.say(self._terminal.paint(what, "strong"))

    def _action(self, state: PipelineState, action: ActionExecution) -> None:
        mark = mark_of(action, state.executions.get(action.execution_id))
        why = "; ".join(reasons(state, action))
        if mark is Mark.FAILED:
            self._failed(action)
        elif mark is Mark.WAITING:
            if approved_ahead(state, action):
                return
            self._row(action, mark, "waits for approval of")
            for line in action.prepared.evidence if action.prepared else ():
                self._terminal.say(f"      {line}")
        elif mark in (Mark.RUNNING, Mark.REUSED, Mark.STUBBED):
            self._row(action, mark, why if mark is not Mark.STUBBED else f"stubbed: {why}")
        elif mark is Mark.SKIPPED:
            if self._terminal.verbose:
                self._row(action, mark, why)
        else:
            told = mark is not Mark.SUCCEEDED or action.kind == "approval" or self._terminal.verbose
            note = action.summary if told else ""
            word = "" if mark is Mark.SUCCEEDED else mark.word
            self._row(action, mark, ": ".join(part for part in (word, note) if part))

    def _paused(self, action: ActionExecution, pause: Pause) -> None:
        """Where it stands still, what was said last, and how it goes on."""
        place = "/".join(filter(None, (action.stage, action.action, pause.build)))
        self._row(action, Mark.PAUSED, f"paused at {told(pause)}", loud=True)
        self._tail(self._log(action.id, pause.build), since=" Running command ")
        if self._stays:
            self._terminal.warn(f"    look around: greenroom shell {place}   go on: greenroom resume {place}")

    def _stands(self, state: PipelineState, result: Result) -> None:
        """The command ends while actions are paused: what there is to be done."""
        self._summary("Paused", "", result.tally)
        for standing in state.paused():
            self._terminal.warn(f"  look around with: greenroom shell {standing.place}")
        self._terminal.warn("  take it up with: greenroom retry --from command   (or phase, or start)")

    def _tail(self, log: Path, since: str = "") -> None:
        """The end of a log; with `since`, from the last line on that has this in it."""
        lines = list(tail(log, TAIL))
        begins = [at for at, line in enumerate(lines) if since in line] if since else []
        for line in lines[begins[-1] :] if begins else lines:
            bar = self._terminal.paint("│" if self._terminal.unicode else "|", "dim")
            self._terminal.warn(f"    {bar} {line}")

    def _telling_log(self, action: ActionExecution) -> Path:
        """The log that says why: of a batch that of the first build that failed."""
        bad = next((name for name, build in action.builds.items() if build.bad), "")
        return self._log(action.id, bad)

    def _failed(self, action: ActionExecution) -> None:
        self._row(action, Mark.FAILED, failure(action), loud=True)
        if action.failure and action.failure.hint:
            self._terminal.warn(f"    {action.failure.hint}")
        self._tail(self._telling_log(action))
        if (file := self._telling_log(action)).exists():
            self._terminal.warn(self._terminal.paint(f"    log: {file}", "dim"))

    def _ended(self, state: PipelineState, execution: Execution, recorded_at: float) -> None:
        from engine.reports.words import all_told

        self._summary(execution.status, execution.summary, tally(state, execution, recorded_at, since=self._since))
        latest = {f"{a.stage}/{a.action}": a for a in belonging(state, execution)}
        if told := all_told([report for action in latest.values() for report in action.reports]):
            self._note(f"tests: {told}  (greenroom tests)")
        stubs = [f"{a.stage}/{a.action}" for a in belonging(state, execution) if a.status == "Stubbed"]
        if stubs:
            self._note(f"did not really run: {', '.join(stubs)}")

    def _row(self, action: ActionExecution, mark: Mark, note: str, *, loud: bool = False) -> None:
        terminal = self._terminal
        took = duration(action.seconds) if not action.live and action.seconds and not action.reused else ""
        place = f"{action.stage}/{action.action}".ljust(self._wide)
        tone = tone_of(mark)
        line = f"  {terminal.paint(glyph(terminal, mark), tone)} {place}  {took:>7}  {note}".rstrip()
        (terminal.warn if loud else terminal.say)(line)

    def _build(self, action: ActionExecution, build: MemberBuild) -> None:
        """One build of a batch, below its action."""
        from tui.cli.reports.builds import said, tone_of_build, took
        from tui.graph.builds import mark_of_build

        mark = self._terminal.paint(glyph(self._terminal, mark_of_build(build)), tone_of_build(build))
        place = f"{action.stage}/{action.action}/"
        wide = max(self._wide, len(place) + max(map(len, action.builds)))
        self._terminal.say(f"  {mark} {place + build.identifier:{wide}}  {took(build):>7}  {said(build)}".rstrip())

    def _note(self, text: str) -> None:
        self._terminal.say(self._terminal.paint(f"  {text}", "dim"))

    def _summary(self, status: str, detail: str, figures: Tally) -> None:
        mark, tone = _ENDS.get(status, (Mark.STOPPED, "warn"))
        parts = [f"{figures.ran} ran", f"{figures.reused} reused"]
        parts += [f"{figures.failed} failed"] if figures.failed else []
        parts += [f"{figures.stubbed} stubbed"] if figures.stubbed else []
        head = self._terminal.paint(f"{glyph(self._terminal, mark)} {status}", tone)
        tail_ = f" ({detail})" if detail else ""
        self._terminal.say(f"{head}{tail_}  {', '.join(parts)}  in {duration(figures.seconds)}")


def _watch(paused: bool, reason: str) -> str:
    return ("watching is paused" if paused else "watching again") + (f": {reason}" if reason else "")
