"""`greenroom approve` and `greenroom reject`: the answer to a waiting approval."""

from __future__ import annotations

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
@click.pass_context
def approve(ctx: click.Context, target: str, message: str) -> int:
    """Approve what waits in the greenroom that runs here; the one that waits, where none is named."""
    return _decide(settings(ctx), target, message, approved=True)


@click.command()
@place_options
@click.argument("target", required=False, default="", metavar="[STAGE/ACTION]", shell_complete=completing.approvals)
@click.option("-m", "--message", default="", help="Why; it is kept with the rejection.")
@click.pass_context
def reject(ctx: click.Context, target: str, message: str) -> int:
    """Reject what waits in the greenroom that runs here: its run fails."""
    return _decide(settings(ctx), target, message, approved=False)


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
