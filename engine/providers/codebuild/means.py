"""What a build takes from outside and tests replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.providers.codebuild.log import utc_now
from engine.runners.patience import GRACE


@dataclass(frozen=True, slots=True)
class Means:
    """The clock and the patience with processes that do not end."""

    clock: Callable[[], datetime] = utc_now
    grace: float = GRACE
