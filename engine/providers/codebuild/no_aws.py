"""The address that builds find in ``AWS_ENDPOINT_URL``: a call to AWS is answered with what is known here of it, and
else with an error that says why.

So `aws`, boto3 and other SDKs fail at once, in words, and never reach the internet by surprise. It listens on
loopback for as long as the build runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from engine.model.project import ProjectFile
from engine.providers.codebuild.local_aws import LocalAws

CODE = "NoAwsHere"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "greenroom", "AWS_SECRET_ACCESS_KEY": "greenroom"}
"""What SDKs sign with: they would not even ask without."""

_WAYS = (
    "`aws: real` in greenroom.yaml lets builds reach your account; `commands` under `actions:` puts something else in "
    "an action's place."
)
_HEAD = 64 << 10
_BODY = 64 << 10  # as much of a body as is looked at
_PATIENCE = 10.0  # seconds a client gets to finish its request
_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[^/]+)/aws4_request")
_XML = frozenset({"cloudfront", "route53", "s3-control"})


def is_local(project: ProjectFile) -> bool:
    """Whether builds of a project are kept from AWS: the project file says neither real nor which profile."""
    return project.aws == "local" and not any(name.startswith("AWS_") for name in project.inherit_environment)


def beside_proxies(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, with loopback out of the reach of a proxy that they name."""
    found = dict(variables)
    for proxy, exempt in (("HTTP_PROXY", "NO_PROXY"), ("http_proxy", "no_proxy")):
        if proxy in found:
            found[exempt] = ",".join(filter(None, (found.get(exempt), "127.0.0.1")))
    return found


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an SDK, as far as it can be told. `wire` is the protocol."""

    service: str
    operation: str
    wire: str

    @property
    def sentence(self) -> str:
        """What the caller is told."""
        what = " ".join(part for part in (self.service, self.operation) if part) or "a call"
        return f"greenroom answers no such call to AWS yet ({what}). {_WAYS}"


class NoAws:
    """One listener. `told` gets a sentence at the first call that fails, and for those whose answer has no room for it.

    `local` knows the calls that have an answer.
    """

    def __init__(self, told: Callable[[str], None], local: LocalAws | None = None) -> None:
        self._told = told
        self._local = local
        self._said: set[str] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen, and return the address; where that is forbidden, one that nobody listens to."""
        try:
            # Who is cancelled between a listener and its name would leave it open: first the name, then serve.
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD, start_serving=False)
        except OSError:
            return "http://127.0.0.1:9"
        await self._server.start_serving()
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = _headers(head)
                body = await _body(reader, headers)
                call = recognise(head.partition("\r\n")[0], headers, body)
                writer.write(await self._known(call, body) or self._refused(call, mute=head.startswith("HEAD ")))
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    async def _known(self, call: Call, body: bytes) -> bytes:
        reply = await asyncio.to_thread(self._local.reply, call.service, call.operation, body) if self._local else None
        if reply is None:
            return b""
        status = "200 OK" if reply.status == 200 else "400 Bad Request"
        head = [f"HTTP/1.1 {status}", f"Content-Type: {reply.kind}", f"Content-Length: {len(reply.body)}"]
        return "\r\n".join([*head, "x-amzn-requestid: greenroom", "Connection: close", "", ""]).encode() + reply.body

    def _refused(self, call: Call, *, mute: bool) -> bytes:
        if (mute or not self._said) and call.sentence not in self._said:
            self._said.add(call.sentence)
            self._told(call.sentence)
        return answer(call, with_body=not mute)


def recognise(line: str, headers: Mapping[str, str], body: bytes) -> Call:
    """Which service is called, and in which protocol, by what SDKs put into their requests."""
    signed = _SERVICE.search(headers.get("authorization", ""))
    service = signed["service"] if signed else ""
    method, _, rest = line.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if target := headers.get("x-amz-target"):
        return Call(service, target.rpartition(".")[2], "json")
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Call(service, path.rpartition("/")[2], "cbor")
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
        return Call(service, action, "ec2" if service == "ec2" else "query")
    wire = "s3" if service in ("s3", "") else "query" if service in _XML else "rest-json"
    return Call(service, f"{method} {path}", wire)


def answer(call: Call, *, with_body: bool = True) -> bytes:
    """The whole response. 400: no SDK tries that again."""
    kind, body = _told_as(call)
    head = [
        "HTTP/1.1 400 Bad Request",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        f"x-amzn-errortype: {CODE}",
        "x-amzn-requestid: greenroom",
        *(["smithy-protocol: rpc-v2-cbor"] if call.wire == "cbor" else []),
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + (body if with_body else b"")


def _told_as(call: Call) -> tuple[str, bytes]:
    from xml.sax.saxutils import escape  # brings an HTTP client along

    error = f"<Code>{CODE}</Code><Message>{escape(call.sentence)}</Message>"
    match call.wire:
        case "s3":
            return "application/xml", f"<Error>{error}</Error>".encode()
        case "ec2":
            text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>greenroom</RequestID></Response>"
            return "text/xml", text.encode()
        case "query":
            text = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>greenroom</RequestId>"
            return "text/xml", f"{text}</ErrorResponse>".encode()
        case "cbor":
            return "application/cbor", _cbor({"__type": CODE, "message": call.sentence})
    return "application/x-amz-json-1.1", json.dumps({"__type": CODE, "message": call.sentence}).encode()


def _cbor(values: Mapping[str, str]) -> bytes:
    def text(value: str) -> bytes:
        raw = value.encode()
        return b"\x79" + len(raw).to_bytes(2, "big") + raw

    return bytes([0xA0 | len(values)]) + b"".join(text(key) + text(value) for key, value in values.items())


def _headers(head: str) -> dict[str, str]:
    lines = (line.partition(":") for line in head.split("\r\n")[1:] if line)
    return {name.strip().lower(): value.strip() for name, _, value in lines}


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """The beginning of the body; all of it is read, for a client that is still sending hears no answer."""
    if "100-continue" in headers.get("expect", ""):
        return b""  # it sends nothing before it is told to
    length = headers.get("content-length", "")
    left = int(length) if length.isdigit() else 0
    begin = b""
    while left > 0:
        chunk = await reader.read(min(left, _BODY))
        if not chunk:
            break
        left -= len(chunk)
        begin += chunk[: _BODY - len(begin)]
    return begin
