"""`greenroom why`: why an action ran, was reused, or waits."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.problem import Problem
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.execution.counterfactual import Counterfactual
    from engine.execution.state import ActionExecution, Execution


@click.command()
@place_options
@click.argument("action", shell_complete=completing.actions)
@click.option("-e", "--execution", default="", metavar="NUMBER", help="In another run than the latest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--reads", "as_reads", is_flag=True, help="The input files it was seen to read (`inputs: observed`).")
@click.pass_context
def command(ctx: click.Context, action: str, execution: str, as_json: bool, as_reads: bool) -> int:
    """Say why ACTION ran, was reused, or waits, on stdout. With -v, everything that decides its result."""
    from tui.cli.looking import look
    from tui.cli.naming import find_run

    chosen = settings(ctx)
    seen = look(chosen)
    run = seen.execution(execution)
    stage, name = find_run(seen.state.declaration(run), action)
    found = seen.state.current(run, stage, name)
    if found is None:
        raise Problem(f"#{run.number} has not reached {stage}/{name}", _why_not(seen, run, stage))
    if as_reads:
        _print_reads(chosen, seen, found, as_json=as_json)
    elif as_json:
        chosen.terminal().result(json.dumps(_json(chosen, seen, run, found), indent=2, ensure_ascii=False))
    else:
        _print(chosen, seen, run, found)
    return Exit.OK


def _print_reads(chosen: Settings, seen: Look, action: ActionExecution, *, as_json: bool) -> None:
    from tui.cli.reports.observed import reads

    try:
        found = reads(seen.state, action, seen.directory)
    except LookupError as missing:
        raise Problem(f"nobody knows what {action.stage}/{action.action} reads", str(missing.args[0])) from None
    if as_json:
        chosen.terminal().result(json.dumps({"v": 1, "reads": found}, indent=2))
        return
    for name, paths in found.items():
        for path in paths:
            chosen.terminal().result(f"{name}/{path}" if len(found) > 1 else path)


def _why_not(seen: Look, run: Execution, stage: str) -> str:
    """What keeps a run out of a stage, or an action of the stage from its turn."""
    from engine.execution.explain import waits_for

    found = run.stages.get(stage)
    if found is None:
        return ""
    if found.waiting:
        return f"It is waiting: {found.waiting}"
    rules = [seen.state.actions[identity] for each in found.conditions if each.live for identity in each.rules.values()]
    if asked := [f"{rule.action}: {waits_for(seen.state, rule) or 'under way'}" for rule in rules if rule.live]:
        return f"A condition of {stage} is asked first. {'; '.join(asked)}"
    return f"Stage {stage} is {found.status}: {found.summary}" if found.summary else ""


def _print(chosen: Settings, seen: Look, run: Execution, action: ActionExecution) -> None:
    from engine.execution.counterfactual import told
    from tui.cli.reports.lines import glyph, tone_of
    from tui.cli.reports.reasons import reasons
    from tui.graph.model import mark_of

    terminal = chosen.terminal()
    mark = mark_of(action, run)
    head = f"{action.stage}/{action.action}  #{run.number}"
    state = terminal.paint(f"{glyph(terminal, mark)} {mark.word}", tone_of(mark), result=True)
    terminal.result(f"{head}  {state}")
    for reason in reasons(seen.state, action) or ["nothing is known of it yet"]:
        terminal.result(f"  {reason}")
    if (otherwise := _otherwise(chosen, seen, action)) is not None:
        terminal.result(f"  {told(otherwise)}")
    if action.failure is not None:
        terminal.result(f"  {action.failure.type}: {action.failure.message}")
    if action.fidelity:
        terminal.result(terminal.paint(f"  fidelity: {action.fidelity}", "dim", result=True))
    if chosen.verbose:
        for part in action.parts:
            terminal.result(f"  {part.kind:<14} {part.subject:<24} {part.value[:60]}".rstrip())
        terminal.result(f"  fingerprint    {action.fingerprint}")


def _otherwise(chosen: Settings, seen: Look, action: ActionExecution) -> Counterfactual | None:
    """What would have to be undone for the action to be reused."""
    from engine.evidence.nearest import nearest
    from engine.reading.project_file import load_project
    from engine.sealed import store_of

    project, _ = load_project(chosen.directory.resolve())
    return nearest(store_of(seen.directory), seen.state, action, project)


def _json(chosen: Settings, seen: Look, run: Execution, action: ActionExecution) -> dict[str, object]:
    from engine.execution.counterfactual import told
    from tui.cli.reports.observed import observed
    from tui.cli.reports.reasons import reasons

    otherwise = _otherwise(chosen, seen, action)
    return {
        "v": 1,
        "pipeline": seen.pipeline,
        "execution": run.number,
        "stage": action.stage,
        "action": action.action,
        "status": str(action.status),
        "reused": action.reused,
        "why": reasons(seen.state, action),
        "reused_if": None
        if otherwise is None
        else {
            "told": told(otherwise),
            "execution": otherwise.number,
            "conditions": [dataclasses.asdict(condition) for condition in otherwise.conditions],
        },
        "observed": observed(seen.state, action),
        "fidelity": str(action.fidelity) if action.fidelity else None,
        "fingerprint": action.fingerprint or None,
        "parts": [{"kind": p.kind, "subject": p.subject, "value": p.value} for p in action.parts],
    }
