"""Textual's private parts are still what `tui._compat` takes them for."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui._compat import GrowingScrollView, screen_strips


class Tall(GrowingScrollView):
    DEFAULT_CSS = "Tall { overflow-y: scroll; }"

    def render_line(self, y: int) -> Strip:
        return Strip.blank(self.size.width)


class TallApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Tall()


def test_growth_would_ask_for_a_layout_otherwise() -> None:
    assert Widget.virtual_size._layout
    assert not GrowingScrollView.virtual_size._layout


async def test_growth_moves_the_scrollbar() -> None:
    async with TallApp().run_test(size=(20, 10)) as pilot:
        tall = pilot.app.query_one(Tall)
        await pilot.pause()
        tall.grow(Size(0, 1000))
        assert tall.vertical_scrollbar.window_virtual_size == 1000
        assert tall.max_scroll_y == 990
        tall.scroll_to(y=990, animate=False)
        tall.grow(Size(0, 100))
        assert tall.scroll_y == 90


async def test_the_screen_as_strips() -> None:
    async with TallApp().run_test(size=(20, 10)) as pilot:
        strips = screen_strips(pilot.app.screen)
        assert [strip.cell_length for strip in strips] == [20] * 10
