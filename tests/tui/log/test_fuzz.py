"""Nothing of a log reaches the terminal but text, colours and safe links, whatever its bytes are."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tests.tui.log.harness import showing, until
from tui.log.ansi import runs

ODD = (
    "\x9b31m \x9d0;t\x9c \x90q\x9c \u202e \u200f \ufeff \u200b \u00ad "
    "界 é e\u0301 👩\u200d👩\u200d👧 🇩🇪 שלום مرحبا 🙂 ﷺ \u0e33 ✌\ufe0f ~nobody/x:1"
)
SEQUENCES = (
    r"\e]0;title\a|\e]52;c;aGk=\e\\|\e]8;;https://ok.example/x\e\\|\e]8;;javascript:x\a|\e]8;;https://a\e]0;t\a|"
    r"\e]8;;file:///etc/passwd\a|\e]8;;\a|\e]1337;File=:AAAA\a|\ePq#0\e\\|\e_Gf=1;AA\e\\|\e^p\e\\|\e[2J|\e[?1049l|\e[6n|"
    r"\e[c|\ec|\e[31m|\e[38;2;1;2;3m|\e[|\e]|\eP|\e|https://example.org/\e[0m"
)
PIECES = [
    *(bytes([number]) for number in range(256)),
    *(text.encode() for text in [*ODD.split(" "), "\u2028", "\t", "a" * 90, "src/a.py:12: error"]),
    *(text.replace(r"\e", "\x1b").replace(r"\a", "\x07").encode() for text in SEQUENCES.split("|")),
    b"\x1b[" + b"9" * 3000 + b"m",
    b"[Container] 2026/01/01 00:00:00 Running command x",
    *(b"\xff\xfe", b"\xc3", b"\xe2\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x08\x08", b"\r"),
]
OURS = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;id=\w*-?\w*;(?:(?:https?|file)://[!-~]*)?\x1b\\|\x1b\]8;;\x1b\\")
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=40).map(b"".join))
def test_no_link_holds_more_than_an_address(data: bytes) -> None:
    for text, pen in runs(data.decode("utf-8", "replace")):
        assert not OBEYED.search(text)
        assert re.fullmatch(r"(?:(?i:https?|file)://[!-~]+)?", pen.link)


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_painted_is_harmless_and_as_wide_as_the_pane(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = [b"".join(chance.choices(PIECES, k=chance.randint(0, 25))) for _ in range(150)]
    path = tmp_path / "odd.log"
    path.write_bytes(b"\n".join(lines) + b"\n" + b"x" * (1 << 20) + b"\n")
    console = Console(color_system="truecolor", force_terminal=True)
    async with showing(path, live=False, size=(70, 21)) as (app, pilot):
        view = app.view
        for wrap, timestamps, sideways in ((False, True, 0), (True, False, 0), (False, False, 3)):
            app.pane.wrap, app.pane.timestamps = wrap, timestamps
            await pilot.press("g")
            view.action_columns(sideways)
            await until(pilot, lambda: view.scroll_y == 0)
            for _ in range(20):
                width = view.page_size.width
                for y in range(view.size.height):
                    strip = view.render_line(y)
                    text = "".join(segment.text for segment in strip)
                    assert not OBEYED.search(text)
                    assert strip.cell_length == sum(cell_len(segment.text) for segment in strip) == width
                    assert not OBEYED.search(OURS.sub("", strip.render(console)))
                view.action_pages(1)
                await pilot.pause()
        assert view.line_count >= 150


async def test_a_progress_bar_shows_its_last_state(tmp_path: Path) -> None:
    path = tmp_path / "bar.log"
    path.write_bytes(b"".join(b"\r%3d%% [%-20s]" % (at, b"=" * (at // 5)) for at in range(101)) * 80 + b"\ndone\n")
    async with showing(path, live=False) as (app, _):
        assert app.rows[:2] == ["100% [====================]", "done"]
