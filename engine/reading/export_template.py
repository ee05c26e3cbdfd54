"""Back to text: a CloudFormation template with one pipeline."""

from __future__ import annotations

import re
from typing import Any

from engine.model.pipeline import PipelineDeclaration
from engine.reading.export import to_aws

_FREE = ("configuration",)
"""Mappings whose keys are not AWS's names."""


def to_template(declaration: PipelineDeclaration) -> dict[str, Any]:
    """A template whose only resource is the pipeline. `version` has no place in one.

    Names of AWS's shapes begin with a capital there, and a store per region is a row of a list.
    """
    data = dict(to_aws(declaration)["pipeline"])
    data.pop("version", None)
    stores = data.pop("artifactStores", None)
    properties = _capital(data)
    if stores is not None:
        properties["ArtifactStores"] = [
            {"Region": region, "ArtifactStore": _capital(store)} for region, store in stores.items()
        ]
    resource = {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {_logical(declaration.name): resource}}


def _capital(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key[:1].upper() + key[1:]: dict(inner) if key in _FREE else _capital(inner) for key, inner in value.items()
        }
    return [_capital(item) for item in value] if isinstance(value, list) else value


def _logical(name: str) -> str:
    """A logical id for it: letters and digits only."""
    return re.sub(r"[^A-Za-z0-9]", "", name.title()) or "Pipeline"
