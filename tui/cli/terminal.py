"""What the command prints, and where: results to stdout, everything said to people to stderr."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import IO, Literal

import click

When = Literal["auto", "always", "never"]
Tone = Literal["good", "bad", "warn", "dim", "accent", "strong"]

_TONES: dict[Tone, dict[str, object]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "warn": {"fg": "yellow"},
    "dim": {"dim": True},
    "accent": {"fg": "cyan"},
    "strong": {"bold": True},
}


def wants_colour(when: When, stream: IO[str]) -> bool:
    """Whether to colour that stream: `--color` beats NO_COLOR beats what the stream is."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty()


@dataclass(frozen=True, slots=True)
class Terminal:
    """The two streams of this process, with what is known of them."""

    out_colour: bool = False
    err_colour: bool = False
    unicode: bool = True
    quiet: bool = False
    verbose: int = 0

    @classmethod
    def detect(cls, when: When = "auto", *, quiet: bool = False, verbose: int = 0) -> Terminal:
        """As the process finds itself."""
        encoding = (getattr(sys.stderr, "encoding", None) or "ascii").lower().replace("-", "")
        return cls(
            out_colour=wants_colour(when, sys.stdout),
            err_colour=wants_colour(when, sys.stderr),
            unicode=encoding.startswith("utf"),
            quiet=quiet,
            verbose=verbose,
        )

    def say(self, text: str = "") -> None:
        """Progress, on stderr; silent under --quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Something that must be seen even under --quiet, on stderr."""
        click.echo(text, err=True, color=self.err_colour)

    def result(self, text: str) -> None:
        """What the command was asked for, on stdout."""
        click.echo(text, color=self.out_colour)

    def paint(self, text: str, tone: Tone | None, *, result: bool = False) -> str:
        """The text in that tone, where the stream it goes to is coloured."""
        if tone is None or not text or not (self.out_colour if result else self.err_colour):
            return text
        return click.style(text, **_TONES[tone])  # type: ignore[arg-type]


def someone_is_there() -> bool:
    """Whether a person sees what is said and could do something about it: no pipe, no CI."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def interactive() -> bool:
    """Whether the terminal app may open: all ends are terminals and nobody said CI; or it is for a browser.

    Screens are drawn on stderr, stdout is for results.
    """
    if os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:"):
        return True
    return all(end.isatty() for end in (sys.stdin, sys.stdout, sys.stderr)) and not os.environ.get("CI")
