"""The webhooks' HTTP server: POST to one path each, on the loopback interface only.

Small on purpose: one request a connection, bodies with a length and a cap, and no call from a browser's page.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote, unquote, urlsplit

from engine.triggers.webhooks import Call, Reply

HOST = "127.0.0.1"
PATH = "/webhooks/"
MOST_HEADERS = 32 * 1024
MOST_BODY = 25 * 2**20  # the most that GitHub sends
PATIENCE = 10.0  # seconds for one request
MOST_CALLS = 8  # at once

Answer = Callable[[str, Call], Awaitable[Reply]]


class _Refused(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


def webhook_url(port: int, name: str) -> str:
    """Where a webhook is called."""
    return f"http://{HOST}:{port}{PATH}{quote(name, safe='')}"


class WebhookServer:
    """Hands calls to `answer`, which gets the webhook's name. `await open()` it, then `close()` it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._calls = asyncio.Semaphore(MOST_CALLS)
        self.port = 0

    async def open(self, port: int) -> None:
        """Listen; 0 takes any free port. Raises `OSError` where the port is taken."""
        # A caller that is cancelled between a listener and its name would leave it open: first the name, then serve.
        self._server = await asyncio.start_server(self._serve, HOST, port, limit=MOST_HEADERS, start_serving=False)
        await self._server.start_serving()
        self.port = self._server.sockets[0].getsockname()[1]

    def url(self, name: str) -> str:
        """Where a webhook is called."""
        return webhook_url(self.port, name)

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            try:
                async with self._calls:
                    name, call = await self._call(reader, writer)
                    reply = await self._answer(name, call)
            except TimeoutError:
                reply = Reply(408, f"the request was not complete after {PATIENCE:.0f} seconds")
            except _Refused as refused:
                reply = refused.reply
            except Exception as error:
                reply = Reply(500, f"greenroom cannot take this up: {error}")
            writer.write(_encoded(reply))
            await writer.drain()
        writer.close()

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, Call]:
        async with asyncio.timeout(PATIENCE):
            target, headers = await _head(reader)
            path = _path(target, headers)
            length = _length(headers)
            if headers.get("expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            try:
                body = await reader.readexactly(length)
            except asyncio.IncompleteReadError:
                raise _Refused(Reply(400, "the body is shorter than its Content-Length")) from None
        # Only programs of this machine can connect; what a tunnel says last of its caller is what it saw itself.
        forwarded = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        caller = forwarded or writer.get_extra_info("peername")[0]
        return unquote(path.removeprefix(PATH)), Call(headers, body, caller)


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    """The target and the headers of a POST."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise _Refused(Reply(431, f"the headers are longer than {MOST_HEADERS} bytes")) from None
    except asyncio.IncompleteReadError:
        raise _Refused(Reply(400, "this is no HTTP request")) from None
    first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _Refused(Reply(400, "this is no HTTP/1.1 request"))
    if parts[0] != "POST":
        raise _Refused(Reply(405, "webhooks are called with POST"))
    fields = (line.partition(":") for line in lines)
    return parts[1], {name.strip().lower(): value.strip() for name, _, value in fields}


def _path(target: str, headers: dict[str, str]) -> str:
    path = urlsplit(target).path
    if not path.startswith(PATH):
        raise _Refused(Reply(404, f"there is nothing at {path[:100]}; webhooks are at {PATH}NAME"))
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        raise _Refused(Reply(403, "pages in a browser may not call webhooks"))
    return path


def _length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "")
    if not (text.isascii() and text.isdigit()) or "transfer-encoding" in headers:
        raise _Refused(Reply(411, "the body needs a Content-Length"))
    if len(text) > 10 or int(text) > MOST_BODY:
        raise _Refused(Reply(413, f"the body is longer than {MOST_BODY // 2**20} MiB"))
    return int(text)


def _encoded(reply: Reply) -> bytes:
    body = json.dumps({"message": reply.text}).encode() + b"\n"
    lines = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(["Allow: POST"] if reply.status == 405 else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
