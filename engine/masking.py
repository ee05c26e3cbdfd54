"""Secrets never reach the journal: values are replaced before an event is recorded."""

from __future__ import annotations

import dataclasses
from typing import Any

from engine.execution import events as ev

MASK = "***"
_SPEAKING = (ev.ActionPrepared, ev.ActionEnded, ev.ActionReported)  # the events that carry text from outside


def masked(event: ev.Event, secrets: tuple[str, ...]) -> ev.Event:
    """The event with every secret value in it replaced."""
    if not secrets or not isinstance(event, _SPEAKING):
        return event
    longest_first = sorted(secrets, key=len, reverse=True)
    cleaned: ev.Event = _cleaned(event, longest_first)
    return cleaned


def _cleaned(value: Any, secrets: list[str]) -> Any:  # any part of an event, of the same type again
    if type(value) is str:  # statuses are strings, too, and say nothing secret
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {key: _cleaned(item, secrets) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_cleaned(item, secrets) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        found = {f.name: _cleaned(getattr(value, f.name), secrets) for f in dataclasses.fields(value)}
        return type(value)(**found)
    return value
