"""The end of a log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.cli.reports.tail import last_bytes, plain, tail, without_escapes


def test_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(20_000)))
    assert tail(log, 2) == ["line 19998", "line 19999"]


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert tail(tmp_path / "log", 5) == []


def test_the_chatter_of_phases_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "boom\n[Container] 2026/01/01 00:00:00.000 Phase complete: BUILD State: FAILED\n"
        "[Container] 2026/01/01 00:00:00.000 Entering phase POST_BUILD\n"
    )
    assert tail(log, 5) == ["boom"]


def test_plain_text_is_what_a_terminal_would_show() -> None:
    assert plain("\x1b[1;31mred\x1b[0m") == "red"
    assert plain("10%\r50%\r100%") == "100%"
    assert plain("done\r") == "done"
    assert plain("\x1b]8;;http://x\x07link\x1b]8;;\x07 \x00bell\x07") == "link bell"


def test_bytes_without_escapes() -> None:
    assert without_escapes(b"\x1b[32mok\x1b[0m\n") == b"ok\n"


@pytest.mark.parametrize(
    ("text", "lines", "left"),
    [
        (b"a\nb\nc\n", 1, b"c\n"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\nb\n", 5, b"a\nb\n"),
        (b"a\n", 0, b""),
        (b"", 3, b""),
        (b"x\n" * 100_000, 2, b"x\nx\n"),
    ],
)
def test_where_the_last_lines_begin(tmp_path: Path, text: bytes, lines: int, left: bytes) -> None:
    log = tmp_path / "log"
    log.write_bytes(text)
    with log.open("rb") as stream:
        assert text[last_bytes(stream, lines) :] == left
