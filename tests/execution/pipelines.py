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


def rule(name: str, provider: str = "VariableCheck", **configuration: str) -> dict[str, object]:
    """A rule. A Commands rule takes its one command from `command`."""
    command = configuration.pop("command", "")
    more = {"commands": [command]} if command else {}
    kind = {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "ruleTypeId": kind, "configuration": configuration, **more}


def condition(result: str, *rules: dict[str, object]) -> dict[str, object]:
    """What stands under beforeEntry, onSuccess or onFailure."""
    return {"conditions": [{"result": result, "rules": list(rules)}]}


def check(name: str, variable: str, operator: str, value: str) -> dict[str, object]:
    """A rule that compares."""
    return rule(name, Variable=variable, Operator=operator, Value=value)


def pipeline(
    *stages: list[dict[str, object]],
    names: tuple[str, ...] = (),
    gates: dict[str, dict[str, object]] | None = None,
    **more: object,
) -> PipelineDeclaration:
    """A pipeline of such actions; stages are called S1, S2, ... unless named. `gates` has conditions by stage."""
    called = names or tuple(f"S{number}" for number in range(1, len(stages) + 1))
    extra = gates or {}
    body = [
        {"name": name, "actions": actions, **extra.get(name, {})} for name, actions in zip(called, stages, strict=True)
    ]
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


def gated(stage: str, **gates: object) -> PipelineDeclaration:
    """Source, Build, Deploy, with conditions at one of them, and a variable to check."""
    return pipeline(
        [action("Source:Src > S")],
        [action("Build:Compile S > B")],
        [action("Deploy:Ship B")],
        names=("Source", "Build", "Deploy"),
        gates={stage: gates},
        pipelineType="V2",
        variables=[{"name": "ENV", "defaultValue": "dev"}],
    )
