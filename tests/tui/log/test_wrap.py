"""Rows of wrapped lines: nothing lost, nothing wider than the screen, the end always reached."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.log.wrap import last_top, page, rows

TEXT = st.text("ab界é\u0301", max_size=30)


@given(TEXT, st.integers(2, 12))
def test_rows_hold_the_whole_line(text: str, width: int) -> None:
    found = rows(3, text, width)
    edges = [*(row.start for row in found), len(text)]
    parts = [text[start:end] for start, end in pairwise(edges)]
    assert "".join(parts) == text
    assert [row.right - row.left for row in found] == [cell_len(part) for part in parts]
    assert all(cell_len(part) <= width for part in parts)
    assert all(row.line == 3 for row in found)


@given(st.lists(TEXT, min_size=1, max_size=12), st.integers(2, 12), st.integers(1, 8))
def test_every_row_is_on_some_page(lines: list[str], width: int, height: int) -> None:
    bottom = last_top(lines.__getitem__, len(lines), width, height)
    last = page(lines.__getitem__, bottom, len(lines), width, height)
    assert last[-1] == rows(len(lines) - 1, lines[-1], width)[-1]
    total = sum(len(rows(0, text, width)) for text in lines)
    assert len(last) == min(height, total)
    for top in range(bottom):
        assert page(lines.__getitem__, top, len(lines), width, height)[0] == rows(top, lines[top], width)[0]


def test_nothing_to_show() -> None:
    assert page(str, 0, 0, 80, 10) == []
    assert last_top(str, 0, 80, 10) == 0
    assert page(lambda _: "x", 0, 1, 80, 0) == []
