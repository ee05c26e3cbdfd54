"""Where a function's code is, what it sees, and Node.js."""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import Any

import pytest

from engine.model.project import FunctionSettings, ProjectFile
from engine.model.status import ActionStatus, Fidelity
from engine.providers.contract import IdentityProblem
from engine.providers.shell import shell_in
from tests.providers.lambda_kit import RAW, SUCCEED, Stage, stage, told

__all__ = ["stage"]

with_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


# -- the function's world ------------------------------------------------------------------------------------------


def test_the_environment_is_lambda_s(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("UNRELATED", "x")
    stage.python(
        "def main(job, context): json.dump(dict(os.environ), open('env', 'w'))",
        settings={"environment": {"TABLE": "orders", "AWS_REGION": "mars"}, "runtime": "python3.12"},
        region="eu-west-1",
    )
    env = told(stage, "env")
    assert env["TABLE"] == "orders"
    assert env["AWS_REGION"] == env["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert env["AWS_LAMBDA_FUNCTION_NAME"] == "check"
    assert env["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
    assert env["_HANDLER"] == "index.handler"
    assert env["LAMBDA_TASK_ROOT"] == str(stage.code)
    assert env["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert env["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert not {"AWS_PROFILE", "UNRELATED"} & set(env)


def test_aws_stays_within_reach_of_whoever_lets_it_in(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    function = FunctionSettings(directory="function")
    project = ProjectFile(functions={"check": function}, inherit_environment=("AWS_PROFILE",))
    stage.python("def main(job, context): json.dump(dict(os.environ), open('env', 'w')); done(job)", project=project)
    env = told(stage, "env")
    assert env["AWS_PROFILE"] == "mine"
    assert not {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"} & set(env)
    assert env["AWS_ENDPOINT_URL_CODEPIPELINE"] == env["AWS_ENDPOINT_URL_S3"]


def test_the_context(stage: Stage) -> None:
    stage.python(
        """
        def main(job, context):
            left = context.get_remaining_time_in_millis()
            json.dump([context.function_name, context.invoked_function_arn, 0 < left <= 20000], open("c", "w"))
        """
    )
    assert told(stage, "c") == ["check", "arn:aws:lambda:us-east-1:123456789012:function:check", True]


def test_secrets_are_masked_in_the_log(stage: Stage) -> None:
    code = "def main(job, context):\n    print('the word is opensesame')\n    done(job)"
    stage.python(code, desk={"secrets": ("opensesame",)})
    assert "the word is ***" in stage.output()
    assert "opensesame" not in stage.kit.text()


def test_a_shell_opens_where_the_function_ran_without_its_secrets(stage: Stage) -> None:
    environment = {"TABLE": "orders", "API_TOKEN": "hunter22", "GREETING": "say opensesame"}
    stage.python(SUCCEED, settings={"environment": environment}, desk={"secrets": ("opensesame",)})
    argv, directory, _ = shell_in(stage.kit.workspace)
    assert (argv[0], directory) == ("sh", stage.code)
    left = (stage.kit.workspace / "tmp" / "env.sh").read_text()
    assert "export TABLE=orders\n" in left
    assert not [word for word in ("hunter22", "opensesame", "AWS_SECRET_ACCESS_KEY") if word in left]


def test_logging_looks_as_in_cloudwatch(stage: Stage) -> None:
    stage.python("import logging\ndef main(job, context):\n    logging.getLogger().warning('careful')\n    done(job)")
    request = stage.kit.text().splitlines()[0].split()[2]
    [line] = [line for line in stage.output() if "careful" in line]
    assert re.fullmatch(rf"\[WARNING\]\t[\d-]+T[\d:.]+Z\t{request}\tcareful", line)


def test_the_event_is_not_left_behind_and_the_code_stays_clean(stage: Stage) -> None:
    stage.python(SUCCEED)
    assert not (stage.kit.workspace / "tmp" / "event.json").exists()
    assert [path.name for path in stage.code.iterdir()] == ["index.py"]


# -- where the code is ---------------------------------------------------------------------------------------------


def test_inline_code(stage: Stage) -> None:
    outcome = stage.invoke(settings={"directory": None, "code": RAW + SUCCEED})
    assert outcome.status is ActionStatus.SUCCEEDED


def test_code_in_a_zip_file(stage: Stage) -> None:
    with zipfile.ZipFile(stage.kit.folder / "code.zip", "w") as archive:
        archive.writestr("src/app.py", RAW + SUCCEED)
    outcome = stage.invoke(settings={"directory": "code.zip", "handler": "src/app.handler"})
    assert outcome.status is ActionStatus.SUCCEEDED


@pytest.mark.parametrize(
    "given", ["check", "check:live", "arn:aws:lambda:us-east-1:123456789012:function:check:$LATEST"]
)
def test_the_function_is_found_by_any_of_its_names(stage: Stage, given: str) -> None:
    assert stage.python(SUCCEED, configuration={"FunctionName": given}).status is ActionStatus.SUCCEEDED


def test_a_function_without_code_is_stubbed_with_a_way_out(stage: Stage) -> None:
    job = stage.job(configuration={"FunctionName": "other"})
    assert stage.kit.identify(job).fidelity is Fidelity.STUBBED
    outcome = stage.run(job)
    assert outcome.status is ActionStatus.STUBBED
    assert outcome.summary == ("AWS would invoke other; its code is not known here. Say in greenroom.yaml where it is.")
    assert "functions:\n  other:\n    directory: " in stage.kit.text()


def test_a_runtime_that_does_not_run_here_is_stubbed(stage: Stage) -> None:
    outcome = stage.invoke(settings={"runtime": "java21"})
    assert outcome.status is ActionStatus.STUBBED
    assert "runtime java21 does not run here" in outcome.summary


@pytest.mark.parametrize(
    ("settings", "configuration", "message"),
    [({"directory": "gone"}, {}, "gone does not exist"), ({}, {"FunctionName": ""}, "FunctionName is missing")],
)
def test_configuration_problems(
    stage: Stage, settings: dict[str, Any], configuration: dict[str, str], message: str
) -> None:
    job = stage.job(settings=settings, configuration=configuration)
    with pytest.raises(IdentityProblem, match=message):
        stage.kit.identify(job)
    outcome = stage.run(job)
    assert outcome.failure is not None
    assert outcome.failure.type == "ConfigurationError"


def test_code_environment_and_handler_decide_the_identity(stage: Stage) -> None:
    def parts(**settings: Any) -> object:
        return stage.kit.identify(stage.job(settings=settings)).parts

    (stage.code / "index.py").write_text("1")
    first = parts()
    assert parts() == first
    assert parts(environment={"A": "1"}) != first
    assert parts(handler="index.other") != first
    (stage.code / "index.py").write_text("2!")
    changed = parts()
    assert changed != first
    (stage.code / "__pycache__").mkdir()
    (stage.code / "__pycache__" / "index.pyc").write_text("")
    assert parts() == changed


def test_a_secret_of_the_function_is_no_part_in_clear(stage: Stage) -> None:
    job = stage.job(settings={"environment": {"API_TOKEN": "hunter22"}})
    assert "hunter22" not in str(stage.kit.identify(job).parts)


# -- Node.js -------------------------------------------------------------------------------------------------------

NODE = """
const call = async (operation, request) => {
  const headers = { "X-Amz-Target": `CodePipeline_20150709.${operation}` };
  const url = process.env.AWS_ENDPOINT_URL_CODEPIPELINE;
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(request) })).status;
};
"""


@with_node
def test_an_async_handler_of_node(stage: Stage) -> None:
    outcome = stage.node(
        NODE
        + """
        export const handler = async (event, context) => {
          const jobId = event["CodePipeline.job"].id;
          console.log("working on", context.functionName);
          await call("PutJobSuccessResult", { jobId, outputVariables: { By: "node" } });
        };
        """
    )
    assert outcome.failure is None
    assert outcome.variables == {"By": "node"}
    assert re.search(r"T[\d:.]+Z\t[0-9a-f-]{36}\tINFO\tworking on check", stage.kit.text())


@with_node
def test_a_callback_handler_in_common_js(stage: Stage) -> None:
    outcome = stage.node(
        NODE
        + """
        exports.handler = (event, context, callback) => {
          const jobId = event["CodePipeline.job"].id;
          const failureDetails = { type: "JobFailed", message: "not today" };
          call("PutJobFailureResult", { jobId, failureDetails }).then(() => callback(null, "ok"));
        };
        """,
        name="index.js",
    )
    assert outcome.failure is not None
    assert outcome.failure.message == "not today"


@with_node
def test_an_error_of_node(stage: Stage) -> None:
    outcome = stage.node('export const handler = async () => { throw new TypeError("odd"); };')
    assert outcome.failure is not None
    assert outcome.failure.message == "check failed without a result: TypeError: odd"
    assert "\tERROR\tInvoke Error \t" in stage.kit.text()


@with_node
@pytest.mark.parametrize(
    ("code", "kind"),
    [("export const other = 1;", "Runtime.HandlerNotFound"), ("import 'nowhere';", "Runtime.ImportModuleError")],
)
def test_a_handler_of_node_that_cannot_be_called(stage: Stage, code: str, kind: str) -> None:
    outcome = stage.node(code)
    assert outcome.failure is not None
    assert kind in outcome.failure.message
