"""Dialogs about what keeps executions out of a stage: its transition, its condition; and about going back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.screens.dialog import Dialog
from tui.widgets.choice import Choice
from tui.widgets.prose import Prose

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
_STATES: tuple[AlarmState, ...] = ("OK", "ALARM", "INSUFFICIENT_DATA")


class ReasonDialog(Dialog[str]):
    """Why the transition into a stage is disabled: AWS wants a reason."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.title_text = f" Disable the transition into {stage}? "
        self._stage = stage

    def body(self) -> list[Widget]:
        """What it does, and the reason."""
        text = f"Nothing enters {self._stage} until T enables it again; what is inside goes on."
        return [Static(text, markup=False), Input(placeholder="reason", max_length=300, id="reason")]

    def choices(self) -> list[Choice]:
        """Disable or not."""
        return [Choice("enter", "Disable", "disable"), Choice("esc", "Back", "later")]

    def first(self) -> Widget:
        """The reason has the focus."""
        return self.query_one("#reason")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._take()

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        if event.choice.id == "disable":
            self._take()
        else:
            self.dismiss(None)

    def _take(self) -> None:
        reason = self.query_one("#reason", Input).value.strip()
        if reason:
            self.dismiss(reason)
        else:
            self.query_one("#box").border_subtitle = " a reason, please "


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a list: what it stands for, its name, what to know of it."""

    value: str
    name: str
    aside: str = ""


class ListDialog(Dialog[str]):
    """Choose one of several. Returns its value."""

    DEFAULT_CSS = """
    ListDialog OptionList { height: auto; max-height: 14; background: $surface; border: none; padding: 0; }
    ListDialog OptionList:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('down')", show=False, id="choose.down"),
        Binding("k", "move('up')", show=False, id="choose.up"),
    ]

    def __init__(self, title: str, text: str, offers: Sequence[Offer], verb: str) -> None:
        super().__init__()
        self.title_text = f" {title} "
        self._text = text
        self._offers = offers
        self._verb = verb

    def body(self) -> list[Widget]:
        """What to choose from."""
        # The aside has no colour of its own: under the cursor it could not be read.
        lines = [Prose().spans((offer.name, "bold"), (f"  {offer.aside}", "")).content() for offer in self._offers]
        return [Static(self._text, markup=False), OptionList(*(Option(line) for line in lines), id="list")]

    def choices(self) -> list[Choice]:
        """Take it or leave it."""
        return [Choice("enter", self._verb, "take"), Choice("esc", "Back", "later")]

    def first(self) -> Widget:
        """The list has the keys."""
        return self.query_one(OptionList)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offers[event.option_index].value)

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        at = self.query_one(OptionList).highlighted
        self.dismiss(self._offers[at].value if event.choice.id == "take" and at is not None else None)

    def action_move(self, direction: str) -> None:
        """j and k."""
        getattr(self.query_one(OptionList), f"action_cursor_{direction}")()


class ConfirmDialog(Dialog[bool]):
    """One question, one verb."""

    def __init__(self, title: str, text: str, verb: str) -> None:
        super().__init__()
        self.title_text = f" {title} "
        self._text = text
        self._verb = verb

    def body(self) -> list[Widget]:
        """What it leads to."""
        return [Static(self._text, markup=False)]

    def choices(self) -> list[Choice]:
        """Do it or not."""
        return [Choice("enter", self._verb, "do"), Choice("esc", "Back", "later")]

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        self.dismiss(event.choice.id == "do")


def alarm_offers(states: dict[str, AlarmState]) -> list[Offer]:
    """Every alarm in every state that it is not in."""
    return [
        Offer(f"{state} {name}", name, f"{now} → {state}")
        for name, now in states.items()
        for state in _STATES
        if state != now
    ]


def alarm_of(value: str) -> tuple[str, AlarmState]:
    """Name and state of an offer."""
    state, _, name = value.partition(" ")
    return name, cast("AlarmState", state)
