"""`greenroom demo`: the first minute."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.exits import Exit
from tui.cli.opening import display
from tui.cli.settings import run_options, settings
from tui.cli.terminal import interactive


@click.command()
@run_options
@click.argument("place", metavar="[DIR]", required=False, default="greenroom-demo", type=click.Path(path_type=Path))
@click.option("--no-open", is_flag=True, help="Only make the copy.")
@click.pass_context
def command(ctx: click.Context, place: Path, no_open: bool) -> int:
    """Copy a small sample with one broken line to DIR (greenroom-demo), and open it.

    See it fail, mend the line in your editor, see only what it affects run again, press `a` to approve.
    """
    from tui.cli.demo_copy import copy_demo

    chosen = settings(ctx)
    destination = chosen.path(place)
    broken = copy_demo(destination)
    terminal = chosen.terminal()
    shown = display(destination)
    terminal.say(f"greenroom: copied the sample to {shown}; one line is wrong on purpose:")
    terminal.say(f"  {shown}/{broken.file}:{broken.line}   {broken.is_}")
    terminal.say(f"  it should say          {' ' * len(str(broken.line))}{broken.should}"[:120])
    if no_open:
        return Exit.OK
    chosen.directory, chosen.file, chosen.pipeline = destination, None, None
    if interactive():
        from tui.cli.commands.app import open_app

        return open_app(chosen)
    terminal.say("Without a terminal, this is how it goes on:")
    for line in ("run                  # fails in Test", "run --approve all    # once the line is mended"):
        terminal.say(f"  greenroom -C {shown} {line}")
    return Exit.OK
