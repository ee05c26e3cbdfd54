"""`greenroom build`: one buildspec, without a pipeline."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, run_options, settings
from tui.cli.signals import CODES, Signals

if TYPE_CHECKING:
    from engine.building import Built, OneBuild

_LOOK = 0.05  # seconds between looks at the log


@click.command()
@run_options
@click.argument("buildspec", required=False, type=click.Path(path_type=Path))
@click.option(
    "--artifacts", type=click.Path(file_okay=False, path_type=Path), help="Write the artifacts to this folder."
)
@click.option(
    "--project", default="", metavar="NAME", help="The CodeBuild project whose settings in greenroom.yaml hold."
)
@click.pass_context
def command(ctx: click.Context, buildspec: Path | None, artifacts: Path | None, project: str) -> int:
    """Run one buildspec without a pipeline: BUILDSPEC, or the buildspec.yml here. The log goes to stdout.

    The directory is the source, as it is now, and stays as it is. Nothing is reused. The exit code tells the result.
    """
    from engine.building import OneBuild
    from engine.opening import OpenError
    from tui.cli.opening import engine_options

    chosen = settings(ctx)
    file = chosen.path(buildspec) if buildspec else None
    if file is not None and not file.is_file():
        raise Problem(f"there is no buildspec {buildspec}")
    try:
        build = OneBuild(engine_options(chosen), file, project)
        try:
            return _run(chosen, build, chosen.path(artifacts) if artifacts else None)
        finally:
            build.close()
    except OpenError as error:
        for diagnostic in error.diagnostics:
            chosen.terminal().warn(diagnostic.render())
        raise Problem(error.message, error.hint) from error


def _run(chosen: Settings, build: OneBuild, folder: Path | None) -> int:
    inbox: SimpleQueue[object] = SimpleQueue()
    with Signals(inbox):
        built, ended = asyncio.run(_followed(build, inbox))
    if built is None:
        return ended
    return _told(chosen, build, built, folder)


async def _followed(build: OneBuild, inbox: SimpleQueue[object]) -> tuple[Built | None, Exit]:
    """Run it, show its log as it grows, and end it where a signal says so."""
    import signal

    from tui.cli.following import Tail

    tail = Tail(build.log, b"", raw=sys.stdout.isatty(), lines=None)
    task = asyncio.ensure_future(build.run())
    ended = Exit.OK
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK)
            tail.pump()
            if not inbox.empty():
                ended = CODES[signal.Signals(inbox.get())]  # type: ignore[arg-type]
                task.cancel()
        tail.pump(last=True)
        return (None, ended) if task.cancelled() else (task.result(), Exit.OK)
    finally:
        tail.close()


def _told(chosen: Settings, build: OneBuild, built: Built, folder: Path | None) -> int:
    from engine.building import without_advice
    from engine.reports.words import all_told

    terminal = chosen.terminal()
    outcome = built.outcome
    if told := all_told(outcome.reports):
        terminal.say(f"tests: {told}")
    for name, value in outcome.variables.items():
        terminal.say(f"exported: {name}={value}")
    if outcome.failure is not None:
        failure = without_advice(outcome.failure)
        terminal.warn(terminal.paint(failure.message, "bad"))
        if failure.hint:
            terminal.warn(f"  {failure.hint}")
        if build.log.exists():
            terminal.warn(terminal.paint(f"  log: {build.log}", "dim"))
        return Exit.FAILED
    if folder is not None:
        for place in build.export(built, folder):
            terminal.say(f"wrote {place}")
    return Exit.OK
