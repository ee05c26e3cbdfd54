"""Runs that cause themselves: an action that writes into the source it was started for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

ROUNDS: Final = 5
"""Changes of one path in a row, each while the same action was at work, that make a loop."""

SAME: Final = 0.3
"""Seconds within which changes of one path are one write in pieces."""

EVENNESS: Final = 1.5
"""How far apart the longest and the shortest interval of a loop may be: machines keep time, people do not."""

SLACK: Final = 0.3
"""Seconds by which intervals may differ in any case."""

QUICK: Final = 2.0
"""Nobody saves one file again and again within fewer seconds: then evenness is no matter, as on a busy machine."""

FORGET: Final = 3_600.0
"""Seconds after which a path that stayed as it is is forgotten."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop is on: `paths` change over and over, each time while `actions` (usually one) are at work."""

    paths: tuple[Path, ...]
    actions: tuple[str, ...]
    rounds: int

    @property
    def message(self) -> str:
        """What to tell people, and what to do about it."""
        shown = ", ".join(path.name for path in self.paths[:3])
        more = f" and {len(self.paths) - 3} more" if len(self.paths) > 3 else ""
        return (
            f"{' or '.join(self.actions)} seems to write {shown}{more} into its own source: {self.rounds} runs in a"
            " row were started by that. Ignore it in .gitignore, or have it written somewhere else."
        )


@dataclass(frozen=True, slots=True)
class _Streak:
    """The rounds of one path so far: `actions` were at work in each of them."""

    began: float
    rounds: int
    actions: frozenset[str]
    shortest: float
    longest: float


class FeedbackGuard:
    """Told of every change that came of a save or a run, it notices when runs start themselves.

    Pure and deterministic: the same calls give the same answers.
    """

    def __init__(self, rounds: int = ROUNDS) -> None:
        """`rounds`: how often a path must come back before it is called a loop; at least 2."""
        self._rounds = max(2, rounds)
        self._streaks: dict[Path, _Streak] = {}

    def feed(self, at: float, paths: Collection[Path], active: Collection[str]) -> Loop | None:
        """`paths` changed at `at` (seconds, never going back) while the actions named `active` were at work.

        An action counts as at work until a moment after its end, as its last write is noticed only then. Answers
        with the loop that these changes are part of, if they are.
        """
        self._forget(at)
        names = frozenset(active)
        looping: dict[Path, _Streak] = {}
        for path in paths:
            streak = self._next(self._streaks.get(path), at, names)
            if streak is None:
                self._streaks.pop(path, None)
                continue
            self._streaks[path] = streak
            if streak.rounds >= self._rounds:
                looping[path] = streak
        if not looping:
            return None
        suspects = frozenset.union(*(streak.actions for streak in looping.values()))
        common = frozenset.intersection(*(streak.actions for streak in looping.values()))
        most = max(streak.rounds for streak in looping.values())
        return Loop(tuple(sorted(looping)), tuple(sorted(common or suspects)), most)

    def reset(self) -> None:
        """Forget everything, for instance because the user said to go on."""
        self._streaks.clear()

    @staticmethod
    def _next(streak: _Streak | None, at: float, active: frozenset[str]) -> _Streak | None:
        if not active:
            return None  # nothing of ours was running: somebody saved it
        fresh = _Streak(at, 1, active, 0.0, 0.0)
        if streak is None or not streak.actions & active:
            return fresh
        interval = at - streak.began
        if interval < SAME:
            return replace(streak, actions=streak.actions & active)
        shortest = min(interval, streak.shortest or interval)
        longest = max(interval, streak.longest)
        if longest > QUICK and longest > shortest * EVENNESS + SLACK:
            return replace(fresh, rounds=2, actions=streak.actions & active, shortest=interval, longest=interval)
        return _Streak(at, streak.rounds + 1, streak.actions & active, shortest, longest)

    def _forget(self, at: float) -> None:
        old = [path for path, streak in self._streaks.items() if at - streak.began > FORGET]
        for path in old:
            del self._streaks[path]
