"""What a file is that is no pipeline definition, so that it can be called by its name."""

from __future__ import annotations

from typing import Any

from engine.model.project import ProjectFile


def kind_of_file(value: Any) -> str:
    """A few words for what a mapping (or list) is, as far as its keys tell; empty where they do not."""
    if isinstance(value, list):
        return _of_list(value)
    if not isinstance(value, dict):
        return ""
    keys = frozenset(value)
    rows = (name for name, needed, some in _BY_KEYS if needed <= keys and (not some or some & keys))
    return next(rows, "") or _by_content(value, keys)


def _row(name: str, needed: str, some: str = "") -> tuple[str, frozenset[str], frozenset[str]]:
    return name, frozenset(needed.split()), frozenset(some.split())


_BY_KEYS = (
    _row("a buildspec", "version phases"),
    _row("a buildspec without its version", "phases", "env artifacts cache reports batch run-as"),
    _row("an AppSpec file", "os", "files hooks permissions"),
    _row("an AppSpec file", "version", "hooks Hooks permissions"),
    _row("an ECS task definition", "containerDefinitions"),
    _row("the output of get-pipeline-state", "stageStates"),
    _row("the output of get-pipeline-execution", "pipelineExecution"),
    _row("the output of list-pipeline-executions", "pipelineExecutionSummaries"),
    _row("the output of list-action-executions", "actionExecutionDetails"),
    _row("a state machine of Step Functions", "StartAt States"),
    _row("a Kubernetes object", "apiVersion kind"),
    _row("a GitHub Actions workflow", "on jobs"),
    _row("a CircleCI configuration", "jobs", "workflows orbs"),
    _row("an Azure pipeline", "stages", "trigger pool pr resources"),
    _row("an Azure pipeline", "pool", "steps jobs"),
    _row("a Compose file", "services", "volumes networks x-common version name"),
    _row("a Compose file", "services"),
    _row("a Serverless Framework file", "service provider"),
    _row("an OBS Studio buildspec", "dependencies", "platformConfig uuids"),
    _row("a package.json", "name", "dependencies devDependencies scripts"),
    _row("an OpenAPI document", "paths", "openapi swagger"),
    _row("an IAM policy", "Version Statement"),
    _row("a Systems Manager document", "schemaVersion", "mainSteps runtimeConfig"),
    _row("a cloud assembly's manifest", "artifacts version"),
)


def _by_content(value: dict[str, Any], keys: frozenset[str]) -> str:
    if isinstance(value.get("Resources"), list):
        return "an AppSpec file"
    if keys and keys <= {"Parameters", "Tags", "StackPolicy"}:
        return "a template configuration file"
    if isinstance(value.get("pipelines"), dict):
        return "a Bitbucket pipeline"
    jobs = any(isinstance(item, dict) and _JOB & item.keys() for item in value.values())
    if jobs and _all_texts(value.get("stages", [])):
        return "a GitLab CI file"
    known = {name.replace("_", "-") for name in ProjectFile.model_fields} - {"variables", "pipeline"}
    return "a greenroom.yaml" if keys and keys <= known else ""


_JOB = frozenset({"script", "before_script"})


def _all_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _of_list(value: list[Any]) -> str:
    first = value[0] if value else None
    if isinstance(first, dict) and {"name", "imageUri"} <= first.keys():
        return "an imagedefinitions file"
    if isinstance(first, dict) and {"ParameterKey", "ParameterValue"} <= first.keys():
        return "a file of CloudFormation parameters"
    return ""
