"""Places in a buildspec: which command of which phase, and the first at which two buildspecs differ."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from engine.execution.pausing import Pause
from engine.providers.buildspec.model import PHASES, Buildspec, Phase

Outline = tuple[tuple[str, ...], ...]
"""For each phase the digests of its commands, a word for where `finally` begins, and those of `finally`."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A command: the phase's number in `PHASES`, and its own among the phase's commands and then those of `finally`."""

    phase: int = 0
    index: int = 0

    @classmethod
    def of(cls, pause: Pause) -> Position:
        """Where somebody was told that it stands."""
        return cls(PHASES.index(pause.phase.lower()), pause.index - 1)

    @classmethod
    def named(cls, key: str) -> Position:
        """The command of a `key`."""
        phase, _, number = key.rpartition("-")
        return cls(PHASES.index(phase.lower()), int(number) - 1)

    @property
    def name(self) -> str:
        """The phase, as the log has it."""
        return PHASES[self.phase].upper()

    @property
    def key(self) -> str:
        """A name for it: ``BUILD-3``."""
        return f"{self.name}-{self.index + 1}"

    @property
    def beginning(self) -> Position:
        """The first command of its phase."""
        return Position(self.phase)


BEGINNING = Position()


def texts(phase: Phase) -> tuple[str, ...]:
    """A phase's commands and then those of `finally`."""
    return (*phase.commands, *phase.last)


def outline(spec: Buildspec) -> Outline:
    """What a later buildspec is compared with. A command may spell a secret out, so it is not kept itself."""
    phases = (spec.phases[name] for name in PHASES)
    return tuple((*map(_digest, phase.commands), "finally", *map(_digest, phase.last)) for phase in phases)


def first_change(old: Outline, new: Outline) -> Position | None:
    """The first command that is not what it was; None where all are."""
    for number, (before, after) in enumerate(zip(old, new, strict=True)):
        for at in range(max(len(before), len(after))):
            if before[at : at + 1] != after[at : at + 1]:
                border = (before[:at] + after[:at]).count("finally") // 2
                return Position(number, at - border)
    return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
