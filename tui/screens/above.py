"""What lies above the main screen, and is left once."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.keys import KEYS

T = TypeVar("T")


def shared_bindings(*identities: str) -> list[Binding]:
    """The app's own keys under the app's ids: a remapped key is so here, too."""
    return [
        Binding(key.keys, f"app.{key.action}", key.label or key.help, show=False, id=key.id, tooltip=key.help)
        for key in KEYS
        if key.id in identities
    ]


class Above(ModalScreen[T]):
    """Of two Enter pressed at once, the second is nobody's: it must neither decide again nor close what is below.

    What can be done here, and everything else, is in the palette.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*shared_bindings("app.palette", "app.help", "app.messages")]

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Leave, unless that has been done or something else lies above."""
        return super().dismiss(result) if self.is_active else AwaitComplete.nothing()  # type: ignore[no-untyped-call]
