"""What the terminal app leaves behind when it closes: ten lines at most, never a replay of logs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.reports.lines import glyph, tone_of
from tui.cli.reports.reasons import failure
from tui.cli.reports.report import tally
from tui.cli.terminal import Terminal
from tui.cli.words import count, duration
from tui.graph.marks import Mark

if TYPE_CHECKING:
    from engine.execution.state import Execution, PipelineState

_SHOWN = 3
LEAST_SAVED = 0.05  # seconds: less is shown as none
_MARKS = {"Succeeded": Mark.SUCCEEDED, "Failed": Mark.FAILED, "Superseded": Mark.SUPERSEDED}


def farewell(terminal: Terminal, state: PipelineState, state_dir: Path, *, since: float = 0.0) -> Iterator[str]:
    """The lines, for the runs that began after `since`."""
    runs = [run for run in state.executions.values() if run.started_at >= since]
    if not runs:
        return
    yield _head(terminal, state, runs)
    figures = [tally(state, run, time.time()) for run in runs]
    saved = sum(a.saved for a in state.actions.values() if a.reused and a.scheduled_at >= since)
    ran, reused = sum(f.ran for f in figures), sum(f.reused for f in figures)
    gain = f", which saved {duration(saved)}" if saved >= LEAST_SAVED else ""
    yield f"  {count(len(runs), 'run')}: {count(ran, 'action')} ran, {reused} reused{gain}"
    yield from _failures(terminal, state, runs[-1], state_dir)


def _head(terminal: Terminal, state: PipelineState, runs: list[Execution]) -> str:
    last = runs[-1]
    mark = _MARKS.get(last.status, Mark.STOPPED)
    status = terminal.paint(f"{glyph(terminal, mark)} {last.status}", tone_of(mark))
    return f"{state.name} #{last.number}  {status}  {last.label}".rstrip()


def _failures(terminal: Terminal, state: PipelineState, run: Execution, state_dir: Path) -> Iterator[str]:
    from engine.journal.logs import log_path

    current = [state.actions[ids[-1]] for stage in run.stages.values() for ids in stage.actions.values()]
    failed = [action for action in current if action.status == "Failed"]
    for action in failed[:_SHOWN]:
        sign = terminal.paint(glyph(terminal, Mark.FAILED), "bad")
        yield f"  {sign} {action.stage}/{action.action}  {failure(action)}"[:200]
        file = log_path(state_dir, state.name, action.number, action.stage, action.action, action.attempt)
        yield terminal.paint(f"    log: {file}", "dim")
    if len(failed) > _SHOWN:
        yield f"  and {len(failed) - _SHOWN} more failed"
