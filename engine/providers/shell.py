"""A shell where an action left off, for whoever debugs it."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.journal.processes import MARKER
from engine.providers.codebuild.layout import Layout
from engine.runners.docker.again import remembered
from engine.runners.environment import host_environment, is_sensitive, is_shell_name
from engine.runners.shell import masked_names, where_it_stands


def leave(scratch: Path, directory: Path, environment: Mapping[str, str], secrets: Iterable[str]) -> None:
    """Leave behind what `shell_in` needs, for what ran without a shell. What looks like a secret, or is one, is not
    written down."""
    hidden = set(secrets)
    kept = {
        name: value
        for name, value in environment.items()
        if is_shell_name(name) and not is_sensitive(name) and not any(secret in value for secret in hidden)
    }
    lines = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in kept.items())
    (scratch / "env.sh").write_text(lines, encoding="utf-8", errors="surrogateescape")
    (scratch / "dir.txt").write_text(f"{directory}\n", encoding="utf-8", errors="surrogateescape")


# What a build had logged in to is gone with it.
_LOGINS = '[ -d "${DOCKER_CONFIG:-/}" ] || unset DOCKER_CONFIG REGISTRY_AUTH_FILE'

_LOST = "{}: held a secret, which is not kept, so it is not set here"


def shell_in(workspace: Path, line: str | None = None) -> tuple[list[str], Path, dict[str, str]]:
    """argv, directory and whole environment of an interactive shell in the state after an action's last command.

    With `line`, of a shell that only runs it. What ran in a container gets a container of the same image and mounts;
    where a build stands still, its own. Secret values are among its variables only then: they are not kept, and what
    held one is unset. Raises `LookupError` where nothing ran.
    """
    scratch = Layout(workspace).scratch
    live = where_it_stands(scratch)
    environment, place = live or (scratch / "env.sh", scratch / "dir.txt")
    if not environment.is_file() or not place.is_file():
        raise LookupError("no command ran here: there is no workspace to look into")
    directory = Path(place.read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n"))
    # The shell that wrote the file reads it, for sh and bash quote differently; the shell to type in comes after it.
    text = environment.read_text(errors="replace")
    writer = "bash" if "declare -x" in text else "sh"
    start = f"set -a; . {shlex.quote(str(environment))}; set +a; unset SHLVL {MARKER}; {_LOGINS}; export TERM"
    if lost := masked_names(text):
        start += f"; unset {' '.join(lost)}; echo {shlex.quote(_LOST.format(', '.join(lost)))} >&2"
    kept = remembered(scratch)
    if kept is not None:
        typing = "if command -v bash >/dev/null; then bash --norc -i; else sh -i; fi" if line is None else line
        program, alone = f"{start}; {typing}", line is not None
        argv = kept.argv(writer, program, directory, alone=alone, standing=live is not None)
        return argv, workspace, dict(os.environ)
    typing = "bash --norc" if shutil.which("bash") else "sh"
    start += f"; exec {typing} -i" if line is None else f"; {line}"
    seen = host_environment()
    seen |= {name: os.environ[name] for name in ("TERM", "COLORTERM") if name in os.environ}
    terminal = shlex.quote(seen.get("TERM", "dumb"))
    argv = [writer, "-c", start.replace("export TERM", f"export TERM={terminal}")]
    return argv, directory if directory.is_dir() else workspace, seen
