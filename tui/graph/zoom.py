"""How a person wants the graph. Light: the first frame has it, but no graph yet."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["auto", "stages", "actions", "detail"]
Turn = Literal["auto", "across", "down"]

LEVELS: tuple[Level, ...] = ("stages", "actions", "detail")
"""From afar to near."""


class Zoom(NamedTuple):
    """What the person asked for: how near, which way, and whether a strip tells where they are in a wide pipeline."""

    level: Level = "auto"
    turn: Turn = "auto"
    strip: bool = True

    def step(self, near: float, by: int) -> Zoom:
        """One level nearer (1) or further away (-1) than `near`, where a drawing of its own accord stands."""
        ahead = [number for number in range(len(LEVELS)) if (number - near) * by > 0]
        return self._replace(level=LEVELS[min(ahead) if by > 0 else max(ahead)]) if ahead else self


AUTO = Zoom()
"""Nothing was asked for."""
