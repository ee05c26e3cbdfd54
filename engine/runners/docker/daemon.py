"""The container engine that answers here: by DOCKER_HOST, the current context, ssh, or a socket of Docker or Podman."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import docker

PATIENCE = 60
_QUICK = 5.0  # seconds until somebody must be there
_HELLO = 15  # seconds until an engine must have said hello
_MUTE = 10.0  # seconds for which one that did not is left alone: every action of a plan would wait for it
_HINT = "Start it, point DOCKER_HOST at another one, or use `--runner host`."
_USUAL = "/var/run/docker.sock"
_lock = threading.Lock()
_known: dict[str, Daemon] = {}
_mute: dict[str, tuple[float, EngineError]] = {}
_tunnels: dict[str, tuple[subprocess.Popen[bytes], str]] = {}


class EngineError(OSError):
    """The engine cannot be reached, or cannot do what was asked. `hint` says what to do."""

    def __init__(self, message: str, hint: str = _HINT) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Daemon:
    """One engine. `remote` where its address says that it cannot see this machine's files; `desktop` where it runs in a
    virtual machine, which has a network and a socket of its own.
    """

    client: docker.DockerClient
    address: str
    version: str
    remote: bool
    rootless: bool
    desktop: bool
    cpus: int
    memory: int
    podman: bool
    platform: str

    @property
    def socket(self) -> str:
        """Where the engine has its own socket, as far as can be told: to be mounted into its containers."""
        parts = urlsplit(self.address)
        elsewhere = parts.path if parts.scheme == "ssh" and len(parts.path) > 1 else _USUAL
        return elsewhere if self.remote or self.desktop else self.address.removeprefix("unix://")


def address() -> str:
    """Where the engine is looked for: DOCKER_HOST, DOCKER_CONTEXT, the current context, the first socket there is."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    from docker.context import ContextAPI

    try:
        name = os.environ.get("DOCKER_CONTEXT")
        context = ContextAPI.get_context(name) if name else ContextAPI.get_current_context()
    except Exception as error:
        raise EngineError(f"the Docker context cannot be read: {error}", "`docker context ls` lists them.") from error
    if context is None:
        raise EngineError(f"there is no Docker context {name}", "`docker context ls` lists them.")
    if context.Name != "default":
        return str(context.Host)
    return f"unix://{next((path for path in _sockets() if path.exists()), Path(_USUAL))}"


def _sockets() -> Iterator[Path]:
    yield Path(_USUAL)
    if own := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(own, "docker.sock")
        yield Path(own, "podman", "podman.sock")
    yield Path(os.path.expanduser("~/.docker/run/docker.sock"))  # noqa: PTH111 - never fails
    yield Path("/run/podman/podman.sock")


def connect(where: str = "") -> Daemon:
    """The engine at an address, by default the one that is looked for. Raises `EngineError` where none answers."""
    where = where or address()
    with _lock:
        since, silence = _mute.get(where, (-_MUTE, None))
        began = time.monotonic()
        if silence and began - since < _MUTE:
            raise silence
        known = _known.get(where)
        try:
            if known is None or not _greets(known):
                known = _known[where] = _connect(where)
        except EngineError as error:
            if time.monotonic() - began >= _HELLO:
                _mute[where] = (time.monotonic(), error)
            raise
        return known


def another(daemon: Daemon) -> docker.DockerClient:
    """One more connection to an engine. Raises what the SDK does."""
    return _client(daemon.address)


def _greets(daemon: Daemon) -> bool:
    try:
        _knock(_tunnels[daemon.address][1] if daemon.address.startswith("ssh:") else daemon.address)
        api = daemon.client.api
        return bool(api.get(f"{api.base_url}/_ping", timeout=_QUICK).ok)
    except Exception:
        return False


