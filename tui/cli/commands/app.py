"""`greenroom` and `greenroom tui`: the terminal app."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, run_options, screen_options, settings, watching_options
from tui.cli.terminal import interactive

if TYPE_CHECKING:
    from engine.opening import OpenError
    from engine.session import Session


@click.command()
@run_options
@watching_options
@click.argument("path", required=False, type=click.Path(path_type=Path))
@screen_options
@click.pass_context
def command(ctx: click.Context, path: Path | None, theme: str | None, *, plain: bool) -> int:
    """Open the terminal app on the pipeline here, or at PATH (a directory or a definition file), watching.

    With --plain (or GREENROOM_PLAIN, or `plain` in settings.toml) it tells in sentences what happens, and obeys
    commands that are typed: `help` lists them.
    """
    chosen = settings(ctx)
    if path is not None:
        _go_to(chosen, chosen.path(path))
    if plain or _prefers_plain():
        return _in_lines(chosen)
    return open_app(chosen, theme=theme)


def _prefers_plain() -> bool:
    from tui.preferences import load_preferences

    return load_preferences().plain


def _in_lines(chosen: Settings) -> int:
    """The same without a screen; input and output may be pipes."""
    from tui.plain.conversation import converse

    opened: list[Session] = []
    try:
        return converse(lambda: _connect(chosen, opened, start=False))
    finally:
        from tui.cli.closing import close_session

        for session in opened:
            close_session(chosen.terminal(), session)


def _connect(chosen: Settings, opened: list[Session], *, start: bool = True) -> Session:
    """Open the engine, and start the first run."""
    from engine.execution.requests import Start
    from engine.opening import open_project
    from engine.session import Session
    from tui.cli.opening import engine_options

    options = replace(engine_options(chosen, watch=True), attended=True)
    session = Session.start(open_project(options), command="tui")
    opened.append(session)
    if start:
        session.request(Start())
    return session


def _go_to(chosen: Settings, path: Path) -> None:
    if not path.exists():
        raise Problem(f"there is no {path}")
    if path.is_dir():
        chosen.directory = path
    else:
        chosen.file = path.resolve()


def open_app(chosen: Settings, *, theme: str | None = None) -> int:
    """Show the app until the person leaves, then say in a few lines what happened."""
    if not interactive():
        raise Problem(
            "the terminal app needs a terminal for input, output and errors, and CI must not be set",
            "Without one: greenroom run (--json, --junit), greenroom plan, greenroom status.",
        )
    opened: list[Session] = []
    began = time.time()
    try:
        try:
            code = _show(chosen, opened, theme)
        except Exception as error:
            if not _choose(chosen, error, theme):
                return Exit.OK
            code = _show(chosen, opened, theme)
    finally:
        from tui.cli.closing import close_session

        for session in opened:
            close_session(chosen.terminal(), session)
    for session in opened:
        from tui.cli.reports.farewell import farewell

        terminal = chosen.terminal()
        for line in farewell(terminal, session.state(), session.opened.state_dir, since=began):
            terminal.say(line)
    return code


def _show(chosen: Settings, opened: list[Session], theme: str | None) -> int:
    """Run the app. The engine opens on the app's own thread, after the first frame."""
    from tui.app import run

    return run(lambda: _connect(chosen, opened), theme=theme, title=chosen.directory.resolve().name)


def _choose(chosen: Settings, error: Exception, theme: str | None) -> bool:
    """Ask which of several pipelines is meant; whether one was chosen. Raises `error` again if it is another."""
    # Not imported before the first frame: the engine's models take as long as the whole rest of the start.
    from engine.opening import OpenError
    from engine.reading.project_file import find_project

    if not isinstance(error, OpenError):
        raise error
    if not error.candidates:
        _refused(chosen, error)
    picked = _pick(error, theme)
    if picked is None:
        return False
    chosen.pipeline, chosen.file = picked
    if find_project(picked[1].parent):  # a project of its own: as if greenroom had been started there
        chosen.directory = picked[1].parent
    return True


def _refused(chosen: Settings, error: OpenError) -> None:
    for diagnostic in error.diagnostics:
        chosen.terminal().warn(diagnostic.render())
    raise Problem(error.message, error.hint) from error


def _pick(error: OpenError, theme: str | None) -> tuple[str, Path] | None:
    """Which of several pipelines; None when the person leaves instead."""
    from tui.cli.opening import display
    from tui.screens.picker import pick

    choices = [(candidate.declaration.name, display(candidate.file)) for candidate in error.candidates]
    index = pick(choices, theme=theme)
    if index is None:
        return None
    picked = error.candidates[index]
    return picked.declaration.name, picked.file.resolve()
