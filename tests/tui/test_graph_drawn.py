"""The graph as it is drawn, at every size: text, and where it stands out (``pytest tests/tui --rewrite``).

Below a line, ``s`` is the selection and ``f`` the colour of failures.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tui.conftest import Open
from tests.tui.script import Script, big, building
from tests.tui.stage import Stage
from tests.tui.test_gates import entering
from tests.tui.text_snapshot import screen_text

LEVELS = {"auto": (), "stages": ("minus",) * 3, "detail": ("plus",) * 3}
PICTURES = [
    *((building, size, tuple(LEVELS)) for size in ((60, 20), (80, 24), (120, 40), (200, 50))),
    *((big, size, ("auto", "stages")) for size in ((80, 24), (200, 50))),
    *((entering, size, ("auto",)) for size in ((80, 24), (120, 40))),
]


def drawn(stage: Stage) -> str:
    """The rows of the graph and its strip, each with its markers."""
    colors = {name: stage.app.theme_variables[name].lower() for name in ("selection-background", "status-failed")}
    markers = {f"on {colors['selection-background']}": "s", colors["status-failed"]: "f"}
    place = stage.app.screen.query_one("#map").region
    rows: list[list[str]] = []
    for line in screen_text(stage.app, markers).splitlines():
        if line.startswith("~"):
            rows[-1].append(line)
        else:
            rows.append([line])
    return "\n".join(line for row in rows[place.y : place.bottom] for line in row)


@pytest.mark.parametrize(
    ("story", "size", "levels"), PICTURES, ids=[f"{story.__name__}-{w}x{h}" for story, (w, h), _ in PICTURES]
)
async def test_drawn(
    opened: Open,
    snapshot: SnapshotAssertion,
    story: Callable[[], Script],
    size: tuple[int, int],
    levels: tuple[str, ...],
) -> None:
    async with opened(story(), size) as stage:
        for level in levels:
            await stage.press("0", *LEVELS[level])
            stage.app.clear_notifications()  # that it goes no further away
            await stage.pilot.pause()
            assert drawn(stage) == snapshot(name=level)
