"""A picture of the app without a terminal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.app import GreenroomApp

if TYPE_CHECKING:
    from engine.link import Link

_PAUSE = 0.02
_SETTLED = 0.3  # seconds that a log pane needs to read its file


def take(link: Link, execution_id: str, size: tuple[int, int], theme: str | None, keys: Sequence[str] = ()) -> str:
    """The screen as SVG, looking at that execution, after these keys."""
    return asyncio.run(_take(link, execution_id, size, theme, keys))


async def _take(link: Link, execution_id: str, size: tuple[int, int], theme: str | None, keys: Sequence[str]) -> str:
    app = GreenroomApp(lambda: link, theme=theme, lively=False)
    async with app.run_test(size=size) as pilot:
        while app.store.state is None and app.connect_error is None:
            await pilot.pause(_PAUSE)
        if app.connect_error is not None:
            raise app.connect_error
        app.store.view(execution_id)
        app.refresh_views()
        await pilot.press(*keys)
        await pilot.pause(_SETTLED)
        return without_addresses(app.export_screenshot(title=f"greenroom: {app.store.title}"))


def without_addresses(svg: str) -> str:
    """The picture without the fonts that it would load from elsewhere: any monospace font will do."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