def _connect(where: str) -> Daemon:
    with told(where):
        client = _client(where, _HELLO)
        info: dict[str, Any] = client.info()
        version = client.version()
        client.api.timeout = PATIENCE
    security = " ".join(info.get("SecurityOptions") or ())
    return Daemon(
        client=client,
        address=where,
        version=str(version.get("Version", "")),
        remote=urlsplit(where).scheme not in ("unix", "npipe"),
        rootless="rootless" in security or bool(info.get("Rootless")),  # Docker's word, and Podman's
        # Wherever the kernel is not Linux, an engine runs in a virtual machine of its own.
        desktop="Docker Desktop" in str(info.get("OperatingSystem")) or sys.platform != "linux",
        cpus=int(info.get("NCPU") or 0),
        memory=int(info.get("MemTotal") or 0),
        podman=any("Podman" in str(part.get("Name")) for part in version.get("Components") or ()),
        platform=f"{info.get('OSType', '')}/{info.get('Architecture', '')}",
    )


def _client(where: str, timeout: int = PATIENCE) -> docker.DockerClient:
    import docker

    _knock(where)
    if where.startswith("ssh://"):
        return docker.DockerClient(base_url=_tunnel(where), version="auto", timeout=timeout)
    if where == os.environ.get("DOCKER_HOST") or urlsplit(where).scheme != "unix":
        return docker.from_env(version="auto", timeout=timeout)  # with the certificates that belong to it
    return docker.DockerClient(base_url=where, version="auto", timeout=timeout)


def _knock(where: str) -> None:
    """Raises `OSError` where nobody listens at a socket: the SDK would leave its own one open."""
    if where.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as ours:
            ours.settimeout(_QUICK)
            ours.connect(where.removeprefix("unix://"))


def _tunnel(where: str) -> str:
    """A socket here that leads to the engine there. However this process ends, ssh does: `cat` loses its input."""
    known = _tunnels.get(where)
    if known is not None and known[0].poll() is None:
        return known[1]
    parts = urlsplit(where)
    far = parts.path if parts.path not in ("", "/") else _USUAL
    near = Path(tempfile.mkdtemp(prefix="greenroom-ssh-")) / "docker.sock"
    login = f"{parts.username}@{parts.hostname}" if parts.username else str(parts.hostname)
    port = ["-p", str(parts.port)] if parts.port else []
    options = ["-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15"]
    process = subprocess.Popen(
        ["ssh", "-T", *options, *port, "-L", f"{near}:{far}", login, "cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + _QUICK
    while not near.exists():
        if process.poll() is not None or time.monotonic() > until:
            _close_tunnel(process, near.parent)
            raise EngineError(
                f"ssh does not reach {login}", f"`ssh {login} docker version` must work without a prompt."
            )
        time.sleep(0.02)
    _tunnels[where] = (process, f"unix://{near}")
    atexit.register(_close_tunnel, process, near.parent)
    return f"unix://{near}"


def _close_tunnel(process: subprocess.Popen[bytes], folder: Path) -> None:
    if process.stdin:
        process.stdin.close()
    process.terminate()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def told(where: str, doing: str = "") -> Iterator[None]:
    """Turns what the SDK raises into an `EngineError` of one sentence."""
    from docker.errors import APIError, DockerException
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except APIError as error:
        said = str(error.explanation or error).strip().splitlines()[0][:300]
        hint = "`docker system prune` makes room." if "no space left" in said else "The engine itself said so."
        raise EngineError(f"Docker: {doing or 'it refuses'}: {said}", hint) from error
    except (DockerException, RequestException, HTTPError, ConnectionError, FileNotFoundError) as error:
        raise EngineError(f"no container engine answers at {where}: {brief(error)}") from error


def brief(error: BaseException) -> str:
    """The innermost reason: the SDK wraps a missing socket four times."""
    cause = error
    while cause.__context__ is not None:
        cause = cause.__context__
    if isinstance(cause, FileNotFoundError):
        return "it has no socket"
    return (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__).splitlines()[0][:100]
