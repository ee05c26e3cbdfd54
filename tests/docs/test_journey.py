"""The journey in the docs, step by step, in a real terminal."""

from __future__ import annotations

import itertools
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.journey import JOURNEY, Step, steps
from tests.e2e.terminal import Terminal, program, terminal

# Escape as terminals with kitty's keyboard protocol send it: the plain byte and the next key would be alt with that.
KEYS = {"enter": "\r", "escape": "\x1b[27u", "space": " "}


class Walk:
    """Somebody who follows the page: one terminal with the app, one shell beside it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.screen: Terminal | None = None
        self.printed = ""

    @property
    def project(self) -> Path:
        return self.folder / "greenroom-demo"

    def take(self, step: Step) -> None:
        getattr(self, step.verb)(step.text)

    def do(self, text: str) -> None:
        name, *arguments = text.split()
        assert name == "greenroom"
        if self.screen is None:
            self.screen = self.stack.enter_context(terminal(*arguments, cwd=self.folder))
            return
        done = subprocess.run([program(), *arguments], cwd=self.project, capture_output=True, text=True, check=True)
        self.printed = done.stdout

    def press(self, text: str) -> None:
        assert self.screen is not None
        if text == "q":
            self.screen.press("q")
            code, self.printed = self.screen.ends()
            assert code == 0
            return
        self.screen.press(KEYS.get(text, text))

    def type(self, text: str) -> None:
        assert self.screen is not None
        self.screen.press(text)
        self.screen.sees(re.escape(text.removeprefix("Go to ")))

    def edit(self, text: str) -> None:
        name, _, change = text.partition(": ")
        old, _, new = change.partition(" -> ")
        file = self.project / name
        assert file.read_text().count(old) == 1
        file.write_text(file.read_text().replace(old, new))

    def see(self, text: str) -> None:
        if self.printed:
            assert text in self.printed
        else:
            assert self.screen is not None
            self.screen.sees(re.escape(text))

    def end(self, text: str) -> None:
        assert self.screen is not None
        self.screen.ended(text)


@pytest.mark.e2e
def test_every_step_of_the_journey(tmp_path: Path) -> None:
    with ExitStack() as stack:
        walk = Walk(tmp_path, stack)
        for step in steps(JOURNEY.read_text()):
            try:
                walk.take(step)
            except AssertionError as error:
                raise AssertionError(f"docs/journey.md:{step.line}: {step.verb} {step.text}: {error}") from error
        assert (walk.project / "deployed" / "index.html").exists()


def test_the_page_sees_something_after_everything_it_does() -> None:
    found = list(steps(JOURNEY.read_text()))
    assert sum(step.verb == "see" for step in found) >= 10
    for step, following in itertools.pairwise(found):
        assert step.verb not in ("do", "edit") or following.verb == "see", f"line {step.line}"


def test_a_line_that_is_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(steps("```\npresses q\n```"))
