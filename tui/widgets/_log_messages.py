"""What a log pane tells the screen. Floods of them fold into the latest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.widgets.log_pane import LogPane


class PaneMessage(Message):
    """Something about one pane of which only the latest counts."""

    def __init__(self, pane: LogPane) -> None:
        super().__init__()
        self.pane = pane

    @property
    def control(self) -> LogPane:
        """The pane, for `@on` selectors."""
        return self.pane

    def can_replace(self, message: Message) -> bool:
        """The latest stands for those before it that nobody has handled yet."""
        return type(message) is type(self) and isinstance(message, PaneMessage) and message.pane is self.pane


class FollowChanged(PaneMessage, namespace="log_pane"):
    """Following the end of the log began or ended."""

    def __init__(self, pane: LogPane, follow: bool) -> None:
        super().__init__(pane)
        self.follow = follow


class MatchesChanged(PaneMessage, namespace="log_pane"):
    """`count` lines match; the one gone to last is number `index` (from 1; 0: none yet)."""

    def __init__(self, pane: LogPane, count: int, index: int) -> None:
        super().__init__(pane)
        self.count = count
        self.index = index


class Appended(PaneMessage, namespace="log_pane"):
    """The log grew, or another one took its place; it has `lines` lines now."""

    def __init__(self, pane: LogPane, lines: int) -> None:
        super().__init__(pane)
        self.lines = lines


class Saved(PaneMessage, namespace="log_pane"):
    """The log was copied to `target`, or could not be: then `problem` says why."""

    def __init__(self, pane: LogPane, target: Path, problem: str) -> None:
        super().__init__(pane)
        self.target = target
        self.problem = problem

    def can_replace(self, message: Message) -> bool:
        """Each copy counts."""
        return False
