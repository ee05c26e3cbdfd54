"""A function's code on this machine: where it is, what is in it, and which program runs it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.artifacts.archive import ArchiveError, export_folder, import_zip
from engine.artifacts.store import Store
from engine.model.outcome import Failure
from engine.model.project import FunctionSettings
from engine.providers.contract import IdentityProblem, Job

Family = Literal["python", "nodejs"]

_HERE = Path(__file__).parent
_BOOTSTRAPS: dict[Family, Path] = {"python": _HERE / "_bootstrap.py", "nodejs": _HERE / "_bootstrap.mjs"}
_IGNORED = {"__pycache__", ".git"}
_PATIENCE = 10.0  # seconds that a program gets to say its version


@dataclass(frozen=True, slots=True)
class Function:
    """A function with code. `path` is its folder or zip file, None for inline code."""

    name: str
    settings: FunctionSettings
    family: Family
    path: Path | None


@dataclass(frozen=True, slots=True)
class Program:
    """What runs the code: the program's path and its version."""

    path: str
    version: str


def name_of(job: Job) -> str:
    """The function's name, whether the configuration has a name, an alias or an ARN."""
    given = job.configuration.get("FunctionName", "")
    parts = given.split(":")
    return parts[6] if given.startswith("arn:") and len(parts) > 6 else parts[0]


def find(job: Job) -> Function | None:
    """The function that the job names, None where its code is not known. Raises `IdentityProblem`."""
    name = name_of(job)
    if not name:
        raise _misconfigured("FunctionName is missing", "Add it to the action's configuration.")
    settings = job.project.functions.get(name) or job.project.functions.get(job.configuration["FunctionName"])
    if settings is None or not (settings.directory or settings.code):
        return None
    family = _family(settings.runtime)
    if family is None:
        return None
    if not settings.directory:
        return Function(name, settings, family, None)
    path = (job.root / Path(settings.directory).expanduser()).absolute()
    if not path.exists():
        raise _misconfigured(f"{path} does not exist", f"Mend `functions: {name}: directory` in greenroom.yaml.")
    return Function(name, settings, family, path)


def digest(function: Function) -> str:
    """The digest of the code. A folder is only read again once something in it looks different."""
    if function.path is None:
        return hashlib.sha256((function.settings.code or "").encode()).hexdigest()
    if function.path.is_file():
        found = function.path.stat()
        return _content(((str(function.path), found.st_size, found.st_mtime_ns, found.st_ino),))
    return _content(tuple(_files(function.path)))


def place(function: Function, folder: Path, store: Store) -> Path:
    """The folder to run the code in: its own, or `folder` for what has to be unpacked. Raises `IdentityProblem`."""
    if function.path is not None and function.path.is_dir():
        return function.path
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if function.path is None:
        module = function.settings.handler.rpartition(".")[0] or "index"
        suffix = ".py" if function.family == "python" else ".js"
        (folder / f"{Path(module).name}{suffix}").write_text(function.settings.code or "", encoding="utf-8")
        return folder
    try:
        export_folder(store, import_zip(store, function.path), folder)
    except (ArchiveError, OSError) as error:
        raise _misconfigured(str(error), f"{function.path} must be a folder or a zip file.") from None
    return folder


def command(function: Function, program: Program, *arguments: str) -> list[str]:
    """What is run."""
    return [program.path, str(_BOOTSTRAPS[function.family]), *arguments]


def program_for(function: Function, search: str) -> Program:
    """The program that runs it: of the asked version where there is one on the path. Raises `IdentityProblem`."""
    runtime = function.settings.runtime
    names = [runtime, "python3"] if function.family == "python" else ["node"]
    paths = [found for name in dict.fromkeys(names) if (found := shutil.which(name, path=search))]
    for path in paths if function.family == "nodejs" else [*paths, sys.executable]:
        with contextlib.suppress(OSError, subprocess.SubprocessError):  # a shim of a version that is not there, say
            return Program(path, _version(path, function.family, search))
    raise _misconfigured(f"no program for {runtime} is on PATH", f"Install {names[-1]}.")


def is_of(runtime: str, program: Program) -> bool:
    """Whether the program is of the version that the runtime names: ``python3.12``, ``nodejs22.x``."""
    wanted = runtime.removeprefix("python").removeprefix("nodejs").removesuffix(".x").split(".")
    return program.version.split(".")[: len(wanted)] == wanted or wanted == [""]


def _family(runtime: str) -> Family | None:
    if runtime.startswith("python3"):
        return "python"
    return "nodejs" if runtime.startswith("nodejs") else None


@functools.lru_cache(64)
def _version(path: str, family: Family, search: str) -> str:
    """The program's version. Raises `OSError` or `SubprocessError` where it does not run."""
    asking = ["-c", "import platform; print(platform.python_version())"] if family == "python" else ["--version"]
    done = subprocess.run(
        [path, *asking], capture_output=True, text=True, timeout=_PATIENCE, env={"PATH": search}, check=True
    )
    return done.stdout.strip().removeprefix("v")


Stamp = tuple[str, int, int, int]


def _files(root: Path) -> Iterator[Stamp]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _IGNORED)
        for name in sorted(names):
            path = Path(folder, name)
            try:
                found = path.stat()
            except OSError:  # a link that leads nowhere, or gone meanwhile
                continue
            if stat.S_ISREG(found.st_mode):
                yield str(path), found.st_size, found.st_mtime_ns, found.st_ino


@functools.lru_cache(32)
def _content(stamps: tuple[Stamp, ...]) -> str:
    whole = hashlib.sha256()
    root = os.path.commonpath([path for path, *_ in stamps]) if stamps else ""
    for path, *_ in stamps:
        whole.update(f"{os.path.relpath(path, root)}\0".encode("utf-8", "surrogateescape"))
        with Path(path).open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _misconfigured(message: str, hint: str) -> IdentityProblem:
    return IdentityProblem(Failure("ConfigurationError", message, hint))
