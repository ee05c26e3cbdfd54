"""`greenroom history`: past runs, newest first."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.settings import Settings, place_options, settings
from tui.cli.terminal import Tone
from tui.cli.words import clock, duration, stamp

if TYPE_CHECKING:
    from engine.execution.state import Execution

_TONES: dict[str, Tone] = {"Succeeded": "good", "Failed": "bad", "InProgress": "accent"}


@click.command()
@place_options
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def command(ctx: click.Context, limit: int, as_json: bool) -> int:
    """List past runs on stdout, newest first: what ran, what was reused, how it ended."""
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    runs = seen.runs(limit)
    if as_json:
        chosen.terminal().result(json.dumps([_json(seen, run) for run in runs], indent=2, ensure_ascii=False))
    elif runs:
        _print(chosen, seen, runs)
    else:
        chosen.terminal().say("Nothing has run here yet.")
    return Exit.OK


def _print(chosen: Settings, seen: Look, runs: list[Execution]) -> None:
    from tui.cli.columns import Cell, table
    from tui.cli.reports.report import tally

    rows: list[list[Cell]] = []
    for run in runs:
        figures = tally(seen.state, run, time.time())
        paused = any(standing.run.execution_id == run.id for standing in seen.state.paused())
        status = ("Paused" if paused else str(run.status), _TONES.get(run.status, "warn"))
        counts = f"{figures.ran} ran, {figures.reused} reused"
        took = duration(figures.seconds)
        rows.append([f"#{run.number}", status, clock(run.started_at), took, counts, _trigger(seen, run), run.label])
    header = ["RUN", "STATUS", "STARTED", "TOOK", "ACTIONS", "TRIGGER", "REVISION"]
    terminal = chosen.terminal()
    terminal.result(table(terminal, header, rows))


def _trigger(seen: Look, run: Execution) -> str:
    target = seen.state.executions.get(run.rollback_target)
    if not run.rollback_stage:
        return run.trigger
    return f"{run.trigger} of {run.rollback_stage}" + (f" to #{target.number}" if target else "")


def _failed_builds(seen: Look, run: Execution) -> Iterator[str]:
    """The builds of batches that failed, as `logs` names them."""
    for identity in (identity for stage in run.stages.values() for identity in stage.latest_runs()):
        action = seen.state.actions[identity]
        yield from (f"{action.stage}/{action.action}/{name}" for name, build in action.builds.items() if build.bad)


def _json(seen: Look, run: Execution) -> dict[str, object]:
    from tui.cli.reports.report import tally

    figures = tally(seen.state, run, time.time())
    return {
        "execution": run.number,
        "id": run.id,
        "status": str(run.status),
        "summary": run.summary,
        "trigger": run.trigger,
        "type": run.execution_type,
        "conditions": [
            {"stage": stage.name, "condition": found.kind, "result": found.result, "status": str(found.status)}
            for stage in run.stages.values()
            for found in stage.conditions
        ],
        "detail": run.detail,
        "revision": run.label,
        "started": stamp(run.started_at),
        "ended": stamp(run.ended_at) if run.ended_at else None,
        "ran": figures.ran,
        "reused": figures.reused,
        "failed": figures.failed,
        "stubbed": figures.stubbed,
        "failed_builds": list(_failed_builds(seen, run)),
        "paused": [one.place for one in seen.state.paused() if one.run.execution_id == run.id],
        "seconds": round(figures.seconds, 3),
    }
