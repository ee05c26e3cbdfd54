"""A second screen on a greenroom that runs without one."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import PATIENCE, program, terminal

pytestmark = pytest.mark.e2e
HELLO = Path(__file__).parents[2] / "sample-pipelines" / "hello"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Path]:
    """The sample, watched by a `run -w` until the test is over."""
    place = tmp_path / "hello"
    shutil.copytree(HELLO, place)
    process = subprocess.Popen([program(), "run", "-w"], cwd=place, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if b"Approve/Publish" in line:
                break
        yield place
        assert process.poll() is None, "leaving a screen must not end what it looked at"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def test_a_second_screen_approves_follows_and_leaves(watched: Path) -> None:
    with terminal("attach", cwd=watched) as screen:
        screen.sees(r"Approve/Publish waits for you")
        screen.press("a")
        screen.sees(r"Approve Approve/Publish\?")
        screen.press("\r")
        screen.sees(r"✔ Site")
        assert (watched / "deployed" / "index.html").is_file()
        screen.press("q")
        code, _ = screen.ends()
        assert code == 0


def test_where_none_runs_it_says_so(tmp_path: Path) -> None:
    shutil.copytree(HELLO, tmp_path / "hello")
    with terminal("attach", cwd=tmp_path / "hello") as screen:
        code, text = screen.ends()
        assert code == 2 and "no greenroom runs here" in text
