"""What lies above the main screen, and is left once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Above(ModalScreen[T]):
    """Of two Enter pressed at once, the second is nobody's: it must neither decide again nor close what is below."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Leave, unless that has been done or something else lies above."""
        return super().dismiss(result) if self.is_active else AwaitComplete.nothing()  # type: ignore[no-untyped-call]
