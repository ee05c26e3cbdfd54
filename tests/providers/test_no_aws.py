"""Builds do not reach AWS unless the project file says so."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import socket
import sys

import pytest

from engine.model.outcome import Part
from engine.model.project import ProjectFile
from engine.providers.codebuild.no_aws import CODE, Call, NoAws, answer, recognise
from tests.providers.kit import Kit, spec

SIGNED = "AWS4-HMAC-SHA256 Credential=greenroom/20260102/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("line", "service", "headers", "body", "expected"),
    [
        ("POST / HTTP/1.1", "dynamodb", {"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}", ("GetItem", "json")),
        ("POST / HTTP/1.1", "sts", FORM, b"Action=GetCallerIdentity&Version=1", ("GetCallerIdentity", "query")),
        ("POST / HTTP/1.1", "ec2", FORM, b"Action=DescribeVpcs", ("DescribeVpcs", "ec2")),
        ("GET /bucket/key?x=1 HTTP/1.1", "s3", {}, b"", ("GET /bucket/key", "s3")),
        ("GET /2015-03-31/functions HTTP/1.1", "lambda", {}, b"", ("GET /2015-03-31/functions", "rest-json")),
        ("GET /2013-04-01/hostedzone HTTP/1.1", "route53", {}, b"", ("GET /2013-04-01/hostedzone", "query")),
        (
            "POST /service/GraniteService/operation/Get HTTP/1.1",
            "x",
            {"smithy-protocol": "rpc-v2-cbor"},
            b"",
            ("Get", "cbor"),
        ),
    ],
)
def test_what_is_called(
    line: str, service: str, headers: dict[str, str], body: bytes, expected: tuple[str, str]
) -> None:
    call = recognise(line, {"authorization": SIGNED.format(service), **headers}, body)
    assert call == Call(service, *expected)


@pytest.mark.parametrize("wire", ["json", "rest-json", "query", "ec2", "s3", "cbor"])
def test_every_protocol_gets_code_and_sentence(wire: str) -> None:
    head, _, body = answer(Call("s3", "<Get>", wire)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert f"Content-Length: {len(body)}".encode() in head
    assert CODE.encode() in body
    assert b"`aws: real` in greenroom.yaml" in body
    assert not answer(Call("s3", "x", wire), with_body=False).partition(b"\r\n\r\n")[2]


async def test_who_is_ended_while_it_begins_to_listen_leaves_no_listener() -> None:
    gc.collect()  # what other tests left may not go meanwhile
    before = listeners()
    for steps in range(8):
        no_aws = NoAws(lambda sentence: None)
        opening = asyncio.create_task(no_aws.open())
        for _ in range(steps):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await no_aws.close()
        assert listeners() == before, steps


def listeners() -> int:
    """How many sockets of this process listen on TCP."""
    sockets = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    return sum(
        one.family == socket.AF_INET and bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        for one in sockets
    )


CALL = """
import http.client, os, sys
host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
for _ in range(2):
    connection = http.client.HTTPConnection(host)
    connection.request("PUT", "/bucket/key", body=b"x" * 1_000_000)
    answer = connection.getresponse()
    print(answer.status, answer.read().decode())
"""


def test_a_call_is_answered_with_an_error_and_told_once(kit: Kit) -> None:
    kit.build(
        json.dumps({"version": 0.2, "phases": {"build": {"commands": [f"{sys.executable} call.py", "env"]}}}),
        files={"call.py": CALL},
    )
    lines = kit.output()
    assert lines[0].startswith("400 <Error><Code>NoAwsHere</Code><Message>greenroom answers no such call to AWS yet")
    assert "AWS_ACCESS_KEY_ID=greenroom" in lines
    told = [
        line
        for line in kit.agent_lines()
        if line.startswith("greenroom: greenroom answers") or "no such call to" in line
    ]
    assert len(told) == 1
    (endpoint,) = (line for line in lines if line.startswith("AWS_ENDPOINT_URL="))
    connection = http.client.HTTPConnection(endpoint.partition("//")[2])
    with pytest.raises(OSError, match="refused"):
        connection.request("GET", "/")


@pytest.mark.parametrize("project", [{"aws": "real"}, {"inherit-environment": ["AWS_PROFILE"]}])
def test_the_project_file_opens_the_way(kit: Kit, monkeypatch: pytest.MonkeyPatch, project: dict[str, object]) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.delenv("AWS_CONFIG_FILE", raising=False)
    kit.commands("env", project=ProjectFile.model_validate(project))
    lines = kit.output()
    assert "AWS_PROFILE=mine" in lines
    assert not any(line.startswith(("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE")) for line in lines)


def test_results_without_aws_do_not_stand_for_those_with_it(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "renewed every hour")
    tree = {"S": kit.files({"buildspec.yml": spec(build={"commands": ["true"]})})}
    local = kit.identify(kit.job(inputs=tree)).parts
    real = kit.identify(kit.job(inputs=tree, project=ProjectFile(aws="real"))).parts
    assert Part("env", "aws", "real") in set(real) - set(local)
    assert not any(part.subject == "AWS_SESSION_TOKEN" for part in real)


def test_a_proxy_does_not_see_the_calls(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:1")
    monkeypatch.setenv("no_proxy", "intranet")
    kit.commands("echo $no_proxy")
    assert kit.output() == ["intranet,127.0.0.1"]


def test_ones_own_endpoint_stays(kit: Kit) -> None:
    kit.commands("echo $AWS_ENDPOINT_URL", project=ProjectFile(environment={"AWS_ENDPOINT_URL": "http://emulator"}))
    assert kit.output() == ["http://emulator"]
