"""`greenroom run`: the pipeline without a screen."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli import completing
from tui.cli.exits import Exit
from tui.cli.settings import Pair, Settings, run_options, settings, watching_options
from tui.cli.wishes import Wishes, selection_options, start_request
from tui.cli.words import Duration

if TYPE_CHECKING:
    from engine.execution.requests import Request
    from engine.session import Session
    from tui.cli.headless import Headless
    from tui.cli.reports.report import Report


@click.command()
@run_options
@watching_options
@click.option(
    "-w", "--watch", is_flag=True, envvar="GREENROOM_WATCH", help="Stay, and run again on every save (see --trigger)."
)
@click.option(
    "-n", "--dry-run", is_flag=True, envvar="GREENROOM_DRY_RUN", help="Only show what would run: the same as plan."
)
@selection_options
@click.option(
    "--approve",
    multiple=True,
    metavar="STAGE/ACTION|all",
    envvar="GREENROOM_APPROVE",
    shell_complete=completing.approvals,
    help="Give this approval in advance.",
)
@click.option(
    "--source-revision",
    "sources",
    multiple=True,
    type=Pair(),
    metavar="ACTION=COMMIT",
    help="Take this source at a commit of its repository; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one JSON object a line.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report to this file.")
@click.option("--strict", is_flag=True, envvar="GREENROOM_STRICT", help="Exit 4 where something is not what AWS does.")
@click.option("--timeout", type=Duration(), envvar="GREENROOM_TIMEOUT", help="Give up after this time: 90s, 15m, 1h.")
@click.pass_context
def command(
    ctx: click.Context,
    watch: bool,
    dry_run: bool,
    only: tuple[str, ...],
    start: str | None,
    until: str | None,
    forced: tuple[str, ...],
    approve: tuple[str, ...],
    sources: tuple[tuple[str, str], ...],
    as_json: bool,
    junit: Path | None,
    strict: bool,
    timeout: float | None,
) -> int:
    """Run the pipeline without a screen. The exit code tells the result.

    What is unchanged is reused. Progress goes to stderr; --json puts every event on stdout. Where an approval
    waits that --approve did not give, the command ends with 77; the next run reuses everything up to there.
    """
    wishes = Wishes(only, start, until, forced, approve, watch, as_json, junit, strict, timeout, dict(sources))
    chosen = settings(ctx)
    if dry_run:
        from tui.cli.commands.plan import print_plan

        return print_plan(chosen, wishes)
    return run_pipeline(chosen, wishes)


def run_pipeline(chosen: Settings, wishes: Wishes) -> int:
    """Open the project, run it once (or watch), report, and give the exit code."""
    from tui.cli.closing import close_session
    from tui.cli.opening import open_project, start_session

    opened = open_project(chosen, watch=wishes.watch, report=wishes.junit)
    request = start_request(opened.declaration, wishes)
    session = start_session(chosen.terminal(), opened, "run")
    for name, url in session.webhooks.items():
        chosen.terminal().say(f"greenroom: webhook {name} at {url}")
    try:
        return drive(chosen, session, request, wishes)
    finally:
        close_session(chosen.terminal(), session)


def ask_or_run(chosen: Settings, request: Request, wishes: Wishes, command: str) -> int:
    """Have the greenroom that runs here do it; where none does, do it here and follow it to its end."""
    from tui.cli.closing import close_session
    from tui.cli.looking import look
    from tui.cli.opening import open_project, start_session
    from tui.cli.remoting import ask

    seen = look(chosen)
    if seen.owner and ask(chosen, seen, request).ok:
        return Exit.OK
    opened = open_project(chosen, pipeline=seen.pipeline, report=wishes.junit)
    session = start_session(chosen.terminal(), opened, command)
    try:
        return drive(chosen, session, request, wishes)
    finally:
        close_session(chosen.terminal(), session)


def drive(chosen: Settings, session: Session, request: Request, wishes: Wishes) -> int:
    """Follow what the request starts to its end. Returns the exit code."""
    from engine.execution.requests import Start
    from tui.cli.headless import Headless

    ahead = request.approve if isinstance(request, Start) else ()
    reports = _reports(chosen, session, wishes)
    headless = Headless(session, reports, watch=wishes.watch, timeout=wishes.timeout, approve=ahead)
    code = headless.run(request)
    if wishes.junit and headless.execution:
        from tui.cli.reports.junit import write_junit

        write_junit(chosen.path(wishes.junit), headless.state, headless.execution, session.log)
    return _strictly(chosen, headless, code) if wishes.strict else code


def _reports(chosen: Settings, session: Session, wishes: Wishes) -> list[Report]:
    from tui.cli.reports.calls import Calls
    from tui.cli.reports.lines import Lines
    from tui.cli.reports.stream import Stream
    from tui.cli.terminal import someone_is_there

    now = time.time()
    stays = wishes.watch or someone_is_there()
    reports: list[Report] = [Lines(chosen.terminal(), session.log, since=now, stays=stays)]
    if sys.stderr.isatty():
        reports.append(Calls(session, sys.stderr))
    return [*reports, Stream(sys.stdout, session.log, since=now)] if wishes.json else reports


def _strictly(chosen: Settings, headless: Headless, code: Exit) -> Exit:
    from tui.cli.fidelity import unfaithful

    found = unfaithful(headless.state, headless.execution) if headless.execution else []
    for sentence in found:
        chosen.terminal().warn(f"greenroom: --strict: {sentence}")
    return Exit.NOT_FAITHFUL if found and code is Exit.OK else code
