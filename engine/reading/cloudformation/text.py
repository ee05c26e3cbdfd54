"""Scalars as CloudFormation turns them into text."""

from __future__ import annotations

from typing import Any

from engine.reading.scalars import Plain, text_of

_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


def written(value: Any) -> str | None:
    """A settled value as text, None where it is none. Truth values without quotes get one spelling."""
    if isinstance(value, Plain) and value.lower() in _TRUE | _FALSE:
        return "true" if value.lower() in _TRUE else "false"
    return text_of(value)
