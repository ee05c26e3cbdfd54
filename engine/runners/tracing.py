"""Running commands under strace, which writes down what files they look at. Linux only.

strace stays beside the command (``-D``): the command is this process's own child as ever, its exit status and its
process group are its own, and what it leaves running is not waited for.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from engine.runners._strace import SYSCALLS

_OPTIONS = ("-f", "-D", "-q", "-y", "-s", "0", "-e", "signal=none", "-e", f"trace={SYSCALLS}")
PREFIX = "greenroom-traces-"
_PATIENCE = 10.0  # seconds for a trial that takes ten milliseconds


@functools.cache
def obstacle() -> str:
    """Why nothing can be traced here; "" where it can. Tried once."""
    return _tried()[0]


@functools.cache
def _tried() -> tuple[str, tuple[str, ...]]:
    """The obstacle, and the options that work."""
    if sys.platform != "linux":
        return "inputs are observed on Linux only", ()
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed", ()
    said = ""
    for options in (("--seccomp-bpf", *_OPTIONS), _OPTIONS):  # the filter came with strace 5.3
        with tempfile.TemporaryDirectory(prefix="greenroom-") as folder:
            trace = Path(folder) / "trace"
            try:
                done = subprocess.run(
                    [strace, *options, "-o", str(trace), "true"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=_PATIENCE,
                    check=False,
                )
                if done.returncode == 0 and "+++ exited with 0 +++" in trace.read_text(errors="replace"):
                    return "", (strace, *options)
                said = done.stderr.decode(errors="replace").strip().splitlines()[-1:][0] if done.stderr.strip() else ""
            except (OSError, subprocess.TimeoutExpired) as error:
                said = str(error)
    return "strace cannot trace here" + (f": {said}" if said else ""), ()


class Tracer:
    """Puts strace in front of commands. Their traces lie in a folder of its own until `close`."""

    def __init__(self, parent: Path) -> None:
        """Raises `OSError` where there is no room for traces."""
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self.traces: list[Path] = []

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """What to start instead. Only where there is no `obstacle`."""
        trace = self.folder / str(len(self.traces))
        self.traces.append(trace)
        return [*_tried()[1], "-o", str(trace), *argv]

    def close(self) -> None:
        """Drop the traces."""
        shutil.rmtree(self.folder, ignore_errors=True)
