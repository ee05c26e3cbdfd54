"""The hook: a program that gets each event as JSON on its stdin."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 10.0
"""Seconds that the program gets for one event."""
_TOLD = 300  # characters of its complaint that are passed on


def run_hook(
    argv: Sequence[str],
    body: Mapping[str, object],
    *,
    directory: Path,
    environment: Mapping[str, str],
    seconds: float = PATIENCE,
) -> str:
    """Run the program to its end. Returns what went wrong, empty where nothing did. Never raises."""
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    with tempfile.TemporaryFile() as complaint:  # a pipe would be held open by what the program leaves behind
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=complaint,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"{argv[0]} cannot be started: {getattr(error, 'strerror', None) or error}"
        try:
            process.communicate(data, timeout=seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"{argv[0]} did not end within {seconds:g} s"
        if process.returncode == 0:
            return ""
        complaint.seek(0)
        words = complaint.read().decode("utf-8", "replace").strip().splitlines()
        said = f": {words[-1][:_TOLD]}" if words else ""
        return f"{argv[0]} ended with {process.returncode}{said}"
