"""`greenroom build`: one buildspec, without a pipeline."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

import click

from tui.cli.asking import Asker
from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, run_options, settings
from tui.cli.signals import CODES, Signals
from tui.cli.terminal import someone_is_there

if TYPE_CHECKING:
    from engine.building import Built, OneBuild
    from engine.execution.pausing import From, How, Pause
    from tui.cli.following import Tail
    from tui.cli.terminal import Terminal

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
@click.option("--only", multiple=True, metavar="IDENTIFIER", help="Only this build of a batch; repeatable.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=DIRECTORY",
    help="A secondary source, in CODEBUILD_SRC_DIR_NAME; repeatable.",
)
@click.option("--plain", is_flag=True, help="The plain build of a buildspec that has a batch.")
@click.option(
    "--from",
    "place",
    type=click.Choice(["command", "phase", "start"]),
    default="start",
    help="Take the last build up at the command where it stopped, or at the beginning of its phase.",
)
@click.pass_context
def command(
    ctx: click.Context,
    buildspec: Path | None,
    artifacts: Path | None,
    project: str,
    only: tuple[str, ...],
    sources: tuple[str, ...],
    plain: bool,
    place: str,
) -> int:
    """Run one buildspec without a pipeline: BUILDSPEC, or the buildspec.yml here. The log goes to stdout.

    The directory is the source, as it is now, and stays as it is. Nothing is reused. The exit code tells the result.
    Where the buildspec has a batch, all builds of it run, and each line says whose it is.

    With --on-failure=pause a command that fails asks how it goes on, or opens a shell there. Where nobody can be asked,
    the exit code is 77, and --from command goes on from there once it is mended.
    """
    from engine.building import OneBuild
    from engine.opening import OpenError
    from tui.cli.opening import engine_options

    chosen = settings(ctx)
    file = chosen.path(buildspec) if buildspec else None
    if file is not None and not file.is_file():
        raise Problem(f"there is no buildspec {buildspec}")
    try:
        resume = cast("From", place if place in ("command", "phase") else "")
        others = _secondary(chosen, sources)
        build = OneBuild(engine_options(chosen), file, project, plain=plain, only=only, resume=resume, sources=others)
        try:
            return _run(chosen, build, chosen.path(artifacts) if artifacts else None)
        finally:
            build.close()
    except OpenError as error:
        for diagnostic in error.diagnostics:
            chosen.terminal().warn(diagnostic.render())
        raise Problem(error.message, error.hint) from error


def _secondary(chosen: Settings, given: tuple[str, ...]) -> dict[str, Path]:
    """The secondary sources, by name."""
    found = {}
    for text in given:
        name, _, folder = text.partition("=")
        if not re.fullmatch(r"\w{1,127}", name, re.ASCII) or not folder or name == "Source":
            raise Problem(
                f"--source {text} is none", "Write NAME=DIRECTORY, the name in letters, digits and underscores."
            )
        found[name] = chosen.path(Path(folder))
        if not found[name].is_dir():
            raise Problem(f"there is no directory {folder}")
    return found


def _run(chosen: Settings, build: OneBuild, folder: Path | None) -> int:
    inbox: SimpleQueue[object] = SimpleQueue()
    with Signals(inbox):
        built, ended = asyncio.run(_followed(chosen, build, inbox))
    if built is None:
        if ended is Exit.WAITING:
            _stands(chosen, build)
        return ended
    return _told(chosen, build, built, folder)


async def _followed(chosen: Settings, build: OneBuild, inbox: SimpleQueue[object]) -> tuple[Built | None, Exit]:
    """Run it, show its log as it grows, and end it where a signal says so."""
    import signal

    tails = _Tails(chosen, build)
    asker = Asker(chosen.terminal(), build.workspace, tails.pump)
    asked = someone_is_there()
    build.attend(asker.ask if asked else _nobody, chosen.on_failure)
    task = asyncio.ensure_future(build.run())
    ended = Exit.OK
    try:
        while not task.done():
            await asyncio.wait([task], timeout=_LOOK)
            if not asker.in_shell:
                tails.pump()
            if not inbox.empty():
                number = signal.Signals(inbox.get())  # type: ignore[arg-type]
                if not (asker.in_shell and number is signal.SIGINT):  # that one was for the shell
                    ended = CODES[number]
                    task.cancel()
            elif build.still and not asked:
                ended = Exit.WAITING
                task.cancel()
        tails.pump(last=True)
        return (None, ended) if task.cancelled() else (task.result(), Exit.OK)
    finally:
        tails.close()


async def _nobody(pause: Pause) -> How:
    """Nobody is there who could say how it goes on."""
    await asyncio.Event().wait()
    return "fail"


def _stands(chosen: Settings, build: OneBuild) -> None:
    """It ends while it stands still: what there is to be done."""
    from engine.stopped import stops

    terminal = chosen.terminal()
    for place in stops(build.place):
        terminal.warn(terminal.paint(f"paused at {place}", "warn"))
    _say_how_to_take_up(terminal, build)


def _say_how_to_take_up(terminal: Terminal, build: OneBuild) -> None:
    from engine.stopped import last

    if found := last(build.place):
        terminal.warn(f"  once it is mended, go on from there: {found.again}   (or --from phase)")


class _Tails:
    """The log of the build, and those of the builds of a batch with their names in front of each line."""

    def __init__(self, chosen: Settings, build: OneBuild) -> None:
        self._paint = chosen.terminal().paint
        self._build = build
        self._tails = {"": self._tail(build.log, "")}

    def _tail(self, file: Path, prefix: str) -> Tail:
        from tui.cli.following import Tail

        return Tail(file, self._paint(prefix, "accent", result=True).encode(), raw=sys.stdout.isatty(), lines=None)

    def pump(self, *, last: bool = False) -> None:
        """Print what is new in any of them."""
        for name, file in self._build.logs().items():
            if name not in self._tails:
                self._tails[name] = self._tail(file, f"{name} | ")
        for tail in self._tails.values():
            tail.pump(last=last)

    def close(self) -> None:
        """Give the files back."""
        for tail in self._tails.values():
            tail.close()


def _told(chosen: Settings, build: OneBuild, built: Built, folder: Path | None) -> int:
    from engine.building import without_advice
    from engine.reports.words import all_told

    terminal = chosen.terminal()
    outcome = built.outcome
    _say_builds(terminal, built)
    if told := all_told(outcome.reports):
        terminal.say(f"tests: {told}")
    for name, value in outcome.variables.items():
        terminal.say(f"exported: {name}={value}")
    if outcome.failure is not None:
        failure = without_advice(outcome.failure)
        terminal.warn(terminal.paint(failure.message, "bad"))
        if failure.hint:
            terminal.warn(f"  {failure.hint}")
        bad = {each.identifier for each in built.builds if each.bad}
        for log in [file for name, file in build.logs().items() if name in bad] or [build.log]:
            if log.exists():
                terminal.warn(terminal.paint(f"  log: {log}", "dim"))
        _say_how_to_take_up(terminal, build)
        return Exit.FAILED
    if folder is not None:
        for place in build.export(built, folder):
            terminal.say(f"wrote {place}")
    return Exit.OK


def _say_builds(terminal: Terminal, built: Built) -> None:
    """What became of each build of a batch."""
    from tui.cli.reports.builds import said, tone_of_build, took
    from tui.cli.reports.lines import glyph
    from tui.graph.builds import mark_of_build

    wide = max((len(each.identifier) for each in built.builds), default=0)
    for each in built.builds:
        mark = terminal.paint(glyph(terminal, mark_of_build(each)), tone_of_build(each))
        terminal.say(f"  {mark} {each.identifier:{wide}}  {took(each):>7}  {said(each)}".rstrip())
