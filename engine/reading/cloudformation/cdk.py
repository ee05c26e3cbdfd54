"""What CDK adds to a template: assets that lie beside it, and steps that deal with CDK itself.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.pipelines-readme.html
"""

from __future__ import annotations

import json
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.reading.cloudformation.scope import Resource, Scope

_MUTATION = ("UpdatePipeline", "SelfMutate")
_ASSETS = "Assets"


def own_steps(pipeline: dict[str, Any]) -> dict[str, Any]:
    """Settings for the steps of CDK Pipelines that would change an account: they say so, and do nothing.

    `UpdatePipeline/SelfMutate` deploys the pipeline's own stack, and every action of the stage `Assets` publishes files
    or images to an account.
    """
    stages = [stage for stage in _list(pipeline.get("stages")) if isinstance(stage, dict)]
    if not any(stage.get("name") == _MUTATION[0] for stage in stages):
        return {}
    found: dict[str, Any] = {}
    for stage in stages:
        for action in _list(stage.get("actions")):
            name = str(action.get("name")) if isinstance(action, dict) else ""
            if (stage.get("name"), name) == _MUTATION:
                found["/".join(_MUTATION)] = {"skip": "it would update the pipeline itself with `cdk deploy`"}
            elif stage.get("name") == _ASSETS and name:
                found[f"{_ASSETS}/{name}"] = {"skip": "it would publish CDK assets to the account"}
    return found


def asset_directory(scope: Scope, resource: Resource, code: Any) -> File | None:
    """The folder of an asset, by what CDK notes on the resource or by the key under which it is published."""
    folder = scope.file.absolute().parent
    metadata = resource.data.get("Metadata")
    path = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    if isinstance(path, str):
        return (folder / path).resolve()
    key = scope.text(scope.member(code, "S3Key", ())[0]) if isinstance(code, dict) else None
    if key and scope.assets is None:
        scope.assets = _assets(folder)
    path = (scope.assets or {}).get(File(key).stem) if key else None
    return (folder / path).resolve() if path else None


def _assets(folder: File) -> dict[str, str]:
    """Paths of the file assets that manifests of this folder list, by their hash."""
    found: dict[str, str] = {}
    for manifest in sorted(folder.glob("*.assets.json")):
        try:
            files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
            found |= {key: str(each["source"]["path"]) for key, each in files.items() if "path" in each["source"]}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
