"""A line to the shell that is a container's first process: commands go in, output and exit statuses come out.

One container serves a whole build: a command in it costs a fork, where an `exec` through the engine takes 70 ms. The
stream is attached before the container starts, so nothing of it is lost; it ends with the container or the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shlex
import socket
import threading
from collections.abc import Iterable
from typing import Any

_CHUNK = 1 << 16
_HEADER = 8


class WireCut(Exception):
    """The stream ended: the container did, or the engine."""


def agent(unset: Iterable[str]) -> str:
    """The program of a container's first process. What the image sets is unset: commands get it by their own file."""
    names = " ".join(unset)
    return f'{f"unset {names}; " if names else ""}while IFS= read -r GREENROOM_LINE; do eval "$GREENROOM_LINE"; done'


class Wire:
    """Both directions of an attached container. Output between commands goes where it went last, or to `home`."""

    def __init__(self, attached: Any, home: int) -> None:
        self._attached = attached  # it keeps the connection open
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._socket.settimeout(None)
        self._mark = b"\0" + secrets.token_hex(8).encode()
        self._home = self._sink = home
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[int] | None = None
        self._held = b""
        self.cut = False
        self._thread = threading.Thread(target=self._pump, name="greenroom-container", daemon=True)
        self._thread.start()

    async def ask(self, command: str, sink: int) -> int:
        """Run a line of shell and return its exit status. Raises `WireCut`."""
        mark = self._mark[1:].decode()
        line = f"{command}; printf '\\000%s %s\\n' {mark} $?\n"
        if "\n" in command or self.cut:
            raise WireCut if self.cut else ValueError("a command of several lines")
        self._sink = sink
        self._waiting = self._loop.create_future()
        try:
            self._socket.sendall(line.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise WireCut from error
        return await self._waiting

    def close(self) -> None:
        """No more is read; the container's first process finds its input at an end. Blocks for a moment."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        response = getattr(self._attached, "_response", None)
        for close in (response and response.close, self._attached.close, self._socket.close):
            with contextlib.suppress(OSError, ValueError):
                close() if close else None

    def _pump(self) -> None:
        try:
            while True:
                size = int.from_bytes(self._exactly(_HEADER)[4:], "big")
                while size:
                    piece = self._socket.recv(min(size, _CHUNK))
                    if not piece:
                        raise WireCut
                    size -= len(piece)
                    self._take(piece)
        except (WireCut, OSError, ValueError):
            pass
        self.cut = True
        self._write(self._held)
        with contextlib.suppress(RuntimeError):  # the loop may be gone
            self._loop.call_soon_threadsafe(self._settle, None)

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            piece = self._socket.recv(count - len(found))
            if not piece:
                raise WireCut
            found += piece
        return found

    def _take(self, piece: bytes) -> None:
        data = self._held + piece
        while (at := data.find(self._mark)) != -1:
            end = data.find(b"\n", at)
            if end == -1:
                break
            self._write(data[:at])
            self._sink = self._home
            status = int(data[at + len(self._mark) : end])
            self._loop.call_soon_threadsafe(self._settle, status)
            data = data[end + 1 :]
        # A mark may have come in part.
        last = data.rfind(b"\0")
        hold = (
            last if last != -1 and (self._mark.startswith(data[last:]) or data.startswith(self._mark, last)) else None
        )
        self._write(data[:hold])
        self._held = data[hold:] if hold is not None else b""

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._sink, data) :]

    def _settle(self, status: int | None) -> None:
        if self._waiting is None or self._waiting.done():
            return
        if status is None:
            self._waiting.set_exception(WireCut())
        else:
            self._waiting.set_result(status)


def line(argv: Iterable[str], directory: str, variables: Iterable[tuple[str, str]], log: str) -> str:
    """One line that runs a program without input in a directory; its output goes to `log`, or down the wire."""
    extra = [f"{name}={value}" for name, value in variables if "\n" not in value]
    words = shlex.join(["env", *extra, *argv] if extra else argv)
    target = f" >>{shlex.quote(log)} 2>&1" if log else " 2>&1"
    return f"(cd {shlex.quote(directory)} && exec {words}) </dev/null{target}"
