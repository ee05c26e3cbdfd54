"""Commands, stand-ins, sources, approvals, stubs, and the shell where an action left off."""

from __future__ import annotations

import subprocess

import pytest

from engine.model.outcome import Revision
from engine.model.project import ActionSettings, ProjectFile
from engine.model.status import ActionStatus, Fidelity
from engine.providers.shell import shell_in
from engine.runners import shell
from tests.providers.kit import Kit


def test_commands_share_their_state_and_export_variables(kit: Kit) -> None:
    outcome = kit.run(
        kit.job(
            "Compute/AWS/Commands",
            inputs={"Source": kit.files({"sub/a": "hello"})},
            outputs=({"name": "Out", "files": ["*.txt"]},),
            commands=["cd sub", "X=$(cat a)", "echo $X > ../b.txt", "echo $PLAIN ${#SECRET}"],
            outputVariables=["X", "CODEBUILD_BUILD_ID", "MISSING"],
            environmentVariables=[
                {"name": "PLAIN", "value": "p"},
                {"name": "SECRET", "value": "db", "type": "SECRETS_MANAGER"},
            ],
            project=ProjectFile(secrets={"db": "12345678"}),
        )
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.variables == {"X": "hello", "CODEBUILD_BUILD_ID": f"Make:{kit.action_execution_id}"}
    assert kit.contents(outcome.outputs["Out"]) == {"b.txt": "hello\n"}
    assert kit.output()[-1] == "p 8"


def test_commands_fail_with_the_command_and_its_status(kit: Kit) -> None:
    outcome = kit.run(kit.job("Compute/AWS/Commands", inputs={"S": kit.tree(a="")}, commands=["exit 4"]))
    assert outcome.failure is not None
    assert "exit 4. Reason: exit status 4" in outcome.failure.message


def test_a_secret_that_is_missing_fails_commands_before_they_run(kit: Kit) -> None:
    variable = {"name": "A", "value": "db", "type": "SECRETS_MANAGER"}
    outcome = kit.run(
        kit.job(
            "Compute/AWS/Commands", inputs={"S": kit.tree(a="")}, commands=["true"], environmentVariables=[variable]
        )
    )
    assert outcome.failure is not None
    assert "`secrets:` in greenroom.yaml" in outcome.failure.hint


def test_a_local_deployment(kit: Kit) -> None:
    target = kit.folder / "deployed"
    made = kit.job(
        "Deploy/Custom/local",
        inputs={"Site": kit.tree(index="hi"), "my-docs": kit.tree(page="p")},
        configuration={"Commands": f"cat index > {target}\n\ncat $GREENROOM_INPUT_my_docs/page >> {target}"},
    )
    assert kit.identify(made).target == "local:Stage/Make"
    assert kit.provider(made).spec.kind == "effect"
    assert kit.run(made).status is ActionStatus.SUCCEEDED
    assert (kit.folder / "deployed").read_text() == "hip"


def test_a_local_deployment_without_commands(kit: Kit) -> None:
    outcome = kit.run(kit.job("Deploy/Custom/local", inputs={"Site": kit.tree(a="")}))
    assert outcome.failure is not None
    assert outcome.failure.type == "ConfigurationError"
    assert '"Commands"' in outcome.failure.hint


@pytest.mark.parametrize(("kind", "reuse"), [("Build/AWS/ECRBuildAndPublish", "pure"), ("Deploy/AWS/ECS", "effect")])
def test_commands_of_the_project_file_stand_in(kit: Kit, kind: str, reuse: str) -> None:
    settings = ActionSettings(commands=("echo $GREENROOM_INPUT_S",))
    made = kit.job(kind, inputs={"S": kit.tree(a="")}, settings=settings)
    spec = kit.provider(made).spec
    assert (spec.kind, spec.fidelity) == (reuse, Fidelity.SUBSTITUTED)
    assert kit.run(made).status is ActionStatus.SUCCEEDED
    assert kit.output() == [str(kit.source)]
    assert [part.value for part in kit.identify(made).parts if part.kind == "command"] == list(settings.commands)


def test_a_stand_in_makes_artifacts(kit: Kit) -> None:
    settings = ActionSettings(commands=("echo 1 > $GREENROOM_OUTPUT_One/x", "touch made"))
    made = kit.job("Invoke/AWS/Lambda", inputs={"S": kit.tree(a="")}, outputs=("One", "Two"), settings=settings)
    outcome = kit.run(made)
    assert kit.contents(outcome.outputs["One"]) == {"x": "1\n"}
    assert kit.contents(outcome.outputs["Two"]) == {"a": "", "made": ""}


def test_an_action_without_inputs_starts_in_an_empty_folder(kit: Kit) -> None:
    settings = ActionSettings(commands=("ls -A | wc -l | tr -d ' '", "touch left"))
    for _ in range(2):
        kit.run(kit.job("Invoke/AWS/StepFunctions", settings=settings))
        assert kit.output() == ["0"]


def test_a_source_hands_out_its_revision(kit: Kit) -> None:
    tree = kit.tree(a="1")
    revision = Revision(tree, "a1b2c3d", "a1b2c3d +1 file", "Fix it\n\nmore", {"BranchName": "main"})
    made = kit.job("Source/AWS/CodeCommit", outputs=("Code",), revisions={"Code": revision})
    outcome = kit.run(made)
    assert outcome.outputs == {"Code": tree}
    assert outcome.variables == {"BranchName": "main"}
    assert outcome.summary == "a1b2c3d +1 file: Fix it"
    assert kit.provider(made).spec.kind == "source"


def test_a_source_without_a_directory(kit: Kit) -> None:
    outcome = kit.run(kit.job("Source/AWS/ECR", outputs=("Image",)))
    assert outcome.failure is not None
    assert outcome.failure.type == "RevisionUnavailable"
    assert "sources: {Make: ./path}" in outcome.failure.hint


def test_an_approval_is_only_described(kit: Kit) -> None:
    made = kit.job("Approval/AWS/Manual")
    spec = kit.provider(made).spec
    assert (spec.kind, spec.timeout, spec.on_change) == ("approval", 604800, "restart")
    with pytest.raises(AssertionError):
        kit.run(made)


@pytest.mark.parametrize(
    ("kind", "configuration", "text"),
    [
        ("Deploy/AWS/ECS", {"ServiceName": "web", "ClusterName": "c"}, "to the service web of c"),
        ("Deploy/AWS/Lambda", {"FunctionName": "f"}, "deploy the function f"),
        ("Deploy/AWS/CloudFormation", {}, "the stack StackName"),
        ("Test/ThirdParty/Runscope", {}, "hand a job to the worker of Runscope"),
        ("Build/AWS/AWS CodeBuild", {"ProjectName": "{oops"}, "run AWS CodeBuild in Build"),
    ],
)
def test_a_stub_says_what_aws_would_do(kit: Kit, kind: str, configuration: dict[str, str], text: str) -> None:
    made = kit.job(kind, configuration=configuration)
    outcome = kit.run(made)
    assert outcome.status is ActionStatus.STUBBED
    assert text in outcome.summary
    assert "greenroom.yaml" in outcome.summary
    assert "Stage/Make:\n    commands:" in kit.text()
    assert kit.provider(made).spec.fidelity is Fidelity.STUBBED


@pytest.mark.parametrize("shell", ["", "bash"])
def test_a_shell_where_the_action_left_off(kit: Kit, shell: str) -> None:
    kit.commands("mkdir deep && cd deep", 'export WORD="it\'s here"', "false", shell=shell)
    argv, directory, environment = shell_in(kit.workspace)
    typed = 'pwd; echo "$WORD"; exit\n'
    told = subprocess.run(
        argv, cwd=directory, env=environment, input=typed, capture_output=True, text=True, check=False
    )
    assert f"{kit.source}/deep" in told.stdout
    assert "it's here" in told.stdout


def test_no_shell_before_anything_ran(kit: Kit) -> None:
    with pytest.raises(LookupError):
        shell_in(kit.workspace)


def test_the_shell_is_without_secrets(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    private = kit.folder / "private"
    monkeypatch.setattr(shell, "memory", lambda: private)
    private.mkdir()
    rows = '[{"name": "S", "value": "s", "type": "SECRETS_MANAGER"}]'
    kit.commands(
        "export OTHER=kept COPY=x$S",
        configuration={"ProjectName": "p", "EnvironmentVariables": rows},
        project=ProjectFile(secrets={"s": "top-secret"}),
    )
    left = (kit.workspace / "tmp" / "env.sh").read_text()
    assert "OTHER" in left
    assert "top-secret" not in left
    assert not private.exists()
    argv, directory, environment = shell_in(kit.workspace, 'echo "${S-unset} ${COPY-unset} $OTHER"')
    told = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "unset unset kept\n"
    assert "COPY, S: held a secret" in told.stderr


def test_a_local_deployment_into_a_folder(kit: Kit) -> None:
    made = kit.job(
        "Deploy/Custom/local",
        inputs={"Site": kit.files({"index.html": "hi", "css/a.css": "b"})},
        configuration={"Directory": "public"},
    )
    assert kit.identify(made).target == f"folder:{kit.folder / 'public'}"
    assert not kit.identify(made).stands
    assert kit.run(made).status is ActionStatus.SUCCEEDED
    assert (kit.folder / "public/css/a.css").read_text() == "b"
    assert kit.identify(made).stands
    (kit.folder / "public/index.html").unlink()
    assert not kit.identify(made).stands
