"""Calls for attention in a terminal: the bell, and OSC 9, which many terminals show as a desktop notification.

Whoever has the terminal writes them, between two frames; the engine never does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.execution.events import Recorded
from engine.execution.state import PipelineState
from engine.model.project import ProjectFile
from engine.notices.rules import Message, names_terminal, only_terminal

BELL = "\a"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def terminal_calls(state: PipelineState, batch: Sequence[Recorded], project: ProjectFile) -> str:
    """What to write to the terminal for what was just recorded, usually nothing. `state` has the batch folded in."""
    if not any(map(names_terminal, project.notifications)):
        return ""
    from engine.model.address import Address
    from engine.notices.eventbridge import state_changes
    from engine.notices.rules import messages

    changes = state_changes(state, batch, Address(project.region, project.account))
    rules = tuple(map(only_terminal, filter(names_terminal, project.notifications)))
    told = list(messages(rules, changes, state))
    bell = BELL if any("bell" in message.targets for message in told) else ""
    return "".join(osc9(message) for message in told if "osc9" in message.targets) + bell


def osc9(message: Message) -> str:
    """The sequence that shows a message. What it says cannot end it early."""
    return f"\x1b]9;{_CONTROL.sub(' ', message.title)}\a"
