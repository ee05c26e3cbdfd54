"""`greenroom stop`: end the run that is under way in the greenroom that runs here."""

from __future__ import annotations

import click

from tui.cli.exits import Exit
from tui.cli.settings import place_options, settings


@click.command()
@place_options
@click.argument("execution", required=False, default="", metavar="[NUMBER]")
@click.option("--abandon", is_flag=True, help="End running actions now instead of waiting for them.")
@click.option("-m", "--message", default="", help="Why; it is kept with the run.")
@click.pass_context
def command(ctx: click.Context, execution: str, abandon: bool, message: str) -> int:
    """Stop the newest run, or run NUMBER: nothing more starts, and what runs may finish.

    greenroom itself goes on; `greenroom down` ends it.
    """
    from engine.execution.requests import Stop
    from tui.cli.looking import look
    from tui.cli.remoting import ask, not_running

    chosen = settings(ctx)
    seen = look(chosen)
    if not ask(chosen, seen, Stop(execution.removeprefix("#"), abandon, message)).ok:
        raise not_running("So nothing is under way. Past runs: greenroom history")
    return Exit.OK
