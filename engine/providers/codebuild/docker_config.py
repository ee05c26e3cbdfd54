"""Where the `docker` and `podman` of a build on this machine keep logins: not where the user's own are kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any


class DockerConfig:
    """A folder like ~/.docker that ends with the build. It holds the user's logins, and so lies in memory if it can.

    What a build logs in to is forgotten with it. Contexts, plug-ins and builders are the user's own. `whose` is the
    build's workspace: what a killed greenroom left of it is removed by the next start.
    """

    def __init__(self, whose: Path) -> None:
        key = hashlib.sha256(os.fsencode(whose.absolute())).hexdigest()[:16]
        self._usual = _memory() / f"greenroom-docker-{os.getuid()}-{key}"
        self._folder: Path | None = None

    def open(self) -> dict[str, str]:
        """Make it. Returns the variables that lead to it."""
        theirs = Path(os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker"))  # noqa: PTH111 - never fails
        self._folder = folder = self._made()
        if theirs.is_dir():
            for entry in theirs.iterdir():
                if entry.name != "config.json":
                    (folder / entry.name).symlink_to(entry.absolute())
        _write(folder / "config.json", _without_keychain(_read(theirs / "config.json")))
        podmans = os.environ.get("REGISTRY_AUTH_FILE") or (
            f"{os.environ.get('XDG_RUNTIME_DIR', '/nowhere')}/containers/auth.json"
        )
        _write(folder / "auth.json", _read(Path(podmans)))
        return {"DOCKER_CONFIG": str(folder), "REGISTRY_AUTH_FILE": str(folder / "auth.json")}

    def _made(self) -> Path:
        self.forget()
        try:
            self._usual.mkdir(mode=0o700)
        except OSError:  # somebody else's
            return Path(tempfile.mkdtemp(prefix="greenroom-docker-", dir=self._usual.parent))
        return self._usual

    def forget(self) -> None:
        """Remove what a killed greenroom left of it."""
        shutil.rmtree(self._usual, ignore_errors=True)

    def close(self) -> None:
        """Forget it all."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _without_keychain(config: dict[str, Any]) -> dict[str, Any]:
    """Logins that are there are still read from the user's keychain; new ones stay out of it."""
    keychain = config.pop("credsStore", "")
    if keychain:
        helpers = {str(registry): keychain for registry in config.get("auths") or {}}
        config["credHelpers"] = helpers | (config.get("credHelpers") or {})
    return config


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(file: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as opened:  # noqa: PTH123
        json.dump(content, opened)


def _memory() -> Path:
    shared = Path("/dev/shm")  # noqa: S108
    return shared if shared.is_dir() and os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
