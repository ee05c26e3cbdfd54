"""`greenroom tests`: what the test reports of a run say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.settings import Settings, place_options, settings
from tui.cli.words import duration

if TYPE_CHECKING:
    from engine.artifacts.store import Store
    from engine.execution.state import ActionExecution, Execution
    from engine.model.outcome import Report
    from engine.reports.details import Details
    from engine.reports.model import Case, Covered
    from tui.cli.terminal import Tone

_SHOWN_LINES = 12  # of one failure's message
_WORST = 5  # files of a coverage report


@click.command()
@place_options
@click.argument("action", required=False, shell_complete=completing.actions)
@click.option("-e", "--execution", default="", metavar="NUMBER", help="Of another run than the latest.")
@click.option("--slowest", default=5, metavar="N", type=click.IntRange(0), help="How many slow tests to name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, every case in it.")
@click.pass_context
def command(ctx: click.Context, action: str | None, execution: str, slowest: int, as_json: bool) -> int:
    """Show the tests and the coverage of the latest run, or of ACTION, on stdout: failures first, then the slowest."""
    from engine.sealed import store_of
    from tui.cli.looking import look
    from tui.cli.naming import find_action

    chosen = settings(ctx)
    seen = look(chosen)
    run = seen.execution(execution)
    place = find_action(seen.state.declaration(run), action) if action else None
    found = [each for each in _reporting(seen, run) if place in (None, (each.stage, each.action))]
    store = store_of(seen.directory)
    try:
        if as_json:
            rows = [_json(store, each, report) for each in found for report in each.reports]
            body = {"v": 1, "pipeline": seen.pipeline, "execution": run.number, "reports": rows}
            chosen.terminal().result(json.dumps(body, indent=2, ensure_ascii=False))
        elif not found:
            chosen.terminal().say(f"#{run.number} has no reports: a buildspec names them under `reports`.")
        for each in found if not as_json else ():
            for report in each.reports:
                _print(chosen, store, each, report, slowest)
    finally:
        store.close()
    return Exit.OK


def _reporting(seen: Look, run: Execution) -> list[ActionExecution]:
    """The actions of a run that have reports, in pipeline order."""
    found = []
    for stage in seen.state.plan_of(run):
        for declared in stage.actions:
            action = seen.state.current(run, stage.name, declared.name)
            if action is not None and action.reports:
                found.append(action)
    return found


def _details(store: Store, report: Report) -> Details | None:
    """Every case; None where the store keeps them no more."""
    from engine.reports.details import FILE, load

    try:
        return load(store.read(report.details, FILE))
    except (OSError, ValueError, KeyError):
        return None


def _print(chosen: Settings, store: Store, action: ActionExecution, report: Report, slowest: int) -> None:
    from engine.reports.words import told

    terminal = chosen.terminal()
    tone: Tone = "bad" if report.failed else "warn" if report.status == "INCOMPLETE" else "good"
    took = f"  in {duration(report.seconds)}" if report.seconds else ""
    head = f"{action.stage}/{action.action}  {report.group}"
    terminal.result(f"{head}  {terminal.paint(told(report), tone, result=True)}{took}")
    details = _details(store, report)
    if details is None:
        terminal.result("  its cases are not kept any more")
        return
    for line in (*_failures(details.cases), *_slow(details.cases, slowest), *_uncovered(details.covered)):
        terminal.result(line)


def _failures(cases: Sequence[Case]) -> Iterable[str]:
    for case in cases:
        if case.bad:
            yield ""
            yield f"  {case.status}  {'.'.join(filter(None, (case.suite, case.name)))}"
            if case.file:
                yield f"    {case.file}:{case.line}" if case.line else f"    {case.file}"
            lines = case.message.splitlines()
            yield from (f"    | {line}" for line in lines[:_SHOWN_LINES])
            if len(lines) > _SHOWN_LINES:
                yield f"    | ... {len(lines) - _SHOWN_LINES} more lines"


def _slow(cases: Sequence[Case], count: int) -> Iterable[str]:
    slow = sorted((case for case in cases if case.seconds > 0), key=lambda case: -case.seconds)[:count]
    if slow:
        yield ""
        yield "  slowest:"
    for case in slow:
        yield f"  {duration(case.seconds):>8}  {'.'.join(filter(None, (case.suite, case.name)))}"


def _uncovered(files: Sequence[Covered]) -> Iterable[str]:
    worst = sorted((file for file in files if file.lines_covered < file.lines), key=lambda file: file.line_rate)
    for file in worst[:_WORST]:
        yield f"  {file.line_rate:>7.1%}  {file.path}"


def _json(store: Store, action: ActionExecution, report: Report) -> dict[str, object]:
    details = _details(store, report)
    return {
        "stage": action.stage,
        "action": action.action,
        "reused": action.reused,
        **dataclasses.asdict(report),
        "cases": [dataclasses.asdict(case) for case in details.cases] if details else None,
        "files": [dataclasses.asdict(file) for file in details.covered] if details else None,
    }
