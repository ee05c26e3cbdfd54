"""The endpoint that a function finds: artifacts as S3 objects, and boto3 on top."""

from __future__ import annotations

import shutil

import pytest

from engine.model.status import ActionStatus
from tests.providers.lambda_kit import Stage, stage, told

__all__ = ["stage"]

with_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


def test_artifacts_are_zips_in_s3(stage: Stage) -> None:
    outcome = stage.python(
        """
        def main(job, context):
            status, raw = s3("GET", job, job["data"]["inputArtifacts"][0])
            text = zipfile.ZipFile(io.BytesIO(raw)).read("src/a.txt").decode()
            s3("PUT", job, job["data"]["outputArtifacts"][0], zipped(**{"made.txt": text.upper()}))
            done(job)
        """,
        inputs={"Source": stage.kit.files({"src/a.txt": "hello"})},
        outputs=("Made", "Never"),
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert stage.kit.contents(outcome.outputs["Made"]) == {"made.txt": "HELLO"}
    assert list(outcome.outputs) == ["Made"]


def test_an_artifact_that_is_no_zip_fails_the_action(stage: Stage) -> None:
    outcome = stage.python(
        """
        def main(job, context):
            s3("PUT", job, job["data"]["outputArtifacts"][0], b"text")
            done(job)
        """,
        outputs=("Made",),
    )
    assert outcome.failure is not None
    assert "cannot be read as a zip file" in outcome.failure.message


def test_s3_in_detail(stage: Stage) -> None:
    stage.python(
        """
        def main(job, context):
            [given], [made] = job["data"]["inputArtifacts"], job["data"]["outputArtifacts"]
            elsewhere = {"location": {"s3Location": {"bucketName": "other", "objectKey": "key"}}}
            whole = s3("GET", job, given)[1]
            framed = b"5;chunk-signature=0\\r\\n" + b"12345\\r\\n0\\r\\nx-amz-checksum-crc32:AAAA\\r\\n\\r\\n"
            answers = {
                "range": s3("GET", job, given, headers={"Range": "bytes=2-5"}) == (206, whole[2:6]),
                "end": s3("GET", job, given, headers={"Range": "bytes=-4"}) == (206, whole[-4:]),
                "beyond": s3("GET", job, given, headers={"Range": "bytes=999999-"})[0],
                "head": s3("HEAD", job, given),
                "unwritten": s3("GET", job, made)[0],
                "input": s3("PUT", job, given, b"no")[0],
                "elsewhere": s3("GET", job, elsewhere)[0],
                "stranger": s3("GET", job, given, token="guessed")[0],
                "delete": s3("DELETE", job, made)[0],
                "framed": s3("PUT", job, made, framed, {"Content-Encoding": "aws-chunked"})[0],
                "content": s3("GET", job, made)[1].decode(),
                "broken": s3("PUT", job, made, b"zz", {"Content-Encoding": "aws-chunked"})[0],
                "chunked": s3("PUT", job, made, iter([b"ab", b"cd"]))[0],
                "chunks": s3("GET", job, made)[1].decode(),
            }
            upload = s3("POST", job, made, query="?uploads")[1].decode().split("<UploadId>")[1].split("<")[0]
            for number in (2, 1):
                s3("PUT", job, made, str(number) * 3, query=f"?partNumber={number}&uploadId={upload}")
            answers["complete"] = s3("POST", job, made, b"<x/>", query=f"?uploadId={upload}")[0]
            answers["parts"] = s3("GET", job, made)[1].decode()
            answers["unknown"] = s3("POST", job, made, b"<x/>", query="?uploadId=no")[0]
            json.dump(answers, open("answers", "w"), default=lambda raw: raw.decode())
            done(job)
        """,
        inputs={"Source": stage.kit.files({"a.txt": "hello"})},
        outputs=("Made",),
    )
    assert told(stage, "answers") == {
        "range": True,
        "end": True,
        "beyond": 400,
        "head": [200, ""],
        "unwritten": 404,
        "input": 403,
        "elsewhere": 403,
        "stranger": 403,
        "delete": 403,
        "framed": 200,
        "content": "12345",
        "broken": 400,
        "chunked": 200,
        "chunks": "abcd",
        "complete": 200,
        "parts": "111222",
        "unknown": 400,
    }


def test_boto3_works_unmodified(stage: Stage) -> None:
    pytest.importorskip("boto3")
    (stage.code / "index.py").write_text(
        """
import boto3, io, zipfile

def handler(event, context):
    job = event["CodePipeline.job"]
    given = job["data"]["artifactCredentials"]
    session = boto3.Session(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])
    s3 = session.client("s3")
    [source], [made] = job["data"]["inputArtifacts"], job["data"]["outputArtifacts"]
    place = source["location"]["s3Location"]
    raw = io.BytesIO()
    s3.download_fileobj(place["bucketName"], place["objectKey"], raw)
    text = zipfile.ZipFile(raw).read("a.txt")
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("b.txt", text.upper())
        archive.writestr("big", bytes(9 << 20))
    place = made["location"]["s3Location"]
    raw.seek(0)
    s3.upload_fileobj(raw, place["bucketName"], place["objectKey"])
    codepipeline = boto3.client("codepipeline")
    codepipeline.put_job_success_result(jobId=job["id"], outputVariables={"By": "boto3"})
    try:
        codepipeline.put_job_success_result(jobId=job["id"])
    except codepipeline.exceptions.InvalidJobStateException as error:
        print("refused:", error.response["Error"]["Message"])
"""
    )
    outcome = stage.invoke(inputs={"Source": stage.kit.files({"a.txt": "hello"})}, outputs=("Made",))
    assert outcome.failure is None
    assert outcome.variables == {"By": "boto3"}
    assert stage.kit.store.read(outcome.outputs["Made"], "b.txt") == b"HELLO"
    assert any(line.startswith("refused: job ") for line in stage.output())
