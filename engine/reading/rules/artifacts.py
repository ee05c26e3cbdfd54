"""Artifacts: each made once, each made before it is read."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Action, Outline, Stage, rules_of
from engine.reading.problem import Problem, did_you_mean
from engine.reading.rules.rule import ACTION, STRUCTURE, found, rule


@rule("GR325", "output artifact names are unique in the pipeline", STRUCTURE)
def unique(pipeline: Outline) -> Iterator[Problem]:
    """Artifacts that two actions make."""
    makers: dict[str, Action] = {}
    for action in pipeline.actions:
        for artifact in action.outputs:
            if artifact.name in makers:
                message = (
                    "Output Artifact Bundle name must be unique within the pipeline."
                    f" {artifact.name} has been used more than once."
                )
                first = makers[artifact.name]
                yield found(artifact.path, message, f"{first.stage}/{first.name} makes it already")
            makers.setdefault(artifact.name, action)


@rule("GR326", "an input artifact is made by an earlier action", STRUCTURE)
def made_before(pipeline: Outline) -> Iterator[Problem]:
    """Inputs that nobody makes, or that are made too late."""
    makers = _makers(pipeline)
    choices: dict[tuple[int, int], list[str]] = {}
    for action in pipeline.actions:
        for artifact in action.inputs:
            if any(maker.before(action) for maker in makers.get(artifact.name, ())):
                continue
            message = (
                f"Input Artifact Bundle {artifact.name} in action {action.name} is not declared as"
                " Output Artifact Bundle in any of the preceding actions"
            )
            order = (action.stage_index, action.run_order)
            if order not in choices:
                choices[order] = [name for name, made in makers.items() if any(each.before(action) for each in made)]
            yield found(artifact.path, message, _mend(artifact.name, action, makers, choices[order]))


def _makers(pipeline: Outline) -> dict[str, list[Action]]:
    makers: dict[str, list[Action]] = {}
    for action in pipeline.actions:
        for artifact in action.outputs:
            makers.setdefault(artifact.name, []).append(action)
    return makers


def _mend(name: str, action: Action, makers: dict[str, list[Action]], earlier: list[str]) -> str:
    if name not in makers:
        return did_you_mean(
            name, earlier, f"made before it: {', '.join(earlier[:20])}" if earlier else "no action makes it"
        )
    maker = makers[name][0]
    if maker is action:
        return "an action cannot read what it makes itself"
    if maker.stage_index == action.stage_index:
        return f"{maker.name} makes it in the same stage: give {action.name} a runOrder above {maker.run_order}"
    return f"{maker.stage}/{maker.name} makes it, which runs later"


@rule("GR327", "an input artifact of a rule is made by an earlier action", STRUCTURE)
def rule_inputs(pipeline: Outline) -> Iterator[Problem]:
    """Inputs of rules that are made too late or never."""
    makers = _makers(pipeline)
    for stage in pipeline.stages:
        for each in rules_of(stage):
            for artifact in each.inputs:
                if not any(_made(maker, stage, each.slot) for maker in makers.get(artifact.name, ())):
                    message = (
                        f"Input Artifact Bundle {artifact.name} in rule {each.name} is not made before the rule runs"
                    )
                    yield found(artifact.path, message, did_you_mean(artifact.name, makers))


def _made(maker: Action, stage: Stage, slot: str) -> bool:
    return maker.stage_index < stage.index or (maker.stage_index == stage.index and slot != "beforeEntry")


@rule("GR328", "a clone reference goes to CodeBuild only", ACTION, Severity.WARNING)
def clone_references(pipeline: Outline) -> Iterator[Problem]:
    """Sources with OutputArtifactFormat CODEBUILD_CLONE_REF that other actions read."""
    cloned = {
        artifact.name: action
        for action in pipeline.actions
        if action.configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"
        for artifact in action.outputs
    }
    for action in pipeline.actions:
        for artifact in action.inputs:
            if artifact.name in cloned and action.provider not in ("CodeBuild", "Commands", "ECRBuildAndPublish"):
                source = cloned[artifact.name]
                message = f"{artifact.name} is a clone reference, which {action.provider} cannot read"
                yield found(artifact.path, message, f"give {source.name} the OutputArtifactFormat CODE_ZIP")
