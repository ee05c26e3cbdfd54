"""What a function finds where AWS would be: a few calls of CodePipeline and S3, on a port of 127.0.0.1, for one action.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html. A job's id, which nobody can
guess, is what a result needs; an artifact needs the session token of the job's credentials. Everything else is refused,
in words that name the call.
"""

from __future__ import annotations

import functools
import hmac
import json
import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from engine.artifacts.store import TreeMissing
from engine.providers.codebuild.no_aws import Call, answer, recognise
from engine.providers.function.body import BodyProblem, body
from engine.providers.function.book import JobBook, ServiceError
from engine.providers.function.objects import Artifact, Objects

_SERVICE = "CodePipeline_20150709."
_LONGEST = 1 << 20  # bytes of a call; outputVariables may take 122 KiB
_PATIENCE = 30.0  # seconds that a connection may be silent


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made up for one action, worth nothing outside."""

    access_key: str = field(default_factory=lambda: f"ASIA{secrets.token_hex(8).upper()}")
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(30))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))


class Endpoint:
    """Serves from `start` to `close`. `say` hears, on some thread, of calls that are refused."""

    def __init__(self, book: JobBook, objects: Objects, say: Callable[[str], None]) -> None:
        self.credentials = Credentials()
        self.book = book
        self.objects = objects
        self.say = say
        self.url = ""
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to serve; `url` says where. Raises `OSError`."""
        self._server = _Server(("127.0.0.1", 0), type("_Bound", (_Handler,), {"endpoint": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        serve = functools.partial(self._server.serve_forever, 0.05)
        self._thread = threading.Thread(target=serve, name="greenroom-endpoint", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve no more. Blocks for a moment."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks is the function's business."""


class _Handler(BaseHTTPRequestHandler):
    endpoint: ClassVar[Endpoint]
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE

    def log_message(self, *_: object) -> None:
        """Nothing: the action's log is the function's."""

    def do_POST(self) -> None:
        if "X-Amz-Target" in self.headers:
            self._codepipeline(self.headers["X-Amz-Target"])
        else:
            self._s3()

    def do_GET(self) -> None:
        self._s3()

    def do_HEAD(self) -> None:
        self._s3()

    def do_PUT(self) -> None:
        self._s3()

    def do_DELETE(self) -> None:
        self._s3()

    def _body(self) -> BufferedReader:
        return body(self.rfile, dict(self.headers))

    # -- the rest of AWS -----------------------------------------------------------------------------------------

    def _call(self, data: bytes = b"") -> Call:
        return recognise(self.requestline, {name.lower(): value for name, value in self.headers.items()}, data)

    def _foreign(self, data: bytes) -> None:
        """A call of another service: refused in words, in the protocol that its SDK understands."""
        call = self._call(data)
        self.endpoint.say(f"greenroom: {call.sentence}\n")
        self.wfile.write(answer(call, with_body=self.command != "HEAD"))
        self.close_connection = True

    # -- CodePipeline --------------------------------------------------------------------------------------------

    def _codepipeline(self, target: str) -> None:
        try:
            data = self._body().read(_LONGEST + 1)
            if not target.startswith(_SERVICE):
                self._foreign(data)
                return
            if len(data) > _LONGEST:
                raise ServiceError("ValidationException", "the request is too long")
            request = json.loads(data or b"{}")
            if not isinstance(request, dict):
                raise ServiceError("SerializationException", "the request must be a JSON object")
            self.endpoint.book.call(target.removeprefix(_SERVICE), request)
        except ServiceError as refused:
            self._refuse(refused.code, refused.message)
        except (ValueError, RecursionError) as error:  # BodyProblem, no JSON, no number
            self._refuse("SerializationException", str(error))
        else:
            self._answer(200, b"{}", {"Content-Type": "application/x-amz-json-1.1"})

    def _refuse(self, code: str, message: str) -> None:
        self.endpoint.say(f"greenroom: {code}: {message}\n")
        text = json.dumps({"__type": code, "message": message}).encode()
        self._answer(400, text, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}, last=True)

    # -- S3 ------------------------------------------------------------------------------------------------------

    def _s3(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        token = self.headers.get("X-Amz-Security-Token") or query.get("X-Amz-Security-Token", [""])[0]
        artifact = self.endpoint.objects.find(bucket, key)
        if artifact is None and self._call().service not in ("s3", ""):
            self._foreign(self._body().read(_LONGEST))
            return
        if not hmac.compare_digest(token.encode(), self.endpoint.credentials.token.encode()) or artifact is None:
            self._deny(f"{self.command} {parts.path}: only the job's artifacts can be reached here")
            return
        try:
            self._object(artifact, query)
        except (BodyProblem, KeyError, ValueError) as error:
            self._fail(400, "InvalidRequest", str(error))
        except (TreeMissing, OSError) as error:
            self._fail(500, "InternalError", str(error))

    def _object(self, artifact: Artifact, query: dict[str, list[str]]) -> None:
        objects = self.endpoint.objects
        match self.command, "uploadId" in query:
            case "GET" | "HEAD", _:
                self._get(artifact)
            case (("PUT" | "POST" | "DELETE"), _) if artifact.tree is not None:
                self._deny(f"{artifact.name} is an input artifact: it cannot be written")
            case "PUT", False:
                self._answer(200, b"", {"ETag": objects.put(artifact, self._body())})
            case "PUT", True:
                number = int(query["partNumber"][0])
                tag = objects.put_part(query["uploadId"][0], number, self._body())
                self._answer(200, b"", {"ETag": tag})
            case "POST", False if "uploads" in query:
                upload = objects.begin_upload(artifact)
                self._xml("InitiateMultipartUploadResult", UploadId=upload, Bucket=artifact.bucket, Key=artifact.key)
            case "POST", True:
                self._body().read()
                tag = objects.complete_upload(query["uploadId"][0])
                self._xml("CompleteMultipartUploadResult", Bucket=artifact.bucket, Key=artifact.key, ETag=tag)
            case _:
                self._deny(f"{self.command} of {artifact.name} is not answered here")

    def _get(self, artifact: Artifact) -> None:
        file = self.endpoint.objects.file(artifact)
        if file is None:
            self._fail(404, "NoSuchKey", f"{artifact.name} has not been written yet")
            return
        size = file.stat().st_size
        first, last = _range(self.headers.get("Range", ""), size)
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Content-Type", "application/zip")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{artifact.key.rpartition("/")[2]}"')
        self.send_header("Last-Modified", self.date_time_string(int(file.stat().st_mtime)))
        if "Range" in self.headers:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.end_headers()
        if self.command == "GET":
            with file.open("rb") as content:
                self.wfile.flush()
                self.connection.sendfile(content, first, last - first + 1)

    def _deny(self, message: str) -> None:
        self.endpoint.say(f"greenroom: refused: {message}\n")
        self._fail(403, "AccessDenied", message)

    def _fail(self, status: int, code: str, message: str) -> None:
        text = f"<Error><Code>{code}</Code><Message>{_escaped(message)}</Message></Error>"
        # What is left of the body is not read: the connection is of no use any more.
        self._answer(status, text.encode(), {"Content-Type": "application/xml"}, last=True)

    def _xml(self, root: str, **values: str) -> None:
        inside = "".join(f"<{name}>{_escaped(value)}</{name}>" for name, value in values.items())
        namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
        text = f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{namespace}">{inside}</{root}>'
        self._answer(200, text.encode(), {"Content-Type": "application/xml"})

    def _answer(self, status: int, content: bytes, headers: dict[str, str], *, last: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.send_header("Content-Length", str(len(content)))
        if last:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _range(header: str, size: int) -> tuple[int, int]:
    """First and last byte. Raises `ValueError`."""
    first, dash, last = header.removeprefix("bytes=").partition("-")
    if not dash:
        return 0, size - 1
    if not first:
        return max(0, size - int(last)), size - 1
    if int(first) >= size:
        raise ValueError(f"the object has only {size} bytes")
    return int(first), min(int(last), size - 1) if last else size - 1


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
