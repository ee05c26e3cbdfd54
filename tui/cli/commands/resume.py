"""`greenroom resume`: a paused action goes on in the greenroom that runs here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.execution.pausing import How
    from tui.cli.looking import Look


@click.command()
@place_options
@click.argument("target", required=False, default="", metavar="[STAGE/ACTION]", shell_complete=completing.builds)
@click.option(
    "--from",
    "place",
    type=click.Choice(["command", "phase", "start"]),
    help="Run the command again (the default after a failure), its phase from the beginning, or everything.",
)
@click.option("--continue", "goes_on", is_flag=True, help="Go on as though the command had succeeded.")
@click.option("--fail", is_flag=True, help="Let it fail, as it does on AWS.")
@click.pass_context
def command(ctx: click.Context, target: str, place: How | None, *, goes_on: bool, fail: bool) -> int:
    """Have a paused action go on; the one that is paused, where none is named. A build of a batch is named like
    Stage/Action/identifier.

    What you edited in its workspace is there; what you edited in the source directory is laid in. Where the buildspec
    was edited before the command, it goes on at the first command that was edited. From a breakpoint it goes on behind
    it, unless --from says otherwise.
    """
    from engine.execution.requests import Resume
    from tui.cli.looking import look
    from tui.cli.remoting import ask

    if sum((place is not None, goes_on, fail)) > 1:
        raise click.UsageError("--from, --continue and --fail exclude each other")
    chosen = settings(ctx)
    try:
        seen = look(chosen)
    except Problem as problem:
        if builds := _builds(chosen):
            raise _nothing(builds) from problem
        raise
    how = place or ("continue" if goes_on else "fail" if fail else usual(seen, target))
    if not ask(chosen, seen, Resume(target, how)).ok:
        raise _nobody(chosen, seen)
    return Exit.OK


def usual(seen: Look, target: str) -> How:
    """How the paused action goes on where nothing more is said."""
    standing = [found for found in seen.state.paused() if not target or target in found.names]
    at_breakpoint = bool(standing) and all(found.paused.reason == "breakpoint" for found in standing)
    return "continue" if at_breakpoint else "command"


def _nobody(chosen: Settings, seen: Look) -> Problem:
    """Actions are paused only while a greenroom runs; where they stood is kept, though."""
    stopped = [
        action
        for execution in [seen.state.latest]
        if execution
        for stage in execution.stages.values()
        for action in (seen.state.actions[identity] for identity in stage.latest_runs())
        if action.stopped_at
    ]
    return _nothing([*(["greenroom retry --from command"] if stopped else []), *_builds(chosen)])


def _builds(chosen: Settings) -> list[str]:
    """What takes up the builds without a pipeline that stopped at a command."""
    from engine.stopped import all_stopped
    from tui.cli.looking import state_directory

    return [found.again for found in all_stopped(state_directory(chosen))]


def _nothing(ways: Sequence[str]) -> Problem:
    hint = f"Take it up where it stopped: {', or '.join(ways)}" if ways else ""
    return Problem("no greenroom runs here, so nothing is paused", hint)
