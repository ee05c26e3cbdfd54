"""The values that builds need and nothing gives: what they are, and a place to put each of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.choice import Choice

if TYPE_CHECKING:
    from engine.providers.codebuild.needs import Need
    from engine.providers.keeping import Place


class SecretsDialog(Dialog[int]):
    """One after the other gets a value, or is left for later. Its result is how many were kept."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "later", "Next", id="secrets.next"),
    ]
    title_text = " Values that builds need "

    def __init__(self, directory: Path, needs: Sequence[Need], *, keyring: bool) -> None:
        super().__init__()
        self._directory = directory
        self._needs = list(needs)
        self._keyring = keyring
        self._kept: dict[int, str] = {}
        self._at = 0
        self._trouble = ""

    def body(self) -> list[Widget]:
        """All of them, and one line to type in."""
        return [
            Static(id="needs"),
            Input(password=True, id="value"),
            Static(id="where", markup=False),
        ]

    def choices(self) -> list[Choice]:
        """The keyring first, where this machine has one."""
        places = [Choice("enter", "Keep in the keyring", "keyring", "approve")] if self._keyring else []
        file = Choice("" if self._keyring else "enter", "Write to .secrets", "file", "" if self._keyring else "approve")
        return [*places, file, Choice("^n", "Next", "next"), Choice("esc", "Close", "later")]

    def on_mount(self) -> None:
        """Begin with the first."""
        super().on_mount()
        self._show()

    def first(self) -> Widget:
        """The line to type in has the focus."""
        return self.query_one("#value")

    def action_cancel(self) -> None:
        """Leave, and say how many were kept."""
        self.dismiss(len(self._kept))

    def action_later(self) -> None:
        """Go on to the next that has no value."""
        left = [at for at in range(len(self._needs)) if at not in self._kept]
        self._at = next((at for at in left if at > self._at), left[0] if left else 0)
        self.query_one("#value", Input).clear()
        self._trouble = ""
        self._show()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._keep("keyring" if self._keyring else "file")

    @on(Choice.Taken)
    def _taken(self, event: Choice.Taken) -> None:
        if event.choice.id in ("keyring", "file"):
            self._keep("keyring" if event.choice.id == "keyring" else "file")
        elif event.choice.id == "next":
            self.action_later()
        else:
            self.action_cancel()

    def _keep(self, place: Place) -> None:
        value = self.query_one("#value", Input).value
        if not value:
            self._trouble = "type the value first, or paste it"
            self._show()
            return
        self._put(self._at, value, place)

    @work(thread=True)
    def _put(self, at: int, value: str, place: Place) -> None:
        from engine.providers.keeping import NotKept, keep

        need = self._needs[at]
        try:
            told, trouble = keep(self._directory, need.section, need.key, value, place), ""
        except NotKept as error:
            told, trouble = "", str(error)
        self.app.call_from_thread(self._settled, at, told, trouble)

    def _settled(self, at: int, told: str, trouble: str) -> None:
        self._trouble = trouble
        if trouble:
            self._show()
            return
        self._kept[at] = told
        if len(self._kept) == len(self._needs):
            self.dismiss(len(self._kept))
        else:
            self.action_later()

    def _show(self) -> None:
        lines: list[Content] = []
        for at, need in enumerate(self._needs):
            sign = "✔" if at in self._kept else "▸" if at == self._at else " "
            said = self._kept.get(at) or ", ".join(need.wanted_by)
            style = "bold" if at == self._at and at not in self._kept else ""
            lines.append(Content.assemble(f"{sign} ", (need.key, style), (f"  {said}", "$muted")))
        self.query_one("#needs", Static).update(Content("\n").join(lines))
        need = self._needs[self._at]
        where = f"or write {need.word}=… into .secrets, or {need.key}: … under {need.section}: in greenroom.yaml"
        self.query_one("#where", Static).update(self._trouble or where)
        self.query_one("#where").set_class(bool(self._trouble), "-trouble")
        self.query_one("#value", Input).placeholder = f"value of {need.key}"
