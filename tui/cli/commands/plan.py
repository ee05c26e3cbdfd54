"""`greenroom plan`: what would run, what would be reused, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, run_options, settings
from tui.cli.terminal import Tone
from tui.cli.wishes import selection_options

if TYPE_CHECKING:
    from engine.execution.explain import PlannedAction
    from engine.opening import Opened
    from engine.providers.batch.checking import Seen
    from tui.cli.wishes import Wishes

_VERDICTS: dict[str, tuple[str, Tone]] = {
    "run": ("run", "accent"),
    "reuse": ("reuse", "good"),
    "maybe": ("maybe", "warn"),
    "ask": ("ask", "warn"),
    "skip": ("skip", "dim"),
    "stub": ("stub", "warn"),
}


@click.command()
@run_options
@selection_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    only: tuple[str, ...],
    start: str | None,
    until: str | None,
    forced: tuple[str, ...],
    as_json: bool,
) -> int:
    """Show what a run would do with each action, and why. Nothing runs.

    `maybe`: something before it runs first; if that gives the same output as before, this one is reused.
    """
    from tui.cli.wishes import Wishes

    return print_plan(settings(ctx), Wishes(only, start, until, forced, json=as_json))


def print_plan(chosen: Settings, wishes: Wishes) -> int:
    """Ask the engine and print its answer on stdout. Takes no lock: it works beside a running greenroom."""
    from engine.rehearse import PlanRefused
    from engine.session import plan_without_lock
    from tui.cli.opening import open_project
    from tui.cli.wishes import start_request

    opened = open_project(chosen)
    request = start_request(opened.declaration, wishes)
    try:
        planned = plan_without_lock(opened, forced=request.forced, selected=request.selected)
    except PlanRefused as refused:
        raise Problem(str(refused)) from refused
    batches = _batches(opened)
    if wishes.json:
        chosen.terminal().result(_json(opened.declaration.name, planned, batches))
    else:
        _print(chosen, planned, batches)
    return Exit.OK


def _batches(opened: Opened) -> dict[tuple[str, str], Seen]:
    """The batches of the pipeline whose buildspecs can be read now, by place."""
    actions = [action for stage in opened.declaration.stages for action in stage.actions]
    if not any("BatchEnabled" in action.configuration for action in actions):
        return {}
    from engine.providers.batch.checking import batches

    found = batches(opened.declaration, opened.project, opened.sources)
    return {(seen.stage, seen.action.name): seen for seen in found}


def _json(pipeline: str, planned: list[PlannedAction], batches: Mapping[tuple[str, str], Seen]) -> str:
    actions = [
        {
            "stage": action.stage,
            "action": action.action,
            "verdict": action.verdict,
            "why": list(action.reasons),
            "saved_seconds": round(action.saved, 3),
            **_builds(batches.get((action.stage, action.action))),
        }
        for action in planned
    ]
    return json.dumps({"v": 1, "pipeline": pipeline, "actions": actions}, indent=2, ensure_ascii=False)


def _builds(seen: Seen | None) -> dict[str, list[str]]:
    """The identifiers of a batch's builds."""
    return {"builds": [task.identifier for task in seen.batch.builds]} if seen and seen.batch else {}


def _why(action: PlannedAction, batches: Mapping[tuple[str, str], Seen]) -> str:
    seen = batches.get((action.stage, action.action)) if action.verdict in ("run", "maybe") else None
    if seen is None:
        return "; ".join(action.reasons)
    from engine.providers.batch.checking import told

    return "; ".join([*action.reasons, told(seen)])


def _print(chosen: Settings, planned: list[PlannedAction], batches: Mapping[tuple[str, str], Seen]) -> None:
    from tui.cli.columns import Cell, table

    rows: list[list[Cell]] = [
        [
            _VERDICTS[action.verdict],
            f"{action.stage}/{action.action}",
            _why(action, batches) if batches else "; ".join(action.reasons),
        ]
        for action in planned
    ]
    terminal = chosen.terminal()
    terminal.result(table(terminal, ["WHAT", "ACTION", "WHY"], rows))
    counts = {name: sum(a.verdict == name for a in planned) for name in _VERDICTS}
    terminal.say(terminal.paint(", ".join(f"{n} {name}" for name, n in counts.items() if n), "dim"))
