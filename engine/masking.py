"""What may be written down: without secrets, and as text.

Secrets never reach the journal: values are replaced before an event is recorded. Names of files and values that are
no UTF-8 are spelled out, for JSON cannot hold them.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from pydantic_core import PydanticSerializationError

from engine.execution import events as ev
from engine.execution.codec import encode
from engine.model.outcome import Part
from engine.runners.masking import Masker

_SPEAKING = (  # the events that carry text from outside
    ev.ActionPrepared,
    ev.ActionEnded,
    ev.ActionReported,
    ev.ReuseChecked,
    ev.ApprovalDecided,
    ev.StopRequested,
    ev.ConditionEnded,
    ev.TransitionDisabled,
    ev.AlarmSet,
)
_OWN = frozenset(
    {"type", "kind", "on_change", "action_execution_id", "execution_id"}
)  # fields of the program's own words
_DIGEST = re.compile(r"[0-9a-f]{64}")


def recordable(event: ev.Event, secrets: tuple[str, ...]) -> tuple[ev.Event, str]:
    """The event as it may be recorded, and its JSON."""
    event = masked(event, secrets)
    try:
        return event, encode(event)
    except PydanticSerializationError:
        legible: ev.Event = _changed(event, _spelled_out, names=_spelled_out)
        return legible, encode(legible)


def masked(event: ev.Event, secrets: tuple[str, ...]) -> ev.Event:
    """The event with every secret value in it replaced."""
    if not secrets or not isinstance(event, _SPEAKING):
        return event
    cleaned: ev.Event = _changed(event, _masker(secrets))
    return cleaned


def masked_parts(parts: Iterable[Part], secrets: tuple[str, ...]) -> tuple[Part, ...]:
    """Parts as the journal has them, to be compared with those of an earlier run."""
    if not secrets:
        return tuple(parts)
    found: tuple[Part, ...] = _changed(tuple(parts), _masker(secrets))
    return found


@functools.lru_cache(4)
def masker(secrets: tuple[str, ...]) -> Masker:
    """Hides these in whole texts. Made once for the same ones: a value of many lines has thousands of spellings."""
    return Masker(secrets)


@functools.lru_cache(4)
def _masker(secrets: tuple[str, ...]) -> Callable[[str], str]:
    hide = masker(secrets)

    def mask(text: str) -> str:
        if _DIGEST.fullmatch(text) and text not in secrets:
            return text  # a port or a word that happens to be in there is not the secret, and the digest is needed
        return hide.mask(text)

    return mask


def _spelled_out(text: str) -> str:
    try:
        return os.fsencode(text).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return text.encode("utf-8", "backslashreplace").decode()


def _as_it_is(text: str) -> str:
    return text


def _changed(value: Any, change: Callable[[str], str], names: Callable[[str], str] = _as_it_is) -> Any:
    """Any part of an event, of the same type, with every text changed, and the keys of a dict as `names` says."""
    if type(value) is str:  # statuses are strings, too, and say nothing secret
        return change(value)
    if isinstance(value, dict):
        return {names(key): _changed(item, change, names) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_changed(item, change, names) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return type(value)(**{name: v if name in _OWN else _changed(v, change, names) for name, v in fields})
    return value
