"""Text for people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.prose import LABEL, Prose


def test_a_long_value_goes_on_below_itself() -> None:
    lines = Prose().row("env", "PATH " + "/very/long/bin:" * 6).content(60).plain.split("\n")
    assert lines[0].startswith("  env") and len(lines) > 1
    assert all(line.startswith(" " * (LABEL + 3)) for line in lines[1:])


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200), st.integers(1, 120))
def test_any_text_fits_any_width(label: str, value: str, width: int) -> None:
    prose = Prose().head("H", "aside").row("label", value, aside="x").line(value, indent=4).quiet("none")
    for line in prose.content(width).split("\n"):
        assert line.cell_length <= max(width, 2)


def test_labels_of_a_block_share_a_column() -> None:
    prose = Prose().row("short", "1").row("FullRepositoryName", "x").head("Next").row("short", "2")
    assert prose.plain.split("\n") == [
        "  short              1",
        "  FullRepositoryName x",
        "",
        "Next",
        "  short          2",
    ]


def test_brackets_are_text() -> None:
    assert Prose().line("[bold]x[/] [/tmp]").plain == "  [bold]x[/] [/tmp]"
