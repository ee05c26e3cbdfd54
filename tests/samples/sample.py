"""A sample in a directory of its own, run as people run it: by `greenroom`, installed or in this process."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from unittest.mock import patch

from engine.artifacts.store import Store

SAMPLES = Path(__file__).parents[2] / "sample-pipelines"
NAMES = sorted(folder.name for folder in SAMPLES.iterdir() if any(folder.glob("pipeline.*")))
GREENROOM = Path(sys.executable).with_name("greenroom")


class Ended(TypedDict):
    """One action as it ended."""

    status: str
    variables: dict[str, str]
    outputs: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Done:
    """What a call left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Run:
    """One finished `greenroom run --json`: its exit code and its events, the summary last."""

    code: int
    events: list[dict[str, object]]
    errors: str

    @property
    def summary(self) -> dict[str, object]:
        """The last line."""
        return self.events[-1]

    def named(self, event: str) -> list[dict[str, object]]:
        """The events of one name."""
        return [each for each in self.events if each.get("event") == event]

    def decided(self, decision: str) -> set[str]:
        """The Stage/Action of which this was decided, sources left out: they are looked at each time."""
        return {
            _place(each)
            for each in self.named("action-decided")
            if each["decision"] == decision and each["stage"] != "Source"
        }


class Sample:
    """A copy of a sample."""

    def __init__(self, name: str, place: Path) -> None:
        self.directory = place / name
        self._home = place / "home"
        self._home.mkdir()
        shutil.copytree(SAMPLES / name, self.directory, ignore=shutil.ignore_patterns(".demo.json"))

    def installed(self, *arguments: str) -> Done:
        """The installed program, called in the copy's directory."""
        done = subprocess.run(
            [GREENROOM, *arguments],
            cwd=self.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def call(self, *arguments: str) -> Done:
        """The same in this process: no start of a program to wait for."""
        from tui.cli.main import run

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with patch.dict(os.environ, self._environment(), clear=True), chdir(self.directory):
            with redirect_stdout(out), redirect_stderr(err):
                code = run(arguments)
            return Done(int(code), *(stream.buffer.getvalue().decode() for stream in (out, err)))

    def run(self, *arguments: str) -> Run:
        """`greenroom run --json` with everything approved."""
        return self._read(self.call("run", "--json", "--approve", "all", *arguments))

    def run_installed(self) -> Run:
        """The same by the installed program."""
        return self._read(self.installed("run", "--json", "--approve", "all"))

    @staticmethod
    def _read(done: Done) -> Run:
        return Run(done.code, [json.loads(line) for line in done.out.splitlines()], done.err)

    def _environment(self) -> dict[str, str]:
        ours = ("GREENROOM_", "PYTHONDONTWRITEBYTECODE")  # compiled modules are kept: many calls are new processes
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**environment, "HOME": str(self._home)}

    def replace(self, file: str, old: str, new: str) -> None:
        """Edit one place of one file."""
        path = self.directory / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} should hold {old!r} once"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def ended(self, run: Run) -> dict[str, Ended]:
        """How each action ended, and the files of what it yielded. Sources yield whatever is in the directory."""
        store = Store(self.directory / ".greenroom" / "store")
        found: dict[str, Ended] = {}
        for each in run.named("action-ended"):
            outputs = each["outputs"] if each["stage"] != "Source" else {}
            assert isinstance(outputs, dict)
            files = {name: [entry.path for entry in store.walk(tree)] for name, tree in sorted(outputs.items())}
            variables = each["variables"] if each["stage"] != "Source" else {}
            assert isinstance(variables, dict)
            found[_place(each)] = Ended(status=str(each["status"]), variables=variables, outputs=files)
        return found

    def deployed(self) -> dict[str, str]:
        """Every deployed file with the beginning of its content's SHA-256."""
        folders = [self.directory / name for name in ("deployed", "public")]
        return {
            file.relative_to(self.directory).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:16]
            for folder in folders
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }


def _place(event: dict[str, object]) -> str:
    return f"{event['stage']}/{event['action']}"
