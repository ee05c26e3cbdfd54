"""Asking the greenroom that runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.problem import Problem
from tui.cli.settings import Settings

if TYPE_CHECKING:
    from engine.execution.requests import Answer, Request


def ask(chosen: Settings, look: Look, request: Request) -> Answer:
    """Its answer, said on stderr where it is a yes. Raises `Problem` for a refusal."""
    from engine.session import remote

    answer = remote(look.directory, request, look.pipeline)
    if not answer.ok and answer.exception != "NotRunning":
        raise refused(answer)
    _say(chosen, answer)
    return answer


def ask_or_tell(chosen: Settings, request: Request) -> int:
    """Ask the greenroom that runs here; where none does, write it down for the next one. Raises `Problem`."""
    from tui.cli.looking import look
    from tui.cli.opening import open_project, start_session

    seen = look(chosen)
    if ask(chosen, seen, request).ok:
        return Exit.OK
    session = start_session(chosen.terminal(), open_project(chosen, pipeline=seen.pipeline), "request")
    try:
        answer = session.request(request).result()
    finally:
        session.close()
    if not answer.ok:
        raise refused(answer)
    _say(chosen, answer)
    return Exit.OK


def refused(answer: Answer) -> Problem:
    """A refusal, with the name that AWS has for it."""
    aws = f" ({answer.exception})" if answer.exception else ""
    return Problem(f"{answer.message or 'refused'}{aws}")


def _say(chosen: Settings, answer: Answer) -> None:
    if answer.ok and answer.message:
        chosen.terminal().say(f"greenroom: {answer.message}")


def not_running(hint: str = "") -> Problem:
    """Nobody is there to ask."""
    return Problem("no greenroom runs here", hint)
