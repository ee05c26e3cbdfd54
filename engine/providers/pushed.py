"""Images that builds pushed to Amazon ECR: they stay in the local engine, and this is what is known of them.

``.greenroom/pushed.tsv`` holds a line for each push: the whole name, the digest, the bytes, when, by whom. The last
line of a name counts. The digest is the image's id in the engine, for only a registry gives another one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FILE = "pushed.tsv"
_LARGE = 1 << 20
_GONE = "-"


@dataclass(frozen=True, slots=True)
class Pushed:
    """One name of one image, ``registry/repository:tag``. `at` is in seconds since 1970.

    `by` is the action, ``pipeline/stage/action``, and after a ``#`` its run; empty where that is not known.
    """

    name: str
    digest: str
    size: int
    at: int
    by: str = field(default="", compare=False)

    @property
    def registry(self) -> str:
        """The host: ``111122223333.dkr.ecr.us-east-1.amazonaws.com``, or ``public.ecr.aws``."""
        return self.name.partition("/")[0]

    @property
    def repository(self) -> str:
        """The name without host and tag; in the public registry, without the alias as well."""
        rest = self.name.partition("/")[2].rpartition(":")[0]
        return rest.partition("/")[2] if self.registry == "public.ecr.aws" else rest

    @property
    def tag(self) -> str:
        """What follows the last colon."""
        return self.name.rpartition(":")[2]

    @property
    def line(self) -> str:
        """As it is written down."""
        return f"{self.name}\t{self.digest}\t{self.size}\t{self.at}\t{self.by}\n"


class Shelf:
    """The images of a state directory."""

    def __init__(self, state: Path) -> None:
        self._file = state / FILE

    def images(self) -> tuple[Pushed, ...]:
        """All of them, the oldest first."""
        return tuple(one for one in read(self._file) if one.digest != _GONE)

    def last_by(self, action: str) -> tuple[Pushed, ...]:
        """What the last run of an action pushed that pushed anything."""
        own = [one for one in self.images() if one.by.partition("#")[0] == action]
        return tuple(one for one in own if one.by == own[-1].by)

    def add(self, images: Iterable[Pushed]) -> None:
        """Write down what is not known yet."""
        known = set(read(self._file))
        new = [one for one in images if one not in known]
        if not new:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if self._file.exists() and self._file.stat().st_size > _LARGE:
            draft = self._file.with_suffix(".draft")
            draft.write_text("".join(one.line for one in self.images()), encoding="utf-8")
            draft.replace(self._file)
        with self._file.open("ab", buffering=0) as file:  # one write: another build may push, too
            file.write(os.fsencode("".join(one.line for one in new)))

    def remove(self, image: Pushed) -> None:
        """It is not in the repository any more; the engine keeps it."""
        self.add([Pushed(image.name, _GONE, 0, image.at)])


def read(file: Path) -> tuple[Pushed, ...]:
    """The last line of each name, in the order of these lines; what is torn is left out."""
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ()
    found: dict[str, Pushed] = {}
    for line in lines:
        match line.split("\t"):
            case [name, digest, size, at, *by] if size.isdigit() and at.isdigit():
                found.pop(name, None)
                found[name] = Pushed(name, digest, int(size), int(at), by[0] if by else "")
    return tuple(found.values())
