"""`greenroom status`: where the latest run stands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.settings import Settings, place_options, settings
from tui.cli.words import clock, duration, stamp

if TYPE_CHECKING:
    from engine.execution.standing import Standing
    from engine.execution.state import ActionExecution, Execution, StageExecution
    from tui.cli.columns import Cell

_NOTE = 90  # cells of a note: the table stays a table; `why` tells it all


@click.command()
@place_options
@click.option("-e", "--execution", default="", metavar="NUMBER", help="Another run than the latest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(ctx: click.Context, execution: str, as_json: bool) -> int:
    """Show where the latest run stands, action by action, on stdout. Says who runs here and what waits."""
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    found = seen.execution(execution)
    if as_json:
        chosen.terminal().result(json.dumps(_json(seen, found), indent=2, ensure_ascii=False))
    else:
        _print(chosen, seen, found)
    return Exit.OK


def _rows(seen: Look, execution: Execution) -> list[tuple[str, str, ActionExecution | None]]:
    """Actions and, around them, the rules that were asked."""
    found: list[tuple[str, str, ActionExecution | None]] = []
    for stage in seen.state.plan_of(execution):
        conditions = execution.stages[stage.name].conditions
        rules = [name for each in conditions if each.stands for name in each.rules]
        first = [name for name in rules if name.startswith("beforeEntry:")]
        names = [*first, *(action.name for action in stage.actions), *(name for name in rules if name not in first)]
        found += [(stage.name, name, seen.state.current(execution, stage.name, name)) for name in names]
    return found


def _took(execution: Execution) -> float:
    return max(0.0, (execution.ended_at or time.time()) - execution.started_at)


def _print(chosen: Settings, seen: Look, execution: Execution) -> None:
    from tui.cli.columns import table

    terminal = chosen.terminal()
    head = f"{seen.pipeline} #{execution.number}  {execution.status}"
    when = f"{clock(execution.started_at)}, {duration(_took(execution))}"
    terminal.result("  ".join(part for part in (head, execution.label, when, execution.summary) if part))
    rows = [cells for row in _rows(seen, execution) for cells in _with_builds(chosen, seen, execution, *row)]
    terminal.result(table(terminal, ["ACTION", "STATE", "TIME", "NOTE"], rows))
    for sentence in (*_who_runs(seen), *_retries(execution), *_gates(seen)):
        terminal.result(sentence)
    for approval in seen.state.approvals():
        name = f"{approval.stage}/{approval.action}"
        terminal.result(f"waits for approval: greenroom approve {name}   (--show: what it is about)")


def _who_runs(seen: Look) -> list[str]:
    """Who is at work here and what stands still; or that a kill ended it, which only the next start records."""
    paused = [standing.place for standing in seen.state.paused()]
    if owner := seen.owner:
        told = [f"running here: pid {owner.pid}, {owner.command}, since {clock(owner.since)}"]
        return told + [f"paused: greenroom resume {at}   (look around: greenroom shell {at})" for at in paused]
    if not seen.state.active:
        return []
    then = "greenroom retry --from command" if paused else "greenroom run"
    return [f"nobody runs here: greenroom was ended in the middle of it, and what ran is over; go on with: {then}"]


def _retries(execution: Execution) -> list[str]:
    """What was retried, and by whom."""
    told: list[str] = []
    for stage in execution.stages.values():
        counted = ((stage.auto_retries, "by itself"), (stage.retries, "by hand"))
        if times := [f"{count} {how}" for count, how in counted if count]:
            told.append(f"retried: {stage.name}, {', '.join(times)}")
    return told


def _gates(seen: Look) -> list[str]:
    """What keeps runs out of a stage, and who waits in front."""
    from engine.execution.explain import stage_waits

    state = seen.state
    closed = [(stage, found) for stage in state.transitions if (found := state.disabled(stage))]
    told = [f"disabled: the transition into {stage}, by {found.by}: {found.reason}" for stage, found in closed]
    waits = [(run, stage) for run in state.active for stage in run.stages if stage_waits(run, stage)]
    return told + [f"#{run.number} in front of {stage}: {stage_waits(run, stage)}" for run, stage in waits]


def _with_builds(
    chosen: Settings, seen: Look, execution: Execution, stage: str, name: str, action: ActionExecution | None
) -> Iterator[list[Cell]]:
    """The row of an action, and one for each build of its batch."""
    from tui.cli.columns import clipped
    from tui.cli.reports.builds import note, tone_of_build, took
    from tui.cli.reports.lines import glyph
    from tui.graph.builds import mark_of_build, word_of_build

    yield _cells(chosen, seen, execution, stage, name, action)
    for build in action.builds.values() if action else ():
        state = f"{glyph(chosen.terminal(), mark_of_build(build))} {word_of_build(build) or build.status.lower()}"
        row: list[Cell] = [f"  {stage}/{name}/{build.identifier}", (state, tone_of_build(build)), took(build)]
        yield [*row, clipped(note(build), _NOTE)]


def _cells(
    chosen: Settings, seen: Look, execution: Execution, stage: str, name: str, action: ActionExecution | None
) -> list[Cell]:
    from engine.reports.words import all_told
    from tui.cli.columns import clipped
    from tui.cli.reports.lines import glyph, tone_of
    from tui.cli.reports.reasons import note
    from tui.graph.marks import Mark
    from tui.graph.model import mark_of

    mark = mark_of(action, execution) if action else Mark.PENDING
    state = (f"{glyph(chosen.terminal(), mark)} {mark.word}", tone_of(mark))
    if action is None:
        return [f"{stage}/{name}", state, "", ""]
    took = duration(action.seconds) if action.seconds and not action.reused else ""
    told = "  ".join(part for part in (all_told(action.reports), note(seen.state, action)) if part)
    return [f"{stage}/{name}", state, took, clipped(told, _NOTE)]


def _json(seen: Look, execution: Execution) -> dict[str, object]:
    owner = seen.owner
    running = {"pid": owner.pid, "command": owner.command, "since": stamp(owner.since)} if owner else None
    return {
        "v": 1,
        "pipeline": seen.pipeline,
        "running": running,
        "execution": execution.number,
        "status": str(execution.status),
        "summary": execution.summary,
        "revision": execution.label,
        "started": stamp(execution.started_at),
        "seconds": round(_took(execution), 3),
        "type": execution.execution_type,
        "stages": [_stage(stage) for stage in execution.stages.values()],
        "actions": [_action(seen, *row) for row in _rows(seen, execution)],
        "transitions": [
            {"stage": name, "enabled": found.enabled, "reason": found.reason, "by": found.by, "since": stamp(found.at)}
            for name, found in seen.state.transitions.items()
        ],
        "paused": [_paused(standing) for standing in seen.state.paused()],
        "approvals": [f"{a.stage}/{a.action}" for a in seen.state.approvals()],
    }


def _paused(standing: Standing) -> dict[str, object]:
    from tui.cli.reports.public import paused_record

    return {
        "action": f"{standing.run.stage}/{standing.run.action}",
        "since": stamp(standing.paused_at),
        **paused_record(standing.paused),
    }


def _stage(stage: StageExecution) -> dict[str, object]:
    return {
        "stage": stage.name,
        "status": str(stage.status) if stage.status else None,
        "summary": stage.summary,
        "waiting": stage.waiting,
        "retries": stage.retries,
        "auto_retries": stage.auto_retries,
        "conditions": [
            {"condition": found.kind, "result": found.result, "status": str(found.status), "summary": found.summary}
            for found in stage.conditions
        ],
    }


def _action(seen: Look, stage: str, name: str, action: ActionExecution | None) -> dict[str, object]:
    from engine.reports.words import told
    from tui.cli.reports.builds import as_json
    from tui.cli.reports.public import phase_record
    from tui.cli.reports.reasons import reasons

    if action is None:
        return {"stage": stage, "action": name, "status": None}
    return {
        "stage": stage,
        "action": name,
        "status": str(action.status),
        "reused": action.reused,
        "waiting": action.awaits_approval,
        "paused": action.paused is not None,
        "attempt": action.attempt,
        "fidelity": str(action.fidelity) if action.fidelity else None,
        "seconds": round(action.seconds, 3),
        "why": reasons(seen.state, action),
        "reports": [
            {"group": report.group, "status": report.status, "told": told(report)} for report in action.reports
        ],
        "phases": [phase_record(record) for record in action.phases],
        "builds": [as_json(build) for build in action.builds.values()],
        "log": str(seen.log(action)),
    }
