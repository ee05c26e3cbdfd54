"""Functions invoked as CodePipeline invokes them."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from engine.model.outcome import Revision
from engine.model.pipeline import ArtifactStore, EncryptionKey
from engine.model.status import ActionStatus
from tests.providers.lambda_kit import Stage, stage, told

__all__ = ["stage"]


# -- the event -----------------------------------------------------------------------------------------------------


def test_the_event_is_aws_s_own(stage: Stage) -> None:
    tree = stage.kit.files({"a.txt": "1"})
    job = stage.job(
        inputs={"SourceOutput": tree},
        outputs=("Report",),
        configuration={"UserParameters": '{"depth": 3}'},
        revisions={"SourceOutput": Revision(tree, "c0ffee", "c0ffee")},
    )
    (stage.code / "index.py").write_text("import json\ndef handler(event, context): json.dump(event, open('e', 'w'))")
    stage.run(job)
    event = told(stage, "e")
    assert list(event) == ["CodePipeline.job"]
    [found] = event.values()
    credentials = found["data"].pop("artifactCredentials")
    assert set(credentials) == {"accessKeyId", "secretAccessKey", "sessionToken", "expirationTime"}
    assert re.fullmatch(r"[0-9a-f-]{36}", found.pop("id"))
    [output] = found["data"].pop("outputArtifacts")
    assert output["name"] == "Report"
    assert output["revision"] is None
    assert re.fullmatch(r"shop/Report/[0-9a-f]{7}", output["location"]["s3Location"]["objectKey"])
    place = {"bucketName": "codepipeline-us-east-1-123456789012", "objectKey": f"shop/SourceOutp/{tree[:7]}"}
    assert found == {
        "accountId": "123456789012",
        "data": {
            "actionConfiguration": {"configuration": {"FunctionName": "check", "UserParameters": '{"depth": 3}'}},
            "inputArtifacts": [
                {"name": "SourceOutput", "revision": "c0ffee", "location": {"type": "S3", "s3Location": place}}
            ],
        },
    }


def test_a_store_with_a_key_is_told(stage: Stage) -> None:
    key = EncryptionKey(id="arn:aws:kms:us-east-1:123456789012:key/k", type="KMS")
    store = ArtifactStore(type="S3", location="my-bucket", encryptionKey=key)
    job = dataclasses.replace(stage.job(inputs={"S": stage.kit.files({"a": "1"})}), artifact_store=store)
    (stage.code / "index.py").write_text("import json\ndef handler(event, context): json.dump(event, open('e', 'w'))")
    stage.run(job)
    data = told(stage, "e")["CodePipeline.job"]["data"]
    assert data["encryptionKey"] == {"id": key.id, "type": "KMS"}
    assert data["inputArtifacts"][0]["location"]["s3Location"]["bucketName"] == "my-bucket"


# -- results -------------------------------------------------------------------------------------------------------


def test_success_with_variables_and_details(stage: Stage) -> None:
    outcome = stage.python(
        """
        def main(job, context):
            details = {"summary": "all good", "externalExecutionId": "x-1"}
            done(job, outputVariables={"Tested": "42"}, executionDetails=details)
            return "ignored"
        """
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.variables == {"Tested": "42"}
    assert (outcome.summary, outcome.external_id) == ("all good", "x-1")


@pytest.mark.parametrize("kind", ["JobFailed", "ConfigurationError", "PermissionError", "RevisionUnavailable"])
def test_failure_is_what_the_function_says(stage: Stage, kind: str) -> None:
    outcome = stage.python(
        f"""
        def main(job, context):
            call("PutJobFailureResult", jobId=job["id"], failureDetails={{"type": "{kind}", "message": "no"}})
        """
    )
    assert outcome.status is ActionStatus.FAILED
    assert outcome.failure is not None
    assert (outcome.failure.type, outcome.failure.message) == (kind, "no")


def test_the_return_value_is_ignored(stage: Stage) -> None:
    outcome = stage.python("def main(job, context): return {'status': 'Succeeded'}")
    assert outcome.failure is not None
    assert outcome.failure.message == "check returned without PutJobSuccessResult or PutJobFailureResult"
    assert outcome.failure.type == "JobFailed"


def test_an_exception_after_the_result_changes_nothing(stage: Stage) -> None:
    outcome = stage.python(
        """
        def main(job, context):
            done(job)
            raise RuntimeError("too late")
        """
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert "[ERROR] RuntimeError: too late" in stage.output()


def test_an_exception_is_told_as_lambda_does(stage: Stage) -> None:
    outcome = stage.python("def main(job, context): raise KeyError('user')")
    assert outcome.failure is not None
    assert outcome.failure.message == "check failed without a result: KeyError: 'user'"
    lines = stage.kit.text().splitlines()
    request = lines[0].split()[2]
    assert lines[0] == f"START RequestId: {request} Version: $LATEST"
    assert lines[1:3] == ["[ERROR] KeyError: 'user'", "Traceback (most recent call last):"]
    assert "_bootstrap" not in stage.kit.text()
    assert lines[-2] == f"END RequestId: {request}"
    assert re.fullmatch(rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms", lines[-1])


@pytest.mark.parametrize(
    ("code", "handler", "message"),
    [
        ("import nowhere", "index.handler", "Runtime.ImportModuleError: Unable to import module 'index'"),
        ("def other(): ...", "index.handler", "Runtime.HandlerNotFound: Handler 'handler' missing on module 'index'"),
        ("def handler(:", "index.handler", "Runtime.UserCodeSyntaxError: Syntax error in module 'index'"),
        ("", "index", "Runtime.MalformedHandlerName: Bad handler 'index'"),
    ],
)
def test_a_handler_that_cannot_be_called(stage: Stage, code: str, handler: str, message: str) -> None:
    (stage.code / "index.py").write_text(code)
    outcome = stage.invoke(settings={"handler": handler})
    assert outcome.failure is not None
    assert message in outcome.failure.message


def test_a_missing_boto3_is_explained(stage: Stage) -> None:
    (stage.code / "index.py").write_text("raise ImportError(\"No module named 'boto3'\")")
    outcome = stage.invoke()
    assert outcome.failure is not None
    assert outcome.failure.hint.startswith("AWS's runtime brings boto3 along; here, install it for ")


def test_a_process_that_ends_itself(stage: Stage) -> None:
    outcome = stage.python("def main(job, context): os._exit(3)")
    assert outcome.failure is not None
    assert outcome.failure.message == "check failed without a result: Runtime exited with status 3"
    assert stage.output()[-1] == "Runtime.ExitError"


def test_a_timeout(stage: Stage) -> None:
    outcome = stage.python("import time\ndef main(job, context): time.sleep(60)", settings={"timeout-seconds": 0.3})
    assert outcome.failure is not None
    assert outcome.failure.type == "Timeout"
    assert outcome.failure.message == "check timed out after 0.3 seconds without a result"
    assert stage.output()[-1].endswith("Task timed out after 0.30 seconds")


def test_a_result_before_the_timeout_stands(stage: Stage) -> None:
    late = "import time\ndef main(job, context):\n    done(job)\n    time.sleep(60)"
    assert stage.python(late, settings={"timeout-seconds": 1}).status is ActionStatus.SUCCEEDED


def test_a_continuation_invokes_again_for_a_new_job(stage: Stage) -> None:
    outcome = stage.python(
        """
        def main(job, context):
            with open("jobs", "a") as file:
                file.write(json.dumps([job["id"], job["data"].get("continuationToken")]) + chr(10))
            token = job["data"].get("continuationToken", "")
            if len(token) < 2:
                details = {"percentComplete": 50} if token else {"summary": "begun", "externalExecutionId": "x"}
                done(job, continuationToken=token + "x", executionDetails=details, outputVariables={"No": "no"})
            else:
                done(job, outputVariables={"Polls": token})
        """
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.variables == {"Polls": "xx"}
    jobs = [json.loads(line) for line in (stage.code / "jobs").read_text().splitlines()]
    assert [token for _, token in jobs] == [None, "x", "xx"]
    assert len({job for job, _ in jobs}) == 3
    assert stage.pauses == [5.0, 5.0]
    assert stage.kit.phases == ["begun", "50 % complete"]


def test_an_earlier_job_takes_no_result(stage: Stage) -> None:
    stage.python(
        """
        def main(job, context):
            data = job["data"]
            if "continuationToken" not in data:
                done(job, continuationToken=job["id"])
            else:
                answers = [done({"id": data["continuationToken"]}), done({"id": "never-was"}), done(job), done(job)]
                json.dump([[status, body.get("__type")] for status, body in answers], open("answers", "w"))
        """
    )
    assert told(stage, "answers") == [
        [400, "InvalidJobStateException"],
        [400, "JobNotFoundException"],
        [200, None],
        [400, "InvalidJobStateException"],
    ]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ('call("PutJobFailureResult", jobId=job["id"])', "ValidationException"),
        (
            'call("PutJobFailureResult", jobId=job["id"], failureDetails={"type": "Odd", "message": "m"})',
            "ValidationException",
        ),
        ('call("PutJobSuccessResult")', "ValidationException"),
        ('call("PutJobSuccessResult", jobId=job["id"], outputVariables={"A": 1})', "SerializationException"),
        ('call("StartPipelineExecution", name="shop")', "UnknownOperationException"),
    ],
)
def test_other_calls_are_refused(stage: Stage, call: str, kind: str) -> None:
    stage.python(f"def main(job, context): json.dump({call}, open('a', 'w'))")
    status, answer = told(stage, "a")
    assert (status, answer["__type"]) == (400, kind)
    assert any(line.startswith(f"greenroom: {kind}: ") for line in stage.output())


def test_the_rest_of_aws_is_refused_in_words(stage: Stage) -> None:
    stage.python('def main(job, context): json.dump(call("PutItem", target="DynamoDB_20120810"), open("a", "w"))')
    status, answer = told(stage, "a")
    assert (status, answer["__type"]) == (400, "NoAwsHere")
    assert any("PutItem" in line and "aws: real" in line for line in stage.output())
