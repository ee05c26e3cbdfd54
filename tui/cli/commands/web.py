"""`greenroom web`: the app in a browser."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, run_options, settings

if TYPE_CHECKING:
    from engine.session import Session


@click.command()
@run_options
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="On 127.0.0.1; a free one by default.")
@click.option("--theme", envvar="GREENROOM_THEME", help="Colours: one of ours, or a file of yours.")
@click.option("--open/--no-open", "opens", default=False, help="Open it in your browser at once.")
@click.pass_context
def command(ctx: click.Context, port: int, theme: str | None, opens: bool) -> int:
    """Show the app in a browser on this machine, watching. The address, with its token, goes to stdout.

    Where a greenroom runs here already, the pages show that one. Ctrl-C ends it.
    """
    chosen = settings(ctx)
    try:
        from tui.web import WebScreens, attach_command
    except ImportError as error:
        raise Problem("the web view needs textual-serve", "pip install 'greenroom[web]'") from error
    session, pipeline = _session(chosen)

    def ready(address: str) -> None:
        chosen.terminal().result(address)
        if opens:
            click.launch(address)

    try:
        line = attach_command(chosen.directory.resolve(), pipeline, theme)
        WebScreens(line, port or _free_port(), f"greenroom: {pipeline}", ready).serve()
    except OSError as error:
        raise Problem(f"port {port} cannot be used: {error.strerror or error}", "Leave out --port") from error
    finally:
        if session is not None:
            from tui.cli.closing import close_session

            close_session(chosen.terminal(), session)
    return Exit.OK


def _session(chosen: Settings) -> tuple[Session | None, str]:
    """An engine, unless one runs here already; and the pipeline's name."""
    from engine.execution.requests import Start
    from engine.journal.lock import owner
    from tui.cli.looking import look, state_directory
    from tui.cli.opening import open_project, start_session

    if owner(state_directory(chosen)) is not None:
        return None, look(chosen).pipeline
    opened = open_project(chosen, watch=True)
    session = start_session(chosen.terminal(), opened, "web")
    session.request(Start())
    return session, opened.declaration.name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
