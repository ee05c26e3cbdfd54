"""`greenroom rollback`: a stage again with what an earlier run had."""

from __future__ import annotations

import click

from tui.cli import completing
from tui.cli.settings import run_options, settings
from tui.cli.wishes import Wishes
from tui.cli.words import Duration


@click.command()
@run_options
@click.argument("stage", shell_complete=completing.stages)
@click.argument("to", required=False, default="", metavar="[NUMBER]")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one JSON object a line.")
@click.option("--timeout", type=Duration(), help="Give up after this time: 90s, 15m, 1h.")
@click.pass_context
def command(ctx: click.Context, stage: str, to: str, as_json: bool, timeout: float | None) -> int:
    """Run STAGE again with the revisions, artifacts and variables of run NUMBER, or of the latest that succeeded there.

    It is a run of its own and goes through that stage alone. Where a greenroom runs here, it does it and this command
    returns at once. Otherwise it runs here, like `run`.
    """
    from engine.execution.requests import Rollback
    from tui.cli.commands.run import ask_or_run

    request = Rollback(stage, to.removeprefix("#"))
    return ask_or_run(settings(ctx), request, Wishes(json=as_json, timeout=timeout), "rollback")
