"""`greenroom retry`: a failed or stopped stage again, in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from tui.cli import completing
from tui.cli.settings import Settings, run_options, settings
from tui.cli.wishes import Wishes
from tui.cli.words import Duration

if TYPE_CHECKING:
    from engine.execution.pausing import From
    from engine.model.pipeline import RetryMode


@click.command()
@run_options
@click.argument("stage", required=False, default="", shell_complete=completing.stages)
@click.option("-e", "--execution", default="", metavar="NUMBER", help="Another run than the latest.")
@click.option("--all", "everything", is_flag=True, help="Every action of the stage, not only the failed ones.")
@click.option(
    "--from",
    "place",
    type=click.Choice(["command", "phase", "start"]),
    default="start",
    show_default=True,
    help="Take the failed actions up at the command that failed, or at the beginning of its phase.",
)
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one JSON object a line.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report to this file.")
@click.option("--strict", is_flag=True, help="Exit 4 where something is not what AWS does.")
@click.option("--timeout", type=Duration(), help="Give up after this time: 90s, 15m, 1h.")
@click.pass_context
def command(
    ctx: click.Context,
    stage: str,
    execution: str,
    everything: bool,
    place: str,
    as_json: bool,
    junit: Path | None,
    strict: bool,
    timeout: float | None,
) -> int:
    """Retry STAGE, or the one that failed, in the same run, with the sources as they were then.

    Where a greenroom runs here, it does it and this command returns at once. Otherwise it runs here, like `run`.
    To try with what you have changed since, use `run`: everything that is unchanged is reused. Or --from command:
    the build that failed is taken up where it stopped, in its workspace, with what you have edited laid in; such a
    result is never reused.
    """
    chosen = settings(ctx)
    wishes = Wishes(json=as_json, junit=junit, strict=strict, timeout=timeout)
    resume = place if place in ("command", "phase") else ""
    return _retry(chosen, stage.partition("/")[0], execution, everything, cast("From", resume), wishes)


def _retry(chosen: Settings, stage: str, execution: str, everything: bool, resume: From, wishes: Wishes) -> int:
    from engine.execution.requests import Retry
    from tui.cli.commands.run import ask_or_run
    from tui.cli.looking import look

    number = look(chosen).execution(execution).id
    mode: RetryMode = "ALL_ACTIONS" if everything else "FAILED_ACTIONS"
    return ask_or_run(chosen, Retry(stage, number, mode, resume=resume), wishes, "retry")
