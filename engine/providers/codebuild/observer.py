"""Sees what a build reads of its inputs: its commands by strace, greenroom's own collecting of artifacts by telling."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from engine.artifacts.looks import Depth, files_in, put_looks
from engine.model.observation import Observation
from engine.providers.codebuild.inputs import Inputs
from engine.providers.contract import Desk
from engine.runners.reading import Blind, Reading, settle, why_traced_in_vain
from engine.runners.tracing import PREFIX, Tracer, obstacle

_NUMBER = re.compile(r"(?<![\d.])\d{1,5}(?![\d.])")
_NICE = ("nice", "-n", "19")
_MEMORY = Path("/dev/shm")  # noqa: S108 - names of files may tell a secret: they reach no disk


class Observer:
    """Beside one build. Does nothing unless the desk wants it. Use `observation` or `close` at the end."""

    def __init__(self, desk: Desk, inputs: Inputs, *, in_container: bool, secrets: Sequence[str]) -> None:
        self._store = desk.store
        self._workspace = desk.workspace
        self._inputs = inputs
        self._first = _NICE if desk.background and shutil.which(_NICE[0]) else ()
        self._wanted = desk.observe
        self._trouble = ""
        self._hopeless = False
        self._tracer: Tracer | None = None
        self._commands: list[tuple[Path, str]] = []  # a trace, and where its command was started
        self._own: list[tuple[str, Depth]] = []
        self._ports: set[int] = set()
        if self._wanted:
            self._trouble = "builds in containers cannot be observed" if in_container else obstacle()
        if self._wanted and not self._trouble:
            for left in desk.workspace.glob(f"{PREFIX}*"):  # by a build that was killed
                shutil.rmtree(left, ignore_errors=True)
            try:
                self._tracer = Tracer(_MEMORY if secrets and os.access(_MEMORY, os.W_OK) else desk.workspace)
            except OSError as error:
                self._trouble = f"there is no room for traces: {error}"

    def wrap(self, argv: Sequence[str], directory: Path, user: str) -> Sequence[str]:
        """What to start instead of a command."""
        if self._tracer is not None and user:
            self._trouble, self._hopeless = "commands run as another user", True
        if self._tracer is None or self._trouble:
            return [*self._first, *argv]
        wrapped = self._tracer.wrap(argv)
        self._commands.append((self._tracer.traces[-1], str(directory)))
        return [*self._first, *wrapped]

    def expects(self, addresses: Iterable[str]) -> None:
        """Who listens at these ports of this machine, as they stand in the texts, reads no files for the build."""
        self._ports.update(int(port) for text in addresses for port in _NUMBER.findall(text))

    def settle(self) -> None:
        """The commands are over: let strace write what it has seen, before everything that still runs is ended."""
        for trace, _ in self._commands if not self._trouble else ():
            with contextlib.suppress(OSError):
                settle(trace)

    def look(self, path: str, depth: Depth) -> None:
        """Greenroom itself has looked there, once the commands were over."""
        if self._tracer is not None:
            self._own.append((path, depth))

    def observation(self, hides: Callable[[str], bool], *, succeeded: bool) -> Observation | None:
        """What was read, once all processes are gone. `hides`: whether a text holds a secret."""
        try:
            if not self._wanted:
                return None
            if not succeeded:
                return self._told(why, hopeless=True) if (why := self._why_in_vain()) else None
            return self._read(hides) if not self._trouble else self._told(self._trouble)
        except Blind as blind:
            return self._told(str(blind), hopeless=blind.hopeless)
        except OSError as error:
            return self._told(f"the traces cannot be read: {error}")
        finally:
            self.close()

    def close(self) -> None:
        """Drop the traces."""
        if self._tracer is not None:
            self._tracer.close()

    def _read(self, hides: Callable[[str], bool]) -> Observation:
        folders = {name: (self._inputs.folder(name), tree) for name, tree in self._inputs.trees.items()}
        reading = Reading(self._store, self._workspace, folders, self._ports)
        for trace, directory in self._commands:
            reading.take(trace, directory)
        for path, depth in self._own:
            reading.look("", os.path.abspath(path), depth)  # noqa: PTH100 - as text: links on the way count
        looks = reading.looks()
        if any(map(hides, ("\n".join(paths) for paths in looks.values()))):
            return self._told("the name of a file that it looked for holds a secret", hopeless=True)
        read = sum(len(files_in(found)) for found in looks.values())
        files = sum(1 for tree in self._inputs.trees.values() for _ in self._store.walk(tree))
        return Observation(put_looks(self._store, looks), read, files)

    def _why_in_vain(self) -> str:
        """Why a build that failed may have failed for being traced; "" for no reason."""
        for trace, _ in self._commands:
            if trace.exists() and (why := why_traced_in_vain(trace)):
                return why
        return ""

    def _told(self, trouble: str, *, hopeless: bool = False) -> Observation:
        return Observation(trouble=trouble, hopeless=hopeless or self._hopeless)
