"""What a log pane tells the screen. Floods of them fold into the latest."""

from __future__ import annotations

from pathlib import Path

from textual.message import Message
from textual.widget import Widget

from tui.looks import Times


class PaneMessage(Message):
    """Something about one pane of which only the latest counts."""

    def __init__(self, pane: Widget) -> None:
        super().__init__()
        self.pane = pane

    @property
    def control(self) -> Widget:
        """The pane, for `@on` selectors."""
        return self.pane

    def can_replace(self, message: Message) -> bool:
        """The latest stands for those before it that nobody has handled yet."""
        return type(message) is type(self) and isinstance(message, PaneMessage) and message.pane is self.pane


class FollowChanged(PaneMessage, namespace="log_pane"):
    """Following the end of the log began or ended."""

    def __init__(self, pane: Widget, follow: bool) -> None:
        super().__init__(pane)
        self.follow = follow


class MatchesChanged(PaneMessage, namespace="log_pane"):
    """`count` lines match; the one gone to last is number `index` (from 1; 0: none yet)."""

    def __init__(self, pane: Widget, count: int, index: int) -> None:
        super().__init__(pane)
        self.count = count
        self.index = index


class Appended(PaneMessage, namespace="log_pane"):
    """The log grew, or another one took its place; it has `lines` lines now."""

    def __init__(self, pane: Widget, lines: int) -> None:
        super().__init__(pane)
        self.lines = lines


class Saved(PaneMessage, namespace="log_pane"):
    """The log was copied to `target`, or could not be: then `problem` says why."""

    def __init__(self, pane: Widget, target: Path, problem: str) -> None:
        super().__init__(pane)
        self.target = target
        self.problem = problem

    def can_replace(self, message: Message) -> bool:
        """Each copy counts."""
        return False


class LookChanged(PaneMessage, namespace="log_pane"):
    """Somebody wants logs to look otherwise."""

    def __init__(self, pane: Widget, wrap: bool, times: Times) -> None:
        super().__init__(pane)
        self.wrap = wrap
        self.times = times


class OpenFile(Message, namespace="log_pane"):
    """A file that the log names is wanted in the editor; `line` 0 is none in particular."""

    def __init__(self, file: Path, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line


class OpenAddress(Message, namespace="log_pane"):
    """A web address that the log names, or hides behind other words, is wanted in a browser."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class Page(Message, namespace="log_pane"):
    """A log is wanted in the pager."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
