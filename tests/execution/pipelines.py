"""Small pipelines to test with."""

from __future__ import annotations

from engine.model.pipeline import PipelineDeclaration

PROVIDERS = {
    "Source": "CodeCommit",
    "Build": "CodeBuild",
    "Test": "CodeBuild",
    "Deploy": "S3",
    "Approval": "Manual",
    "Compute": "Commands",
    "Invoke": "Lambda",
}


def action(text: str, **more: object) -> dict[str, object]:
    """An action of ``Category:Name[@runOrder] in,in > out,out``."""
    head, _, rest = text.partition(" ")
    category, _, name = head.partition(":")
    name, _, order = name.partition("@")
    inputs, _, outputs = rest.partition(">")
    return {
        "name": name,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": PROVIDERS[category], "version": "1"},
        "runOrder": int(order or 1),
        "inputArtifacts": [{"name": part.strip()} for part in inputs.split(",") if part.strip()],
        "outputArtifacts": [{"name": part.strip()} for part in outputs.split(",") if part.strip()],
        **more,
    }


def pipeline(*stages: list[dict[str, object]], names: tuple[str, ...] = (), **more: object) -> PipelineDeclaration:
    """A pipeline of such actions; stages are called S1, S2, ... unless named."""
    called = names or tuple(f"S{number}" for number in range(1, len(stages) + 1))
    body = [{"name": name, "actions": actions} for name, actions in zip(called, stages, strict=True)]
    return PipelineDeclaration.model_validate({"name": "demo", "stages": body, **more})


def simple(**more: object) -> PipelineDeclaration:
    """Source, Build, Approve, Deploy."""
    return pipeline(
        [action("Source:Src > S")],
        [action("Build:Compile S > B"), action("Test:Lint S")],
        [action("Approval:Ok", timeoutInMinutes=10)],
        [action("Deploy:Ship B")],
        names=("Source", "Build", "Approve", "Deploy"),
        **more,
    )
