"""The end of an engine that a command started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.terminal import Terminal

if TYPE_CHECKING:
    from engine.session import Session


def close_session(terminal: Terminal, session: Session) -> None:
    """End the engine, and say whom it could not tell at the very end."""
    session.close()
    for notice in session.unheard:
        terminal.warn(notice.render())
