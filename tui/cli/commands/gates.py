"""`enable`, `disable`, `override`, `alarm`: what keeps a run out of a stage, or lets it in."""

from __future__ import annotations

import json

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.settings import Settings, place_options, run_options, settings

_CONDITIONS = {"beforeEntry": "BEFORE_ENTRY", "onSuccess": "ON_SUCCESS", "onFailure": "ON_FAILURE"}


@click.command()
@place_options
@click.argument("stage", shell_complete=completing.stages)
@click.option("-m", "--message", default="", metavar="REASON", help="Why; it is shown to whoever waits.")
@click.pass_context
def disable(ctx: click.Context, stage: str, message: str) -> int:
    """Let nothing enter STAGE until it is enabled again; that outlives this greenroom and the next.

    What is inside goes on. Runs that come wait in front of it, and newer ones supersede older ones there.
    """
    from engine.execution.requests import DisableTransition
    from tui.cli.remoting import ask_or_tell

    return ask_or_tell(settings(ctx), DisableTransition(stage, message or "disabled from the command line"))


@click.command()
@place_options
@click.argument("stage", shell_complete=completing.stages)
@click.pass_context
def enable(ctx: click.Context, stage: str) -> int:
    """Let runs enter STAGE again: the one that waits goes on at once."""
    from engine.execution.requests import EnableTransition
    from tui.cli.remoting import ask_or_tell

    return ask_or_tell(settings(ctx), EnableTransition(stage))


@click.command()
@run_options
@click.argument("stage", shell_complete=completing.stages)
@click.option("--condition", type=click.Choice(list(_CONDITIONS)), help="Which one; by default the one that holds it.")
@click.option("-e", "--execution", default="", metavar="NUMBER", help="Another run than the latest in the stage.")
@click.pass_context
def override(ctx: click.Context, stage: str, condition: str | None, execution: str) -> int:
    """Let a run pass STAGE in spite of the condition that holds it, or that has failed it.

    Where a greenroom runs here, it does it. Otherwise a run that a condition has failed goes on here, like `retry`.
    """
    from engine.execution.requests import OverrideCondition
    from tui.cli.commands.run import ask_or_run
    from tui.cli.wishes import Wishes

    kind = _CONDITIONS.get(condition or "", "")
    request = OverrideCondition(stage, kind, execution.removeprefix("#"))  # type: ignore[arg-type]
    return ask_or_run(settings(ctx), request, Wishes(), "override")


@click.command()
@place_options
@click.argument("name", required=False, default="")
@click.argument("state", required=False, type=click.Choice(["OK", "ALARM", "INSUFFICIENT_DATA"], case_sensitive=False))
@click.option("-m", "--message", default="", metavar="REASON", help="Why; it is kept with the alarm.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def alarm(ctx: click.Context, name: str, state: str | None, message: str, as_json: bool) -> int:
    """Show the local CloudWatch alarms, or give alarm NAME the state OK, ALARM or INSUFFICIENT_DATA.

    Rules of the kind CloudWatchAlarm look at them. greenroom.yaml says how an alarm begins (`alarms`).
    """
    chosen = settings(ctx)
    if state is None:
        return _show_alarms(chosen, name, as_json)
    from engine.execution.requests import SetAlarm
    from tui.cli.remoting import ask_or_tell

    return ask_or_tell(chosen, SetAlarm(name, state.upper(), message))  # type: ignore[arg-type]


def _show_alarms(chosen: Settings, name: str, as_json: bool) -> int:
    from tui.cli.columns import table
    from tui.cli.looking import look
    from tui.cli.words import clock, stamp

    alarms = {known: found for known, found in look(chosen).state.alarms.items() if name in ("", known)}
    terminal = chosen.terminal()
    if as_json:
        plain = {
            known: {"state": found.state, "reason": found.reason, "by": found.by, "since": stamp(found.at)}
            for known, found in alarms.items()
        }
        terminal.result(json.dumps(plain, indent=2, ensure_ascii=False))
    elif alarms:
        rows = [[known, found.state, clock(found.at), found.by or found.reason] for known, found in alarms.items()]
        terminal.result(table(terminal, ["ALARM", "STATE", "SINCE", "BY"], rows))
    else:
        terminal.say(f"No alarm {name}".rstrip() + " is known here: rules take it for INSUFFICIENT_DATA.")
    return Exit.OK
