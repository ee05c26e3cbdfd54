"""What is remembered of a build's container, so that a shell can be opened in one like it."""

from __future__ import annotations

import dataclasses
import json
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

SOCKET = "/var/run/docker.sock"
"""Where `docker` looks for its engine."""

_FILE = "container.json"


class ContainerGone(LookupError):
    """There is no way back into a container. `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Kept:
    """A container that was. `mounted`: it saw this machine's folders, so another one can. `socket`: the engine's own,
    if it had it. `container` is its name. `podman`: of which kind the engine is.
    """

    address: str
    image: str
    network: str
    folders: tuple[str, ...]
    mounted: bool
    owner: tuple[int, int] | None
    socket: str = ""
    container: str = ""
    podman: bool = False

    def write(self, scratch: Path) -> None:
        """Keep it beside the environment of the last command."""
        (scratch / _FILE).write_text(json.dumps(dataclasses.asdict(self)), encoding="utf-8")

    def argv(
        self,
        shell: str,
        program: str,
        directory: Path,
        *,
        alone: bool,
        standing: bool = False,
        more: tuple[str, ...] = (),
    ) -> list[str]:
        """The command that runs a program of shell in such a container; `alone`: nobody types. Raises `ContainerGone`.

        `standing`: in the container itself, for it is still there. `more` folders are seen in it, too. What it makes
        belongs to this user in the end, as after a build.
        """
        # To Podman's engine only Podman's own client tells how a program ended that is gone by then.
        names = ("podman", "docker") if self.podman else ("docker", "podman")
        client = next(filter(None, map(shutil.which, names)), None)
        if client is None:
            raise ContainerGone("this action ran in a container", "A shell in one like it needs the docker command.")
        where = ["--host" if client.endswith("docker") else "--url", self.address]
        typing = [] if alone else ["--interactive", *(["--tty"] if sys.stdin.isatty() else [])]
        if standing:
            return [client, *where, "exec", *typing, f"--workdir={directory}", self.container, shell, "-c", program]
        if not self.mounted:
            raise ContainerGone(
                f"this action ran in a container at {self.address}, which does not see this machine's files",
                "Its log and artifacts are here; `--runner host` runs it here, too.",
            )
        if self.owner is not None:
            places = shlex.join(self.folders)
            program = f"{program}\ns=$?; chown -hR {self.owner[0]}:{self.owner[1]} {places}; exit $s"
        mounts = [f"--mount=type=bind,source={folder},target={folder}" for folder in (*self.folders, *more)]
        if self.socket:
            mounts.append(f"--mount=type=bind,source={self.socket},target={SOCKET}")
        return [
            *(client, *where, "run", "--rm", *typing, "--label=com.greenroom=shell", f"--network={self.network}"),
            *(*mounts, "--user=0", f"--workdir={directory}", f"--entrypoint={shell}", self.image, "-c", program),
        ]


def remembered(scratch: Path) -> Kept | None:
    """The container whose scratch folder this is; None where the build ran on this machine."""
    try:
        found = json.loads((scratch / _FILE).read_text(encoding="utf-8"))
        owner = found.pop("owner")
        return Kept(**found | {"folders": tuple(found["folders"])}, owner=(owner[0], owner[1]) if owner else None)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(scratch: Path) -> None:
    """The next shell opens on this machine."""
    (scratch / _FILE).unlink(missing_ok=True)
