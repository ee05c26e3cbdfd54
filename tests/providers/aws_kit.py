"""A stand-in for Parameter Store and Secrets Manager on the loopback interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class StandIn:
    """What it holds, and what it was asked: service, region and the call's own words."""

    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    refuses: str = ""
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def answer(self, operation: str, region: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body, as the services give them."""
        self.asked.append((operation, region, body))
        if self.refuses:
            return 400, {"__type": self.refuses, "message": "not authorized"}
        if operation == "AmazonSSM.GetParameter":
            if (value := self.parameters.get(body["Name"])) is None or not body["WithDecryption"]:
                return 400, {"__type": "ParameterNotFound"}
            return 200, {"Parameter": {"Name": body["Name"], "Type": "SecureString", "Value": value}}
        which = ":".join([body["SecretId"], *(body[key] for key in ("VersionStage", "VersionId") if key in body)])
        if (value := self.secrets.get(which)) is None:
            return 400, {"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find it"}
        return 200, {"SecretBinary": "AAAA"} if value == "bytes" else {"SecretString": value}


@contextmanager
def aws(**holds: Any) -> Iterator[StandIn]:
    """The stand-in, listening. Point AWS_ENDPOINT_URL at its `url`."""
    stand_in = StandIn(**holds)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            region = self.headers["Authorization"].split("/")[2]
            status, answer = stand_in.answer(self.headers["X-Amz-Target"], region, body)
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
