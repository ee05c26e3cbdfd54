"""What a decision needs besides the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class World:
    """The time, fresh ids, and how many actions may run at once.

    `after` has the actions (``stage/action``) that greenroom.yaml orders otherwise than by runOrder: the names of
    those in their stage that must be done first.
    """

    now: float
    new_id: Callable[[], str]
    jobs: int
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
