"""What a build's container finds of what is outside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runners.docker.again import SOCKET

if TYPE_CHECKING:
    from docker.types import Mount


def shared(places: Iterable[Path], kept: Mapping[str, Path]) -> list[Mount]:
    """This machine's own files, at the paths that they have here; `kept` folders at paths of the container's own."""
    from docker.types import Mount

    found = [Mount(target=str(place), source=str(place), type="bind") for place in places]
    for target, place in kept.items():
        place.mkdir(parents=True, exist_ok=True)
        found.append(Mount(target=target, source=str(place), type="bind"))
    return found


def for_copies(folders: Sequence[Path]) -> list[Mount]:
    """Places for copies, gone with the container: files copied into a tmpfs of it (/dev/shm) would not be seen."""
    from docker.types import Mount

    # One inside another would be hidden from Podman's copying.
    inside = {a for a in folders for b in folders if a != b and a.is_relative_to(b)}
    places = [folder for folder in folders if folder not in inside]
    return [Mount(target=str(place), source=None, type="volume") for place in places]


def engine_itself(socket: str) -> list[Mount]:
    """For builds that may use Docker: what they make is there for later ones, and layers are made once."""
    from docker.types import Mount

    return [Mount(target=SOCKET, source=socket, type="bind")] if socket else []
