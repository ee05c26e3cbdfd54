"""A log that means mischief, in a real terminal: nothing of it is obeyed, and what it names opens in the editor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.terminal import terminal

pytestmark = pytest.mark.e2e

APP = """\
import sys

sys.stdout.write("\\x1b]0;OWNED\\x07\\x1b]52;c;T1dORUQ=\\x07\\x1b[2J\\x1b[31mred\\x1b[0m \\x9b6n\\r\\x1b[?1049ldone\\n")
print("\\x1b]8;;https://example.org/real\\x1b\\\\docs\\x1b]8;;\\x1b\\\\", flush=True)
raise SystemError("boom")
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A build that fails in line 5 of app.py, and one that says hello."""
    actions = {"Make": {"commands": ["echo quiet", "python3 app.py"]}, "Hello": {"commands": ["echo hello there"]}}
    project = tmp_path / "project"
    project.mkdir()
    (project / "pipeline.yaml").write_text(json.dumps({"name": "mischief", "stages": {"Build": actions}}))
    (project / "app.py").write_text(APP)
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/edited"\n')
    editor.chmod(0o755)
    return project


# As terminals with kitty's keyboard protocol send it: the plain byte and the next key would be alt with that.
ESCAPE = "\x1b[27u"


def test_from_the_log_to_the_editor(place: Path) -> None:
    with terminal(cwd=place, variables={"EDITOR": str(place.parent / "editor")}) as screen:
        screen.ended("✘")
        screen.press("1")
        screen.sees("SystemError: boom")
        screen.press("@")
        screen.press("\r")
        edited = place.parent / "edited"
        screen.until(lambda: edited.exists() and edited.read_text(), "the editor was not opened")
        assert edited.read_text().split() == ["+5", str(place / "app.py")]
        screen.sees("SystemError: boom")
        screen.press("&")
        screen.sees("filter")
        screen.press("boom")
        screen.sees(r"2 lines\s")
        screen.press(ESCAPE)
        screen.sees("docs")
        screen.press("M")
        screen.sees("Which logs")
        screen.press(" ", "j", " ", "\r")
        screen.sees("A Build/Make  B Build/Hello")
        screen.press("/")
        screen.sees("search")
        screen.press("hello th")
        screen.sees("2/2")
        assert "B│ hello there" in screen.text()
        screen.press(ESCAPE)
        screen.until(lambda: "2/2" not in screen.text(), "the search stays")
        screen.press("q")
        screen.sees("1 Log")
        screen.press("q")
        assert screen.ends()[0] == 0
    for evil in (b"OWNED", b"T1dORUQ=", b"\x9b6n", b"\x1b[6n"):
        assert evil not in screen.sent
    assert b";https://example.org/real\x1b\\" in screen.sent
    assert f"file://{place}/app.py".encode() in screen.sent
