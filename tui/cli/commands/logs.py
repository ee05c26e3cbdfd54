"""`greenroom logs`: an action's log, or every log of a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.problem import Problem
from tui.cli.settings import Settings, log_options, settings

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution


@click.command()
@log_options
@click.argument("action", required=False, shell_complete=completing.builds)
@click.option("-f", "--follow", is_flag=True, help="Go on as it is written, until the action ends.")
@click.option("-n", "--lines", type=click.IntRange(min=0), help="Only the last lines.")
@click.option("-e", "--execution", default="", metavar="NUMBER", help="Of another run than the latest.")
@click.option("--path", is_flag=True, help="Print where the log file is, not what is in it.")
@click.pass_context
def command(ctx: click.Context, action: str | None, follow: bool, lines: int | None, execution: str, path: bool) -> int:
    """Print the log of ACTION, or of every action of the run, on stdout. A build of a batch is named like
    Stage/Action/identifier.

    A reused action shows the log of the run whose result it is. Here -f is --follow; a definition file is
    given with --file.
    """
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    run = seen.execution(execution)
    found = _chosen(seen, run, action)
    if path:
        for one in found:
            chosen.terminal().result(str(seen.log(*one)))
    elif follow:
        from tui.cli.following import follow_logs

        only, build = found[0] if action else (None, "")
        follow_logs(chosen, seen, run, only, build, lines)
    else:
        _print(chosen, seen, found, lines)
    return Exit.OK


Log = tuple["ActionExecution", str]
"""An action, and the build of its batch whose log is meant; empty for its own."""


def _chosen(seen: Look, run: Execution, action: str | None) -> list[Log]:
    from tui.cli.naming import find_build, places, the_build

    declaration = seen.state.declaration(run)
    if action is None:
        every = [seen.state.current(run, *place) for place in places(declaration)]
        return [(one, build) for one in every if one is not None for build in ("", *one.builds)]
    stage, name, build = find_build(declaration, action)
    found = seen.state.current(run, stage, name)
    if found is None:
        raise Problem(f"#{run.number} has not reached {stage}/{name}", "See: greenroom status")
    if build:
        the_build(found, build)
    return [(found, build)]


def _print(chosen: Settings, seen: Look, found: list[Log], lines: int | None) -> None:
    terminal = chosen.terminal()
    for action, build in found:
        file = seen.log(action, build)
        place = "/".join(filter(None, (action.stage, action.action, build)))
        if len(found) > 1:
            if not file.exists():
                continue
            terminal.result(terminal.paint(f"==> {place} <==", "strong", result=True))
        elif not file.exists():
            raise Problem(f"{place} has no log", f"It would be {file}")
        _copy(file, lines, raw=terminal.out_colour)


def _copy(file: Path, lines: int | None, *, raw: bool) -> None:
    from tui.cli.reports.tail import last_bytes, without_escapes

    with file.open("rb") as stream:
        stream.seek(last_bytes(stream, lines) if lines is not None else 0)
        sys.stdout.flush()
        out = sys.stdout.buffer
        while block := stream.readlines(1 << 20):
            text = b"".join(block)
            out.write(text if raw else without_escapes(text))
        out.flush()
