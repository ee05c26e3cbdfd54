"""Back to text: what `aws codepipeline create-pipeline --cli-input-json` (or ``-yaml``) accepts."""

from __future__ import annotations

import json
from typing import Any

from engine.model.pipeline import PipelineDeclaration
from engine.reading.placeholders import with_placeholders

_LEADING = (
    "name",
    "roleArn",
    "pipelineType",
    "executionMode",
    "artifactStore",
    "artifactStores",
    "variables",
    "triggers",
)
_ACTION = ("name", "actionTypeId", "runOrder", "region", "roleArn", "namespace", "configuration", "commands")
_WIDTH = 110


def to_aws(declaration: PipelineDeclaration) -> dict[str, Any]:
    """``{"pipeline": ...}`` with every key in AWS's long form and a stable order.

    A local definition gets placeholders for the role and the artifact store; loading the result gives the same
    declaration again. `version` is left out where AWS would set it anyway.
    """
    data = with_placeholders(declaration).model_dump(mode="json", exclude_none=True)
    if data.get("version") == 1:
        del data["version"]
    stages = [_stage(stage) for stage in data.pop("stages")]
    return {"pipeline": {**_ordered(data, _LEADING), "stages": stages}}


def dump_json(data: dict[str, Any]) -> str:
    """The data as indented JSON with a line end."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def dump_yaml(data: dict[str, Any]) -> str:
    """The data as YAML in block style, keys in their given order, text over several lines as a block."""
    import yaml

    dumped = yaml.dump(
        data, Dumper=_dumper(), sort_keys=False, allow_unicode=True, default_flow_style=False, width=_WIDTH
    )
    return str(dumped)


def _stage(data: dict[str, Any]) -> dict[str, Any]:
    actions = [_action(action) for action in data.pop("actions")]
    return {"name": data.pop("name"), "actions": actions, **data}


def _action(data: dict[str, Any]) -> dict[str, Any]:
    for key in ("configuration", "inputArtifacts", "outputArtifacts"):
        if not data[key]:
            del data[key]
    return _ordered(data, _ACTION)


def _ordered(data: dict[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    return {key: data[key] for key in (*first, *data) if key in data}


def _dumper() -> type[Any]:
    """A dumper that indents lists, never writes aliases, and quotes text that YAML would take for something else."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        block = "\n" in value and not any(line != line.rstrip() for line in value.split("\n"))
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)

    Dumper.add_representer(str, text)
    return Dumper
