"""What greenroom.yaml wants beside a build, and how the build reaches it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.runners.docker.wish import Wish


@dataclass(frozen=True, slots=True)
class Service:
    """One container beside a build. `health` is a command that succeeds in it once it is ready.

    `ports` are those that it listens on; none: what its image exposes. `patience` is in seconds.
    """

    name: str
    wish: Wish
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    command: tuple[str, ...] = ()
    health: str = ""
    aliases: tuple[str, ...] = ()
    patience: float = 60.0

    @property
    def names(self) -> tuple[str, ...]:
        """All the names under which a build's container knows it."""
        return (self.name, *self.aliases)

    def identity(self) -> str:
        """What of it can decide a result, besides its image."""
        told = (sorted(self.environment.items()), self.ports, self.command, self.aliases)
        return repr(told)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a build finds its services: its own container's network (empty: as ever), hosts for it, and variables."""

    network: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


def variables(name: str, host: str, ports: Iterable[tuple[int, int]]) -> dict[str, str]:
    """``DB_HOST``, ``DB_PORT`` (of the first port), ``DB_PORT_5432`` for each; `ports` are pairs of inner and outer."""
    stem = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
    pairs = list(ports)
    found = {f"{stem}_HOST": host, **{f"{stem}_PORT_{inner}": str(outer) for inner, outer in pairs}}
    return found | ({f"{stem}_PORT": str(pairs[0][1])} if pairs else {})
