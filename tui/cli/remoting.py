"""Asking the greenroom that runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        aws = f" ({answer.exception})" if answer.exception else ""
        raise Problem(f"{answer.message or 'refused'}{aws}")
    if answer.ok and answer.message:
        chosen.terminal().say(f"greenroom: {answer.message}")
    return answer


def not_running(hint: str = "") -> Problem:
    """Nobody is there to ask."""
    return Problem("no greenroom runs here", hint)
