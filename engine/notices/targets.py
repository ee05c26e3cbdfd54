"""Whom a rule names: the terminal, a service by apprise URL, or something that only AWS has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TERMINAL = ("bell", "osc9")
"""Targets that whoever has the terminal tells; all others are the engine's."""

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class UnknownName(LookupError):
    """A target refers to a name that has no value."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A target with its values filled in. `secrets` are those values: they never may be shown."""

    url: str
    secrets: tuple[str, ...]


def is_terminal(target: str) -> bool:
    """Whether whoever has the terminal tells it."""
    return target in TERMINAL


def is_of_aws(target: str) -> bool:
    """Whether it is a topic or a chat that exists on AWS only: templates name those by ARN."""
    return target.startswith("arn:")


def filled(target: str, values: Mapping[str, str]) -> Filled:
    """The URL with each ``${NAME}`` replaced. Raises `UnknownName`."""
    used: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise UnknownName(f"{match[1]} is neither in the environment nor in .secrets")
        used.append(values[match[1]])
        return used[-1]

    return Filled(_REFERENCE.sub(value, target), tuple(found for found in used if found))
