"""The copy that `greenroom demo` makes: a sample, one line of it broken on purpose."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tui.cli.problem import Problem

_MARKER = ".demo.json"
_SAMPLE = "hello"


@dataclass(frozen=True, slots=True)
class Broken:
    """The line that is wrong, and what it should say."""

    file: str
    line: int
    is_: str
    should: str


def copy_demo(destination: Path) -> Broken:
    """Copy the sample to a new or empty directory, break its line, and make it a repository where git is there."""
    from tui.resources import resource

    source = resource("samples") / _SAMPLE
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise Problem(f"{destination} is there already and not empty", "Name another: greenroom demo DIR")
    ignore = shutil.ignore_patterns(_MARKER, ".greenroom", "deployed", "__pycache__")
    shutil.copytree(source, destination, ignore=ignore, dirs_exist_ok=True)
    marker = json.loads((source / _MARKER).read_text())
    broken = _break(destination, marker["file"], marker["find"], marker["replace"])
    _into_git(destination)
    return broken


def _break(root: Path, name: str, find: str, replace: str) -> Broken:
    file = root / name
    text = file.read_text()
    before, found, after = text.partition(find)
    if not found:
        raise Problem(f"the sample is damaged: {name} has no line to break", "Install greenroom again.")
    file.write_text(before + replace + after)
    return Broken(name, before.count("\n") + 1, replace.strip(), find.strip())


def _into_git(root: Path) -> None:
    """A first commit makes revisions read well; without git the demo works as well."""
    who = ["-c", "user.name=greenroom", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"]
    steps = [["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "--no-verify", "-m", "hello"]]
    try:
        for step in steps:
            subprocess.run(["git", *step], cwd=root, check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        shutil.rmtree(root / ".git", ignore_errors=True)
