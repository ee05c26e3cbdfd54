"""The table of contents of a build's log."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import Open
from tests.tui.script import failed
from tui.log.file import LogFile
from tui.log.outline import Entry, shown
from tui.log.outline import outline as outline_of

LOG = b"""\
[Container] 2026/11/23 11:33:47.000000 Waiting for agent ping
[Container] 2026/11/23 11:33:47.100000 Entering phase INSTALL
[Container] 2026/11/23 11:33:47.100000 Phase complete: INSTALL State: SUCCEEDED
[Container] 2026/11/23 11:33:48.000000 Entering phase BUILD
[Container] 2026/11/23 11:33:48.500000 Running command make
some output with [Container] 2026/11/23 11:33:48 Entering phase FAKE
[Container] 2026/11/23 11:33:52.500000 Running command pytest -q
F
[Container] 2026/11/23 11:34:02.500000 Command did not exit successfully pytest -q exit status 1
[Container] 2026/11/23 11:34:02.500000 Phase complete: BUILD State: FAILED
[Container] 2026/11/23 11:34:03.000000 Entering phase POST_BUILD
[Container] 2026/11/23 11:34:03.500000 Running command sleep 9
"""


def outline(path: Path) -> tuple[Entry, ...]:
    file = LogFile.open(path)
    if file is None:
        return ()
    try:
        return outline_of(file)
    finally:
        file.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "x.log"
    path.write_bytes(LOG)
    return path


def test_phases_and_commands_with_their_durations(log: Path) -> None:
    found = [(entry.text, entry.command, entry.seconds, entry.state) for entry in outline(log)]
    assert found == [
        ("INSTALL", False, 0.0, "SUCCEEDED"),
        ("BUILD", False, 14.5, "FAILED"),
        ("make", True, 4.0, ""),
        ("pytest -q", True, 10.0, "FAILED"),
        ("POST_BUILD", False, None, ""),
        ("sleep 9", True, None, ""),
    ]
    assert [LOG[entry.offset :].startswith(b"[Container]") for entry in outline(log)] == [True] * 6
    assert [entry.text for entry in shown(outline(log))] == ["BUILD", "make", "pytest -q", "POST_BUILD", "sleep 9"]


def test_what_is_no_builds_log_has_none(tmp_path: Path) -> None:
    assert outline(tmp_path / "missing") == ()
    (tmp_path / "empty").write_bytes(b"")
    assert outline(tmp_path / "empty") == ()
    (tmp_path / "other").write_bytes(b"just text\n")
    assert outline(tmp_path / "other") == ()


@given(st.lists(st.sampled_from([line + b"\n" for line in LOG.splitlines()]) | st.binary(max_size=40), max_size=30))
def test_any_bytes_give_entries_in_order(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("outline") / "x.log"
    path.write_bytes(b"".join(lines))
    offsets = [entry.offset for entry in outline(path)]
    assert offsets == sorted(set(offsets))


async def test_m_goes_to_what_is_chosen(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    long = LOG.replace(b"F\n", b"line\n" * 3000)
    (tmp_path / "logs" / "2-Unit-1.log").write_bytes(long)
    async with opened(failed(), (120, 40)) as stage:
        await stage.press("1")
        await stage.until(lambda: "Command did not exit successfully pytest" in stage.text)
        assert "Running command pytest -q" not in stage.text
        await stage.press("m")
        await stage.until(lambda: "Phases and commands" in stage.text)
        assert "$ pytest -q" in stage.text and "10s" in stage.text and "✘ FAILED" in stage.text
        await stage.press("j", "j", "enter")
        await stage.until(lambda: "Running command pytest -q" in stage.text)


async def test_m_in_another_log_says_so(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2-Unit-1.log").write_bytes(b"only text\n")
    async with opened(failed(), (120, 40)) as stage:
        await stage.press("1", "m")
        await stage.until(lambda: any("has no phases" in said for said in stage.said))
