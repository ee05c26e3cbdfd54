"""A shell where an action left off, for whoever debugs it."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from engine.journal.processes import MARKER
from engine.providers.codebuild.layout import Layout
from engine.runners.environment import host_environment


def shell_in(workspace: Path) -> tuple[list[str], Path, dict[str, str]]:
    """argv, directory and whole environment of an interactive shell in the state after an action's last command.

    Secret values are not among its variables: they are not kept. Raises `LookupError` where nothing ran.
    """
    scratch = Layout(workspace).scratch
    environment, place = scratch / "env.sh", scratch / "dir.txt"
    if not environment.is_file() or not place.is_file():
        raise LookupError("no command ran here: there is no workspace to look into")
    directory = Path(place.read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n"))
    # The shell that wrote the file reads it, for sh and bash quote differently; the shell to type in comes after it.
    writer = "bash" if "declare -x" in environment.read_text(errors="replace") else "sh"
    typing = "bash --norc" if shutil.which("bash") else "sh"
    start = f"set -a; . {shlex.quote(str(environment))}; set +a; unset SHLVL {MARKER}; export TERM; exec {typing} -i"
    seen = host_environment()
    seen |= {name: os.environ[name] for name in ("TERM", "COLORTERM") if name in os.environ}
    terminal = shlex.quote(seen.get("TERM", "dumb"))
    argv = [writer, "-c", start.replace("export TERM", f"export TERM={terminal}")]
    return argv, directory if directory.is_dir() else workspace, seen
