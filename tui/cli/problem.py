"""Errors as people see them: one sentence, and what to do about it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import IO, Any

import click

from tui.cli.exits import Exit


class Problem(click.ClickException):
    """Ends the command with exit code 2: a sentence on stderr, and below it what to do."""

    exit_code = int(Exit.USAGE)

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it the way every error of the command looks."""
        click.echo(f"greenroom: {self.message}", file=file, err=file is None)
        for line in self.hint.splitlines():
            click.echo(f"  {line}", file=file, err=file is None)


def unknown(kind: str, name: str, known: list[str]) -> Problem:
    """A name that does not exist: the nearest one, or all there are."""
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}" if known else ""
    return Problem(f"there is no {kind} {name!r}", hint)
