"""Webhooks: who may call, which bodies start the pipeline, and the server around it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from engine.model.pipeline import PipelineDeclaration
from engine.model.project import WebhookSettings
from engine.opening import OpenError
from engine.session import Session
from engine.triggers.outside import served_port
from engine.triggers.server import MOST_BODY
from engine.triggers.webhooks import Call, Reply, receive
from tests.engine.place import PATIENCE, Place, Stage, action
from tests.triggers.conftest import Told

SECRET = "a secret"
PIPELINE = PipelineDeclaration.model_validate(
    {
        "name": "demo",
        "stages": [
            {
                "name": "Source",
                "actions": [
                    {
                        "name": "Src",
                        "actionTypeId": {
                            "category": "Source",
                            "owner": "ThirdParty",
                            "provider": "GitHub",
                            "version": "1",
                        },
                        "configuration": {"Owner": "me", "Repo": "shop", "Branch": "main"},
                    }
                ],
            }
        ],
    }
)


def webhook(*filters: tuple[str, str | None], **more: Any) -> WebhookSettings:
    conditions = [{"json_path": path, "match_equals": equals} for path, equals in filters]
    return WebhookSettings.model_validate({"filters": conditions, **more})


def call(body: object, caller: str = "127.0.0.1", **headers: str) -> Call:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Call({name.replace("_", "-"): value for name, value in headers.items()}, raw, caller)


def signed(body: object, algorithm: str = "sha256", secret: str = SECRET) -> Call:
    raw = json.dumps(body).encode()
    name = "x-hub-signature" + ("-256" if algorithm == "sha256" else "")
    return Call({name: f"{algorithm}={hmac.new(secret.encode(), raw, algorithm).hexdigest()}"}, raw, "127.0.0.1")


def got(settings: WebhookSettings, made: Call) -> tuple[int, bool]:
    reply = receive(settings, PIPELINE, made)
    return reply.status, reply.starts


HMAC = webhook(authentication="GITHUB_HMAC", secret=SECRET)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_signatures(algorithm: str) -> None:
    assert got(HMAC, signed({"a": 1}, algorithm)) == (202, True)
    assert got(HMAC, signed({"a": 1}, algorithm, "another")) == (401, False)


def test_the_body_is_signed_as_it_came() -> None:
    made = signed({"a": 1})
    assert got(HMAC, Call(made.headers, made.body + b" ", made.caller)) == (401, False)
    assert got(HMAC, call({"a": 1})) == (401, False)
    assert got(HMAC, call({"a": 1}, x_hub_signature="sha1=")) == (401, False)
    assert got(HMAC, call({"a": 1}, x_hub_signature="ünïcode")) == (401, False)


def test_of_two_signatures_the_stronger_counts() -> None:
    good, bad = signed({"a": 1}, "sha1"), signed({"a": 1}, "sha256", "another")
    assert got(HMAC, Call({**good.headers, **bad.headers}, good.body, "127.0.0.1")) == (401, False)


def test_a_webhook_without_its_secret_lets_nobody_in() -> None:
    reply = receive(webhook(authentication="GITHUB_HMAC"), PIPELINE, signed({}, secret=""))
    assert reply.status == 500
    assert "has no secret" in reply.text


@pytest.mark.parametrize(
    ("allowed", "caller", "status"),
    [
        ("192.0.2.0/24", "192.0.2.7", 202),
        ("192.0.2.7", "192.0.2.7", 202),
        ("192.0.2.0/24", "192.0.3.7", 403),
        ("192.0.2.0/24", "::1", 403),
        ("2001:db8::/32", "2001:db8::1", 202),
        ("192.0.2.0/24", "somebody", 403),
        ("nowhere", "192.0.2.7", 500),
        (None, "192.0.2.7", 500),
    ],
)
def test_addresses(allowed: str | None, caller: str, status: int) -> None:
    assert got(webhook(authentication="IP", allowed_ip_range=allowed), call({}, caller))[0] == status


@pytest.mark.parametrize(
    ("path", "equals", "starts"),
    [
        ("$.ref", "refs/heads/main", True),
        ("$.ref", "refs/heads/{Branch}", True),
        ("$.ref", "refs/heads/{Nothing}", False),
        ("$.ref", "refs/heads/other", False),
        ("$.ref", None, True),
        ("$.missing", None, False),
        ("$['repository']['name']", "{Repo}", True),
        ("$.commits[0].id", "c1", True),
        ("$.commits[*].id", "c2", True),
        ("$..id", "c3", False),
        ("$.count", "3", True),
        ("$.forced", "false", True),
        ("$.head", "null", True),
        ("$.[", "x", False),
    ],
)
def test_filters(path: str, equals: str | None, starts: bool) -> None:
    body = {
        "ref": "refs/heads/main",
        "repository": {"name": "shop"},
        "commits": [{"id": "c1"}, {"id": "c2"}],
        "count": 3,
        "forced": False,
        "head": None,
    }
    reply = receive(webhook((path, equals), target_action="Src"), PIPELINE, call(body))
    assert (reply.starts, reply.status) == (starts, 202 if starts else 200)
    assert starts or path in reply.text


def test_all_filters_must_hold() -> None:
    settings = webhook(("$.a", "1"), ("$.b", "2"))
    assert got(settings, call({"a": "1", "b": "2"})) == (202, True)
    assert receive(settings, PIPELINE, call({"a": "1", "b": "3"})) == Reply(200, "nothing is started: $.b is 3, not 2")


def test_a_form_as_github_can_send_it() -> None:
    body = urlencode({"payload": json.dumps({"ref": "x"})}).encode()
    made = call(body, content_type="application/x-www-form-urlencoded")
    assert got(webhook(("$.ref", "x")), made) == (202, True)
    assert got(webhook(("$.ref", "x")), Call(made.headers, b'{"ref": "x"}', made.caller)) == (202, True)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\xff", b"[" * 100_000], ids=["empty", "cut", "binary", "deep"])
def test_what_is_no_json_is_told(body: bytes) -> None:
    reply = receive(webhook(), PIPELINE, call(body))
    assert (reply.status, reply.text[:19]) == (400, "the body is no JSON")


def test_a_ping_starts_nothing() -> None:
    assert got(webhook(), call({"zen": "x"}, x_github_event="ping")) == (200, False)


# -- the server ------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    place.define(("Source", [action("Source:Src > S")]), ("Approve", [action("Approval:Ok")]))
    place.project(
        "webhooks:\n"
        "  push: {filters: [{json-path: $.ref, match-equals: 'refs/heads/{BranchName}'}], target-action: Src}\n"
        "  hub: {authentication: GITHUB_HMAC, secret: a secret}\n"
        "  a hook/über: {}\n"
        "  near: {authentication: IP, allowed-ip-range: 192.0.2.0/24}\n"
    )
    return place


@pytest.fixture
def stage(place: Place) -> Iterator[Stage]:
    with place.session(webhooks=0) as stage:
        yield stage


def post(stage: Stage, name: str, body: object, method: str = "POST", **headers: str) -> tuple[int, str]:
    """Status and message of the answer."""
    url = urlsplit(next(iter(stage.session.webhooks.values())))
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=PATIENCE)
    try:
        raw = json.dumps(body)
        connection.request(method, f"/webhooks/{name}", raw, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["message"]
    finally:
        connection.close()


def raw(stage: Stage, request: bytes) -> bytes:
    """What the server says to these bytes, up to its end."""
    url = urlsplit(next(iter(stage.session.webhooks.values())))
    with socket.create_connection((str(url.hostname), url.port or 0), timeout=PATIENCE) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_a_call_starts_a_run(stage: Stage) -> None:
    assert post(stage, "push", {"ref": "refs/heads/main"}) == (202, "started #1")
    state = stage.until(lambda state: state.latest)
    assert state.latest is not None
    assert state.latest.trigger == "Webhook"
    assert state.latest.detail == "arn:aws:codepipeline:us-east-1:000000000000:webhook:push"


def test_a_call_that_does_not_match_starts_none(stage: Stage) -> None:
    assert post(stage, "push", {"ref": "refs/heads/x"}) == (
        200,
        "nothing is started: $.ref is refs/heads/x, not refs/heads/main",
    )
    assert post(stage, "hub", {})[0] == 401
    assert post(stage, "near", {})[0] == 403
    assert stage.session.state().latest is None


def test_any_name_makes_a_url(stage: Stage) -> None:
    url = stage.session.webhooks["a hook/über"]
    assert url.endswith("/webhooks/a%20hook%2F%C3%BCber")
    assert post(stage, url.rpartition("/")[2], {})[0] == 202


def test_behind_a_tunnel_the_last_address_counts(stage: Stage) -> None:
    assert post(stage, "near", {}, X_Forwarded_For="10.0.0.1, 192.0.2.9")[0] == 202
    assert post(stage, "near", {}, X_Forwarded_For="192.0.2.9, 10.0.0.1")[0] == 403


def test_what_is_no_call_is_told(stage: Stage) -> None:
    assert post(stage, "other", {}) == (404, "there is no webhook other; declared: push, hub, a hook/über, near")
    assert post(stage, "../etc", {})[0] == 404
    assert post(stage, "push", {}, "GET") == (405, "webhooks are called with POST")
    assert post(stage, "push", {}, Origin="https://example.org") == (403, "pages in a browser may not call webhooks")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"", b"400"),
        (b"hello\r\n\r\n", b"400"),
        (b"POST /elsewhere HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"404"),
        (b"POST /webhooks/push HTTP/1.1\r\n\r\n", b"411"),
        (b"POST /webhooks/push HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /webhooks/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", b"411"),
        (b"POST /webhooks/push HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), b"413"),
        (b"POST /webhooks/push HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"413"),
        (b"POST /webhooks/push HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}", b"400"),
        (b"POST /webhooks/push HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"431"),
    ],
    ids=["none", "hello", "path", "no length", "negative", "chunked", "large", "endless", "short", "headers"],
)
def test_odd_requests_get_a_plain_answer(stage: Stage, request_: bytes, status: bytes) -> None:
    assert raw(stage, request_).startswith(b"HTTP/1.1 " + status)


def test_it_listens_on_the_loopback_interface_and_only_while_it_runs(place: Place) -> None:
    with place.session(webhooks=0) as stage:
        urls = stage.session.webhooks
        port = served_port(place.directory / ".greenroom")
        assert urls["push"] == f"http://127.0.0.1:{port}/webhooks/push"
    assert served_port(place.directory / ".greenroom") is None
    with place.session() as stage:
        assert stage.session.webhooks == {}


def test_a_port_that_is_taken_is_told(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OpenError, match=f"port {port} cannot be had for webhooks"):
            Session.start(place.open(webhooks=port), command="test")


def test_a_start_that_is_refused_is_told_to_the_caller_and_here(place: Place) -> None:
    source = action("Source:Src > S")
    place.define(("Source", [source]), ("Approve", [action("Approval:Ok")]), variables=[{"name": "needed"}])
    with place.session(webhooks=0) as stage:
        told = Told(stage)
        status, message = post(stage, "push", {"ref": "refs/heads/main"})
        assert status == 409
        assert message.startswith("nothing is started: ")
        assert told.next().startswith("webhook push starts nothing: ")


def test_that_none_is_declared_is_told_to_the_first_who_listens(place: Place) -> None:
    place.project("")
    with place.session(webhooks=0) as stage:
        assert Told(stage).next() == "no webhook is declared"


def test_the_example_of_githubs_documentation() -> None:
    """The example of GitHub's documentation."""
    body = b"Hello, World!"
    signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert hmac.new(b"It's a Secret to Everybody", body, hashlib.sha256).hexdigest() == signature
    settings = webhook(authentication="GITHUB_HMAC", secret="It's a Secret to Everybody")
    reply = receive(settings, PIPELINE, Call({"x-hub-signature-256": f"sha256={signature}"}, body, "127.0.0.1"))
    assert reply.status == 400  # known, and no JSON
