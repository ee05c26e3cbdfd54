"""The control socket: how another process asks the running greenroom for something.

One JSON object a line, each answered by one. Whoever may connect may do anything, so the socket is 0600, lies
in a directory of the owner's alone, and on Linux the kernel is asked for the peer's user id as well. Trouble
with a request is answered as ``{"ok": false, "exception": ..., "message": ...}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
import struct
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.journal.errors import ControlError

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

REQUEST_BYTES: Final = 1024 * 1024
"""The longest request that is read."""

ANSWER_BYTES: Final = 64 * 1024 * 1024
"""The longest answer that `call` reads."""

_PATH_BYTES: Final = 103  # macOS keeps 104 with the closing NUL, Linux 108
_PATIENCE: Final = 30.0  # seconds for one request to arrive, and for one answer to be taken
_CONNECTIONS: Final = 64
_TRUSTED: Final = (0,)  # root may do as it likes anyway


def socket_path(directory: Path) -> Path:
    """Where the control socket of a state directory belongs.

    `directory`/control.sock, or, where that is longer than the system allows, a name in `private_directory`.
    """
    path = directory.absolute() / "control.sock"
    if len(os.fsencode(path)) <= _PATH_BYTES:
        return path
    name = sha256(os.fsencode(directory.resolve())).hexdigest()[:16]
    return private_directory() / f"{name}.sock"


def private_directory() -> Path:
    """A short directory that only we can enter: under XDG_RUNTIME_DIR, else /tmp/greenroom-UID.

    Raises `ControlError` where somebody else made it first, or made it a link.
    """
    uid = os.getuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    candidate = Path(runtime) / "greenroom"
    usable = runtime.startswith("/") and Path(runtime).is_dir() and len(os.fsencode(candidate)) < _PATH_BYTES - 24
    directory = candidate if usable else Path(f"/tmp/greenroom-{uid}")  # noqa: S108 - verified below
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise ControlError(f"{directory} cannot be made: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise ControlError(
            f"{directory} is not a directory that only you can enter, so it is not trusted.",
            "Remove it, or set XDG_RUNTIME_DIR to a private directory.",
        )
    return directory


class Server:
    """A control socket that is being served; `close` ends it."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self.path = path
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind and listen. Raises `ControlError`."""
        listener = _bind(self.path)
        # A caller that is cancelled between a listener and its name would leave it open: first the name, then serve.
        self._server = await asyncio.start_unix_server(
            self._connected, sock=listener, limit=REQUEST_BYTES, start_serving=False
        )
        await self._server.start_serving()

    async def close(self) -> None:
        """Stop listening, drop all connections, remove the socket."""
        if self._server is not None:
            self._server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            self._server = None
            with contextlib.suppress(OSError):
                self.path.unlink()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= _CONNECTIONS or not _ours(writer):
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            going = True
            while going:
                answer, going = await self._answer(reader)
                if answer is not None:
                    writer.write(json.dumps(answer).encode() + b"\n")
                    async with asyncio.timeout(_PATIENCE):
                        await writer.drain()
        except (OSError, TimeoutError):
            writer.transport.abort()  # gone, or it does not take its answer: nobody to tell
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[dict[str, Any] | None, bool]:
        """The answer to the next request, and whether another may follow."""
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            return None, False
        except asyncio.LimitOverrunError:
            return _refusal("BadRequest", f"A request may have {REQUEST_BYTES} bytes at most."), False
        except TimeoutError:
            return _refusal("BadRequest", "No request came."), False
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return _refusal("BadRequest", "A request is one line of JSON."), True
        if not isinstance(request, dict):
            return _refusal("BadRequest", "A request is a JSON object."), True
        try:
            return await self._handler(request), True
        except Exception as error:  # whatever the handler did, the others must go on being served
            return _refusal("InternalFailure", f"{type(error).__name__}: {error}"), True


async def serve(path: Path, handler: Handler) -> Server:
    """Serve the control socket at `path` until the returned server is closed. Raises `ControlError`.

    The caller holds the directory's lock: a socket that lies there already is a dead one's and is replaced.
    """
    server = Server(path, handler)
    try:
        await server.start()
    except BaseException:
        await server.close()
        raise
    return server


def call(path: Path, request: dict[str, Any], timeout: float = 10.0) -> dict[str, Any]:
    """Ask the greenroom behind `path`, waiting at most `timeout` seconds. Raises `ControlError`."""
    deadline = time.monotonic() + timeout
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(os.fspath(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = _receive(connection, deadline)
    except TimeoutError as error:
        raise ControlError(f"The greenroom behind {path} did not answer in {timeout:g} s.") from error
    except OSError as error:
        raise ControlError(f"No greenroom answers at {path}: {error.strerror or error}.") from error
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise ControlError(f"The greenroom behind {path} went away before it answered.") from error
    if not isinstance(answer, dict):
        raise ControlError(f"What answers at {path} is not greenroom.")
    return answer


def _receive(connection: socket.socket, deadline: float) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n") and len(received) <= ANSWER_BYTES:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        piece = connection.recv(64 * 1024)
        if not piece:
            break
        received += piece
    return bytes(received)


def _bind(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        if path.is_socket():
            path.unlink()
        # On Linux the file takes this mode when it is made: there is no moment in which others could connect.
        with contextlib.suppress(OSError):
            os.fchmod(listener.fileno(), 0o600)
        listener.bind(os.fspath(path))
        path.chmod(0o600)
        listener.listen(_CONNECTIONS)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ControlError(f"The control socket {path} cannot be made: {reason}.") from error
    return listener


def _ours(writer: asyncio.StreamWriter) -> bool:
    peer = getattr(socket, "SO_PEERCRED", None)
    if peer is None:
        return True  # not Linux: the modes of socket and directory have to do
    connection = writer.get_extra_info("socket")
    layout = struct.Struct("3i")
    _, uid, _ = layout.unpack(connection.getsockopt(socket.SOL_SOCKET, peer, layout.size))
    return uid == os.getuid() or uid in _TRUSTED


def _refusal(exception: str, message: str) -> dict[str, Any]:
    return {"ok": False, "exception": exception, "message": message}
