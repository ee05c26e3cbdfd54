"""`greenroom attach`: one more screen for the greenroom that runs here."""

from __future__ import annotations

import click

from tui.cli.problem import Problem
from tui.cli.remoting import not_running
from tui.cli.settings import place_options, settings
from tui.cli.terminal import interactive


@click.command()
@place_options
@click.option("--theme", envvar="GREENROOM_THEME", help="Colours: one of ours, or a file of yours.")
@click.pass_context
def command(ctx: click.Context, theme: str | None) -> int:
    """Open another screen on the greenroom that runs here: a `run -w` without one, or another terminal's.

    Every key works as there; leaving ends this screen only.
    """
    from tui.cli.looking import look

    if not interactive():
        raise Problem(
            "a screen needs a terminal for input, output and errors", "Without one: greenroom status, logs -f."
        )
    seen = look(settings(ctx))
    if seen.owner is None:
        raise not_running("Start one: greenroom, or greenroom run -w")
    from tui.app import run
    from tui.attached import AttachedLink

    link = AttachedLink(seen)
    try:
        return run(link, theme=theme, title=seen.pipeline)
    finally:
        link.close()
