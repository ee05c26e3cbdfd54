"""The checks of `greenroom doctor`, one function an edge. None may raise, none may take long."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui.cli.words import size

Level = Literal["ok", "warn", "note"]
_WATCHES_WANTED = 65_536
_ROOM_WANTED = 2 * 1024**3
_PATIENCE = 3  # seconds that an edge gets to answer


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `advice` says what to do where it is a warning."""

    check: str
    level: Level
    found: str
    advice: str = ""


def checkup(state: Path) -> Iterator[Finding]:
    """Every check. One that fails in an unforeseen way is itself a finding."""
    checks: dict[str, Callable[[], Finding]] = {
        "python": _python,
        "git": _git,
        "shell": _shell,
        "watching": _watching,
        "observing": _observing,
        "state": lambda: _state(state),
        "disk": lambda: _disk(state),
        "running": lambda: _running(state),
        "terminal": _terminal,
        "clipboard": _clipboard,
        "keyring": _keyring,
        "aws": _aws,
    }
    for name, check in checks.items():
        try:
            yield check()
        except Exception as error:
            yield Finding(name, "warn", f"could not be checked: {error}")


def _python() -> Finding:
    from engine import __version__

    return Finding("python", "ok", f"{platform.python_version()} on {platform.system()}, greenroom {__version__}")


def _git() -> Finding:
    if not shutil.which("git"):
        advice = "Revisions are named by content alone, and CommitId and friends are made up. Install git for more."
        return Finding("git", "warn", "not found", advice)
    return Finding("git", "ok", _first_line(["git", "--version"]))


def _shell() -> Finding:
    bash, sh = shutil.which("bash"), shutil.which("sh")
    if not sh:
        return Finding("shell", "warn", "no sh on PATH", "Commands run in sh: nothing can run without it.")
    if not bash:
        return Finding("shell", "note", f"{sh}, no bash", "Only builds that ask for bash (env.shell) need it.")
    return Finding("shell", "ok", f"{sh}, {bash}")


def _keyring() -> Finding:
    advice = "Values of parameters and secrets may lie in .secrets instead."
    if importlib.util.find_spec("keyring") is None:
        return Finding("keyring", "note", "not installed: pip install 'greenroom[keyring]'", advice)
    import keyring

    if not getattr(type(keyring.get_keyring()), "priority", 0) > 0:
        return Finding("keyring", "note", "this machine has none that runs", advice)
    return Finding("keyring", "ok", "values of parameters and secrets may lie in it: greenroom secrets set NAME")


def _aws() -> Finding:
    if importlib.util.find_spec("boto3") is None:
        advice = "Only secrets-from: [aws] and aws: real need it: pip install 'greenroom[aws]'."
        return Finding("aws", "note", "no boto3", advice)
    return Finding("aws", "ok", "boto3, asked for parameters and secrets only where greenroom.yaml says so")


def _watching() -> Finding:
    limits = Path("/proc/sys/fs/inotify")
    if not limits.is_dir():
        return Finding("watching", "ok", f"as {platform.system()} does it")
    watches = int((limits / "max_user_watches").read_text())
    instances = int((limits / "max_user_instances").read_text())
    found = f"inotify: {watches} watches, {instances} instances"
    if watches < _WATCHES_WANTED:
        advice = "Large repositories need more:\n  sudo sysctl fs.inotify.max_user_watches=524288"
        return Finding("watching", "warn", found, advice)
    return Finding("watching", "ok", found)


def _observing() -> Finding:
    from engine.runners.tracing import obstacle

    if found := obstacle():
        return Finding("observing", "note", found, "Only `inputs: observed` needs strace: without it all inputs count.")
    return Finding("observing", "ok", _first_line(["strace", "--version"]))


def _state(state: Path) -> Finding:
    if not state.exists():
        parent = state.parent
        if os.access(parent, os.W_OK):
            return Finding("state", "ok", f"{state} will be made by the first run")
        return Finding(
            "state", "warn", f"{parent} cannot be written", "greenroom keeps everything in .greenroom there."
        )
    mode = state.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("state", "warn", f"{state} is open to others ({mode:o})", f"chmod 700 {state}")
    if not os.access(state, os.W_OK):
        return Finding("state", "warn", f"{state} cannot be written", f"It belongs to uid {state.stat().st_uid}.")
    return Finding("state", "ok", f"{state}, {size(_weight(state))}")


def _disk(state: Path) -> Finding:
    free = shutil.disk_usage(state if state.exists() else state.parent).free
    if free < _ROOM_WANTED:
        return Finding("disk", "warn", f"{size(free)} free", "Make room: greenroom cache prune --max-size 500MiB")
    return Finding("disk", "ok", f"{size(free)} free")


def _running(state: Path) -> Finding:
    from engine.journal.lock import owner

    found = owner(state)
    if found is None:
        return Finding("running", "ok", "no greenroom runs here")
    return Finding("running", "ok", f"pid {found.pid}: greenroom {found.command}")


def _terminal() -> Finding:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Finding("terminal", "note", "none", "The terminal app needs one; run, plan and the rest do not.")
    columns, rows = shutil.get_terminal_size()
    term, colours = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    found = f"{term or 'TERM unset'}, {columns}x{rows}, {'true colour' if colours else 'no COLORTERM'}"
    if term in ("", "dumb"):
        return Finding("terminal", "warn", found, "Set TERM, for instance to xterm-256color.")
    if columns < 80 or rows < 24:
        return Finding("terminal", "warn", found, "80x24 is the least at which everything shows.")
    if not sys.stdout.encoding.lower().startswith("utf"):
        return Finding("terminal", "warn", f"{found}, {sys.stdout.encoding}", "Set LANG to a UTF-8 locale.")
    return Finding("terminal", "ok", found)


def _clipboard() -> Finding:
    if not os.environ.get("TMUX"):
        return Finding("clipboard", "ok", "through the terminal (OSC 52)")
    setting = _first_line(["tmux", "show-options", "-gv", "set-clipboard"])
    if setting == "on":
        return Finding("clipboard", "ok", "through tmux")
    advice = "Copying from the app stays inside tmux:\n  tmux set -g set-clipboard on"
    return Finding("clipboard", "warn", f"tmux: set-clipboard {setting or 'unknown'}", advice)


def _first_line(argv: list[str]) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stdout.splitlines() or [""])[0].strip()


def _weight(directory: Path) -> int:
    total = 0
    for folder, _, files in os.walk(directory):
        for name in files:
            try:
                total += os.lstat(Path(folder, name)).st_size
            except OSError:  # it went away while we looked
                continue
    return total
