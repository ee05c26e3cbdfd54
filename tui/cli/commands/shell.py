"""`greenroom shell`: a shell where an action ran, with what it had."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import completing
from tui.cli.problem import Problem
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution
    from engine.model.project import ProjectFile
    from tui.cli.looking import Look


@click.command()
@place_options
@click.argument("action", shell_complete=completing.builds)
@click.option("-c", "--command", "line", help="Run this in it instead of opening it.")
@click.pass_context
def command(ctx: click.Context, action: str, line: str | None) -> int:
    """Open a shell in the workspace of ACTION's latest run, with its environment. A build of a batch is named like
    Stage/Action/identifier.

    What you change there changes nothing else: mend the source, then `greenroom retry` or `greenroom run`.
    """
    from tui.cli.looking import look
    from tui.cli.naming import find_build, the_build

    chosen = settings(ctx)
    seen = look(chosen)
    stage, name, build = find_build(seen.declaration, action)
    attempts = [a for a in seen.state.attempts(stage, name) if a.started_at]
    if not attempts:
        raise Problem(f"{stage}/{name} has not run yet", "Start with: greenroom run")
    if build:
        the_build(attempts[-1], build)
    elif attempts[-1].builds:
        build = next(iter(found.identifier for found in attempts[-1].builds.values() if found.bad), "")
        if not build:
            raise Problem(
                f"{stage}/{name} is a batch: each of its builds has a workspace of its own",
                f"Name one: {', '.join(f'{stage}/{name}/{found}' for found in attempts[-1].builds)}",
            )
    return _enter(chosen, seen, attempts[-1], line, build)


def _enter(chosen: Settings, seen: Look, action: ActionExecution, line: str | None, build: str) -> int:
    argv, directory, environment = _where(chosen, seen, action, line, build)
    terminal = chosen.terminal()
    if line is None:
        place = "/".join(filter(None, (action.stage, action.action, build)))
        terminal.say(f"{place} in {directory}   (exit to leave)")
    os.chdir(directory)
    # The shell takes this process's place: its signals, its terminal and its exit code are the user's own.
    os.execvpe(argv[0], argv, environment)  # noqa: S606


def _project(chosen: Settings) -> ProjectFile | None:
    """What greenroom.yaml and the definition say now; None where they cannot be used."""
    from engine.opening import OpenError, open_project
    from tui.cli.opening import engine_options

    try:
        return open_project(engine_options(chosen)).project
    except OpenError:
        return None


def _where(
    chosen: Settings, seen: Look, action: ActionExecution, line: str | None, build: str
) -> tuple[list[str], Path, dict[str, str]]:
    from engine.places import place_of_work
    from engine.providers.book import workspace_of
    from engine.providers.regained import regained
    from engine.providers.shell import shell_in
    from engine.recovery import forget_secrets_of
    from engine.runners.docker.again import ContainerGone

    workspace = workspace_of(place_of_work(seen.state, seen.directory, action), build)
    gone = Problem(
        f"{action.stage}/{action.action} left no workspace", f"Run it again: greenroom run --force {action.action}"
    )
    if not workspace.exists():
        raise gone
    if seen.owner is None:  # then no build stands still there, though one that a kill ended may have
        forget_secrets_of(workspace)
    try:
        return shell_in(workspace, line, regained(workspace, lambda: _project(chosen)))
    except ContainerGone as error:
        raise Problem(str(error), error.hint) from error
    except LookupError as error:
        raise gone from error
