"""`runtime-versions` of a buildspec: which of this machine's versions serves, and what it does not have.

Nothing is installed. Versions that asdf, mise, pyenv, nvm and their like have installed are put in front of PATH;
otherwise what PATH has is looked at, once per program.
https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.model.outcome import Part
from engine.providers.buildspec.keys import nearest
from engine.providers.buildspec.model import BuildspecError

_PATIENCE = 5.0  # seconds that a program gets to tell its version
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
_WORDS = ("latest", "")


@dataclass(frozen=True, slots=True)
class _Runtime:
    """What a runtime's program is called, how it is asked, and where version managers keep it (below the home)."""

    programs: tuple[str, ...]
    question: tuple[str, ...] = ("--version",)
    managers: tuple[str, ...] = ()


def _managed(name: str, *others: str) -> tuple[str, ...]:
    return (f".asdf/installs/{name}", f".local/share/mise/installs/{name}", *others)


_RUNTIMES = {
    "android": _Runtime(("sdkmanager",)),
    "docker": _Runtime(("docker",)),
    "dotnet": _Runtime(("dotnet",), managers=_managed("dotnet")),
    "golang": _Runtime(("go",), ("version",), _managed("golang", ".goenv/versions", ".local/share/mise/installs/go")),
    "java": _Runtime(("java",), ("-version",), _managed("java", ".sdkman/candidates/java", ".jenv/versions")),
    "nodejs": _Runtime(
        ("node",), managers=_managed("nodejs", ".nvm/versions/node", ".local/share/mise/installs/node", ".volta/node")
    ),
    "php": _Runtime(("php",), managers=_managed("php", ".phpenv/versions")),
    "python": _Runtime(("python3", "python"), managers=_managed("python", ".pyenv/versions")),
    "ruby": _Runtime(("ruby",), managers=_managed("ruby", ".rbenv/versions")),
    "rust": _Runtime(("rustc",), managers=_managed("rust")),
}

_USUAL = ("dotnet", "golang", "java", "nodejs", "php", "python", "ruby")
_OF_IMAGES = {
    **dict.fromkeys(("standard:5.0", "standard:6.0", "standard:7.0", "amazonlinux-x86_64-standard:5.0"), _USUAL),
    **dict.fromkeys(("standard:8.0", "amazonlinux-x86_64-standard:6.0"), (*_USUAL, "rust")),
}
"""What images have whose runtimes are known, as github.com/aws/aws-codebuild-docker-images tells."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One runtime of a buildspec. `folder` goes in front of PATH; `program` is what PATH has, where it has any."""

    name: str
    wanted: str
    folder: Path | None = None
    version: str = ""
    program: Path | None = None

    @property
    def part(self) -> Part:
        """What decides a result. The version of a program on PATH is not asked for: its file tells of a change."""
        if self.folder is not None:
            return Part("runtime", self.name, str(self.folder))
        if self.program is None:
            return Part("runtime", self.name, "none")
        stat = self.program.stat()
        return Part("runtime", self.name, f"{self.program}:{stat.st_size}:{stat.st_mtime_ns}")

    def lines(self) -> list[str]:
        """What the log says of it."""
        chosen = _chosen(self.name, self.wanted)
        if self.name not in _RUNTIMES:  # nothing is selected on images that are not AWS's own
            return [f"greenroom: runtime {self.name}: no such runtime. {nearest(self.name, _RUNTIMES)}".rstrip()]
        difference = self.difference()
        if difference:
            return [chosen, f"greenroom: {difference}"]
        where = self.folder or self.program
        return [chosen, f"greenroom: {self.name} {self.version or self._found()} ({where})"]

    def difference(self) -> str:
        """How this machine differs from what the buildspec asks for; empty where it does not."""
        if self.folder is not None or self.name not in _RUNTIMES:
            return ""
        if self.program is None:
            return f"runtime {self.name} {self.wanted}: this machine has no {_RUNTIMES[self.name].programs[0]}"
        found = self._found()
        if not found:
            return f"runtime {self.name} {self.wanted}: {self.program} does not tell its version"
        if _fits(found, self.wanted):
            return ""
        return f"runtime {self.name} {self.wanted}: this machine has {found} ({self.program}), which is used"

    def _found(self) -> str:
        if self.program is None:
            return ""
        stat = self.program.stat()
        return _version(self.program, _RUNTIMES[self.name].question, stat.st_size, stat.st_mtime_ns)


