"""Programs of greenroom's own that a build finds on its PATH, on this machine and in containers alike.

A program is a text for ``/bin/sh``: nothing else is sure to be in an image. It may only count on variables of the build
and on the build's folders, which are the same in both places.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.providers.codebuild.plan import Plan

_PROGRAMS = Path(__file__).parent / "programs"
_USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # of an image that sets none


@dataclass(frozen=True, slots=True)
class Tools:
    """Name and text of programs. `first`: found before all others; `last`: where there is no other of that name.

    `instead` come first, too, but only where there is a real one: a build may ask whether there is.
    """

    first: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)


def programs(plan: Plan) -> dict[str, str]:
    """Name and text of each program that every build of this plan gets: those that find files and share tests out."""
    names = ("codebuild-glob-search", "codebuild-hash-files", "codebuild-tests-run")
    return {name: (_PROGRAMS / f"{name}.sh").read_text(encoding="utf-8") for name in names}


def debugging_programs(bell: Path) -> dict[str, str]:
    """The programs that pause a build and have it go on, as on AWS. See `engine.runners.bell`."""
    names = ("codebuild-breakpoint", "codebuild-resume")
    here = shlex.quote(str(bell.absolute()))
    return {name: (_PROGRAMS / f"{name}.sh").read_text(encoding="utf-8").replace("@HERE@", here) for name in names}


def laid(scratch: Path, folder: Path, tools: Tools, path: str) -> dict[str, str]:
    """Write the programs, `first` into `folder`. Returns the variables that make a build find them."""
    if ":" in str(folder):  # no PATH can name it
        return {}
    before = _filled(folder, tools.first)
    behind = _filled(scratch / "last", tools.last)
    if _filled(scratch / "instead", tools.instead):
        folder.mkdir(parents=True, exist_ok=True)
        before = str(folder)
    if not (before or behind):
        return {}
    return {"PATH": ":".join(filter(None, (before, path or _USUAL_PATH, behind)))}


def stand_in(folder: Path, tools: Tools, path: str) -> bool:
    """Put each of `instead` in front of the real one that this machine has on a PATH. Returns whether it has any."""
    found = [name for name in tools.instead if folder.is_dir() and shutil.which(name, path=path)]
    for name in found:
        (folder / name).symlink_to(Path("..", "instead", name))
    return bool(found)


def standing_in(folder: Path, tools: Tools) -> str:
    """A line of shell that does the same in a container; it costs nothing where nothing has to be done."""
    if not tools.instead:
        return ""
    into = shlex.quote(str(folder))
    return (
        f"for G in {' '.join(tools.instead)}; do [ -h {into}/$G ] || ! command -v $G >/dev/null 2>&1 || "
        f"ln -s ../instead/$G {into}/$G; done; "
    )


def _filled(folder: Path, tools: Mapping[str, str]) -> str:
    """A folder with these programs and no others; its name, where there are any."""
    for old in folder.glob("*"):
        old.unlink()
    for name, text in tools.items():
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_text(text, encoding="utf-8", errors="surrogateescape")  # a folder's name may be any bytes
        file.chmod(0o755)
    return str(folder) if tools else ""
