"""A shell where an action left off, for whoever debugs it."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.journal.processes import MARKER
from engine.providers.codebuild.layout import Layout
from engine.providers.regained import Regained
from engine.runners.docker.again import Kept, remembered
from engine.runners.environment import host_environment, is_sensitive, is_shell_name
from engine.runners.shell import USER, masked_names, memory, note, where_it_stands


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

_LOST = "{}: {}, so it is not set here"
_UNKNOWN = "held a secret, which is not kept"
_CARRIER = "GREENROOM_VALUE_"  # variables that bring values into a shell; they are gone in it
_INSIDE = "values.sh"  # the file that brings them into a container

# A session of its own, as `su` makes one, would have no control of jobs.
_BECOME = """run() {{ if setpriv --reuid={who} --regid="$(id -g {who})" --init-groups true 2>/dev/null
then setpriv --reuid={who} --regid="$(id -g {who})" --init-groups /bin/sh -c "$1"
else su -m -s /bin/sh {who} -c "$1"; fi; }}
"""


def shell_in(
    workspace: Path, line: str | None = None, regained: Regained | None = None
) -> tuple[list[str], Path, dict[str, str]]:
    """argv, directory and whole environment of an interactive shell in the state after an action's last command.

    With `line`, of a shell that only runs it. It is the user's as whom that command ran. What ran in a container gets a
    container of the same image and mounts; where a build stands still, its own. Secret values are among its variables
    then; later, those that were `regained`, and what else held one is unset. Raises `LookupError` where nothing ran.
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
    values = {} if live or regained is None else regained.values
    start += "".join(f"; echo {shlex.quote(said)} >&2" for said in _lost(text, regained or Regained()))
    if lost := [name for name in masked_names(text) if name not in values]:
        start += f"; unset {' '.join(lost)}"
    user, kept = _user(scratch), remembered(scratch)
    if kept is not None:
        inside = _Inside(kept, workspace, user, writer, standing=live is not None)
        return inside.argv(directory, start, line, values), workspace, dict(os.environ)
    for at, name in enumerate(values):
        start += f'; export {name}="${_CARRIER}{at}"; unset {_CARRIER}{at}'
    typing = [*_as_user(user), *(["bash", "--norc"] if shutil.which("bash") else ["sh"]), "-i"]
    if line is None:
        start += f"; exec {shlex.join(typing)}"
    else:
        start += f"; exec {shlex.join([*whose, writer, '-c', line])}" if (whose := _as_user(user)) else f"; {line}"
    seen = host_environment()
    seen |= {name: os.environ[name] for name in ("TERM", "COLORTERM") if name in os.environ}
    seen |= {f"{_CARRIER}{at}": value for at, value in enumerate(values.values())}
    terminal = shlex.quote(seen.get("TERM", "dumb"))
    argv = [writer, "-c", start.replace("export TERM", f"export TERM={terminal}")]
    return argv, directory if directory.is_dir() else workspace, seen


def _lost(text: str, regained: Regained) -> list[str]:
    """What is said of variables that have no value any more: in one sentence where there is one reason."""
    reasons: dict[str, list[str]] = {}
    for name in masked_names(text):
        if name not in regained.values:
            reasons.setdefault(regained.lost.get(name, _UNKNOWN), []).append(name)
    return [_LOST.format(", ".join(names), reason) for reason, names in reasons.items()]


def _user(scratch: Path) -> str:
    """As whom the last command ran; empty for the usual user."""
    try:
        return (scratch / USER).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _as_user(user: str) -> list[str]:
    """What has a program of this machine run as somebody else, where that is known and may be."""
    if not user or os.getuid() != 0:
        return []
    from engine.runners.users import account

    found, setpriv = account(user), shutil.which("setpriv")
    if found is None or setpriv is None:
        return []
    groups = ",".join(map(str, found.groups))
    return [setpriv, f"--reuid={found.uid}", f"--regid={found.gid}", f"--groups={groups}"]


@dataclass(frozen=True, slots=True)
class _Inside:
    """A shell in the container of a build that stands still, or in one like that of a build that is over."""

    kept: Kept
    workspace: Path
    user: str
    writer: str
    standing: bool

    def argv(self, directory: Path, start: str, line: str | None, values: Mapping[str, str]) -> list[str]:
        """The command that opens it."""
        typing = "if command -v bash >/dev/null; then bash --norc -i; else sh -i; fi" if line is None else line
        if self.user:
            who = shlex.quote(self.user)
            given = "" if self.standing else _handed_over(who, Layout(self.workspace))
            start, typing = f"{_BECOME.format(who=who)}{given}{start}", f"run {shlex.quote(typing)}"
        place = memory() if values and self.kept.mounted else None
        if place is None:
            if values:
                start += (
                    f"; echo {shlex.quote(_LOST.format(', '.join(values), _UNKNOWN))} >&2; unset {' '.join(values)}"
                )
            return self._run(f"{start}; {typing}", directory, line)
        note(Layout(self.workspace).scratch, place)
        file = place / _INSIDE
        text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
        start += f"; . {shlex.quote(str(file))}; rm -f {shlex.quote(str(file))}"
        argv = self._run(f"{start}; {typing}", directory, line, str(place))
        # Whatever becomes of the container, its values do not stay.
        return ["/bin/sh", "-c", f'"$@"; s=$?; rm -rf {shlex.quote(str(place))}; exit $s', "sh", *argv]

    def _run(self, program: str, directory: Path, line: str | None, *more: str) -> list[str]:
        alone = line is not None
        return self.kept.argv(self.writer, program, directory, alone=alone, standing=self.standing, more=more)


def _handed_over(who: str, layout: Layout) -> str:
    """A build's files are its user's; afterwards they become again whose they are."""
    places = shlex.join(str(place) for place in (layout.source.parent, layout.secondary("x").parent, layout.outputs))
    return f"find {places} ! -user {who} \\( -type d -o -links 1 \\) -exec chown -h {who} {{}} + 2>/dev/null; "