def refuse_unknown(wanted: Mapping[str, str], image: str = "") -> None:
    """Raises `BuildspecError` for a runtime that the image, or any of AWS's, has not, in CodeBuild's words."""
    name, _, tag = image.rpartition("/")[2].partition(":")
    known = _OF_IMAGES.get(f"{name}:{tag.partition('-')[0]}", tuple(_RUNTIMES))
    said = ["Processing environment variables"]
    for runtime, version in wanted.items():
        said.append(_chosen(runtime, version))
        if runtime not in known:
            there = "Privileged builds have Docker without it." if runtime == "docker" else nearest(runtime, known)
            raise BuildspecError(
                f"Unknown runtime named '{runtime}'. This build image has the following runtimes: {', '.join(known)}",
                hint=there,
                said=tuple(said),
            )


def _chosen(name: str, version: str) -> str:
    return f"Selecting '{name}' runtime version '{version}' based on manual selections..."


def select(wanted: Mapping[str, str], variables: Mapping[str, str], home: Path | None = None) -> tuple[Selected, ...]:
    """What serves each runtime that a buildspec names. `variables` are the build's: a version may name one."""
    home = home or Path(variables.get("HOME") or Path.home())
    found = []
    for name, asked in wanted.items():
        version = _VARIABLE.sub(lambda match: variables.get(match[1], ""), asked).strip()
        runtime = _RUNTIMES.get(name)
        if runtime is None:
            found.append(Selected(name, version))
            continue
        program = _on_path(runtime, variables.get("PATH", os.defpath))
        best = max(_installed(runtime, home, version), default=None)
        if best is None:
            found.append(Selected(name, version, program=program))
        else:
            found.append(Selected(name, version, best[2], best[1]))
    return tuple(found)


def path_with(selected: tuple[Selected, ...], path: str) -> str:
    """PATH with the chosen versions in front."""
    folders = [str(one.folder) for one in selected if one.folder is not None]
    return os.pathsep.join([*folders, path] if path else folders)


def _on_path(runtime: _Runtime, path: str) -> Path | None:
    for program in runtime.programs:
        if where := shutil.which(program, path=path):
            return Path(where)
    return None


def _installed(runtime: _Runtime, home: Path, wanted: str) -> Iterator[tuple[tuple[int, ...], str, Path]]:
    """(number, version, folder of programs) of every fitting version that a version manager has."""
    for manager in runtime.managers:
        try:
            names = sorted(entry.name for entry in os.scandir(home / manager))
        except OSError:
            continue
        for name in names:
            number = _NUMBER.search(name)
            folder = home / manager / name / "bin"
            if number is None or not _fits(number[0], wanted):
                continue
            if any((folder / program).exists() for program in runtime.programs):
                yield tuple(map(int, number[0].split("."))), number[0], folder


def _fits(version: str, wanted: str) -> bool:
    """Whether 3.11.4 is what 3.11, 3.x, corretto11 or latest asks for: equal as far as both say."""
    if wanted in _WORDS:
        return True
    asked = _NUMBER.search(wanted)
    if asked is None:
        return True
    have, want = version.split("."), asked[0].split(".")
    if have[0] == "1" and len(have) > 1 and want[0] == "8":  # Java before 9 calls itself 1.8
        have = have[1:]
    return have[: len(want)] == want


@functools.lru_cache(64)
def _version(program: Path, question: tuple[str, ...], size: int, changed: int) -> str:
    try:
        done = subprocess.run([program, *question], capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    number = _NUMBER.search(done.stdout + done.stderr)
    return number[0] if number else ""
