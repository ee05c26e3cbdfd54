"""`greenroom approve` and `greenroom reject`: the answer to a waiting approval."""

from __future__ import annotations

import json
import time

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.problem import Problem
from tui.cli.settings import Settings, place_options, settings


@click.command()
@place_options
@click.argument("target", required=False, default="", metavar="[STAGE/ACTION]", shell_complete=completing.approvals)
@click.option("-m", "--message", default="", help="Why; it is kept with the approval.")
@click.option("--show", is_flag=True, help="Approve nothing; show the evidence on stdout (-v: line by line).")
@click.option("--json", "as_json", is_flag=True, help="With --show: one JSON array.")
@click.pass_context
def approve(ctx: click.Context, target: str, message: str, show: bool, as_json: bool) -> int:
    """Approve what waits in the greenroom that runs here; the one that waits, where none is named.

    --show says what would be approved: what differs from the run that was approved last in sources, artifacts and
    tests, and what the deployments behind the approval would do.
    """
    if show or as_json:
        return _show(settings(ctx), target, as_json=as_json)
    return _decide(settings(ctx), target, message, approved=True)


@click.command()
@place_options
@click.argument("target", required=False, default="", metavar="[STAGE/ACTION]", shell_complete=completing.approvals)
@click.option("-m", "--message", default="", help="Why; it is kept with the rejection.")
@click.pass_context
def reject(ctx: click.Context, target: str, message: str) -> int:
    """Reject what waits in the greenroom that runs here: its run fails."""
    return _decide(settings(ctx), target, message, approved=False)


def _show(chosen: Settings, target: str, *, as_json: bool) -> int:
    """The evidence for what waits."""
    from engine.evidence.approval import gather
    from engine.evidence.deployment import Here
    from engine.evidence.question import question
    from engine.reading.project_file import load_project
    from engine.sealed import store_of
    from tui.cli.looking import look
    from tui.cli.reports import evidence

    seen = look(chosen)
    waiting = [run for run in seen.state.approvals() if target in ("", run.action, f"{run.stage}/{run.action}")]
    if not waiting and not as_json:
        what = f"{target} waits for no approval here" if target else "nothing waits for an approval here"
        raise Problem(what, "greenroom status shows where the latest run stands.")
    root = chosen.directory.resolve()
    store, here = store_of(seen.directory), Here(root, seen.directory, load_project(root)[0])
    found = [gather(store, question(seen.state, run), here) for run in waiting]
    if as_json:
        chosen.terminal().result(json.dumps([evidence.as_json(one) for one in found], indent=2, ensure_ascii=False))
    for one in () if as_json else found:
        evidence.show(chosen.terminal(), store, one, time.time())
    return Exit.OK


def _decide(chosen: Settings, target: str, message: str, *, approved: bool) -> int:
    from engine.execution.requests import Approve
    from tui.cli.looking import look
    from tui.cli.remoting import ask

    seen = look(chosen)
    if not ask(chosen, seen, Approve(target, approved, message)).ok:
        raise _nobody(seen, target)
    return Exit.OK


def _nobody(seen: Look, target: str) -> Problem:
    """Approvals wait only while a greenroom runs; what waited when it ended was abandoned with its run."""
    declared = [
        f"{stage.name}/{action.name}"
        for stage in (seen.state.definition.stages if seen.state.version else ())
        for action in stage.actions
        if action.actionTypeId.category == "Approval"
    ]
    name = next((n for n in declared if target in (n, *n.split("/"))), target or (declared or ["all"])[0])
    return Problem(
        "no greenroom runs here, so nothing waits for an answer",
        "An approval that waited when greenroom ended was abandoned with its run.\n"
        f"Give it in advance: greenroom run --approve {name}   (what is unchanged is reused)",
    )
