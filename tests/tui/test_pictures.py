"""Pictures of the main screens, to be looked at when they change (``pytest tests/tui --rewrite``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.fake_link import FakeLink
from tests.tui.script import Script, big, building, failed, waiting
from tui.app import GreenroomApp

Compare = Callable[..., bool]

LOG = """\
[Container] 2026/09/21 14:15:11.000001 Running command pytest -q
\x1b[32m................................................\x1b[0m [ 96%]
\x1b[31mF\x1b[0m
E   AssertionError: assert 'Hello, Ada' == 'Hello'
1 failed, 48 passed in 6.31s
"""


def show(story: Script, root: Path, theme: str) -> GreenroomApp:
    (root / "logs").mkdir()
    for name in ("2-Unit-1", "1-Integration-2-1"):
        (root / "logs" / f"{name}.log").write_text(LOG)
    return GreenroomApp(lambda: FakeLink(story, root), theme=theme, clock=lambda: story.at, lively=False)


def after(*keys: str) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def before(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, GreenroomApp)
        while app.store.state is None:
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return before


@pytest.mark.parametrize(
    ("story", "size", "theme", "keys"),
    [
        (building, (120, 40), "greenroom-dark", ("w",)),
        (building, (120, 40), "greenroom-light", ("w",)),
        (waiting, (80, 24), "greenroom-dark", ("a",)),
        (failed, (80, 24), "greenroom-light", ()),
        (big, (160, 50), "greenroom-cvd", ("2",)),
        (big, (200, 50), "greenroom-dark", ("5",)),
    ],
    ids=["dark", "light", "approval", "list", "beside", "wide"],
)
def test_picture(
    snap_compare: Compare,
    tmp_path: Path,
    story: Callable[[], Script],
    size: tuple[int, int],
    theme: str,
    keys: tuple[str, ...],
) -> None:
    app = show(story(), tmp_path, theme)
    assert snap_compare(app, terminal_size=size, run_before=after(*keys))
