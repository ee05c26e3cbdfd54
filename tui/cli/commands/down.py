"""`greenroom down`: end the greenroom that runs here, and clean up if asked."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import place_options, settings
from tui.cli.terminal import Terminal
from tui.cli.words import Duration, count

_PAUSE = 0.05


@click.command()
@place_options
@click.option("--timeout", type=Duration(), default="20s", show_default=True, help="How long to wait for it.")
@click.option("--purge", is_flag=True, help="Delete .greenroom as well: history, logs, results, deployments in it.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, timeout: float, purge: bool, yes: bool) -> int:
    """End the greenroom that runs here, with everything it started. None runs: nothing to do, and that is fine."""
    from tui.cli.looking import state_directory

    chosen = settings(ctx)
    terminal = chosen.terminal()
    directory = state_directory(chosen)
    ended = _end(directory, timeout)
    terminal.say(f"greenroom: ended pid {ended}" if ended else "greenroom: none runs here")
    _remove_containers(directory, terminal)
    if purge and directory.exists():
        if not yes:
            click.confirm(f"Delete {directory}?", abort=True, err=True)
        _delete(directory)
        terminal.say(f"greenroom: deleted {directory}")
    return Exit.OK


def _end(directory: Path, timeout: float) -> int:
    """Ask the owner of the lock to end, wait until the lock is free. Returns its pid, 0 where there was none."""
    from engine.journal.lock import owner

    found = owner(directory)
    if found is None:
        return 0
    if not found.pid:
        raise Problem("a greenroom is just starting here", "Try again in a moment.")
    try:
        # The kernel's lock says that this very process lives: its pid cannot be somebody else's.
        os.kill(found.pid, signal.SIGTERM)
    except PermissionError as error:
        raise Problem(f"pid {found.pid} belongs to somebody else", f"It runs {found.command!r}.") from error
    except ProcessLookupError:
        return found.pid
    limit = time.monotonic() + timeout
    while owner(directory) is not None:
        if time.monotonic() > limit:
            raise Problem(f"pid {found.pid} has not ended yet", f"End it the hard way: kill -9 {found.pid}")
        time.sleep(_PAUSE)
    return found.pid


def _remove_containers(directory: Path, terminal: Terminal) -> None:
    """What a greenroom that was killed left behind. One whose engine does not answer stays for the next time."""
    from engine.recovery import forget_secrets, remove_containers

    forget_secrets(directory)
    removed, trouble = remove_containers(directory)
    if removed:
        terminal.say(f"greenroom: removed {count(removed, 'container')}")
    for sentence in trouble:
        terminal.say(f"greenroom: a container stays: {sentence}")


def _delete(directory: Path) -> None:
    """Delete it all; results in the store are read-only on purpose, so folders are opened first."""
    import shutil

    for folder, _, _ in os.walk(directory):
        Path(folder).chmod(0o700)
    shutil.rmtree(directory)
