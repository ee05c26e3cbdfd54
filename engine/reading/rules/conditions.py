"""Conditions of stages: which results and rules go where."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline, Stage, rules_of
from engine.reading.problem import Path, Problem, did_you_mean
from engine.reading.rules.rule import STAGE, STRUCTURE, found, rule

_RESULTS = {"beforeEntry": ("FAIL", "SKIP"), "onSuccess": ("ROLLBACK", "FAIL"), "onFailure": ("ROLLBACK", "RETRY")}
_RULES = {
    "CloudWatchAlarm": ("AlarmName",),
    "CodeBuild": ("ProjectName",),
    "Commands": (),
    "DeploymentWindow": ("Cron",),
    "LambdaInvoke": ("FunctionName",),
    "VariableCheck": ("Variable", "Value", "Operator"),
}
_SKIPPING = ("LambdaInvoke", "VariableCheck")


def _conditions(stage: Stage) -> Iterator[tuple[str, Path, str]]:
    """Slot, path and result of each condition."""
    for slot in _RESULTS:
        for number, condition in enumerate(stage.data.get(slot, {}).get("conditions", ())):
            yield slot, (*stage.path, slot, "conditions", number), condition.get("result", "")


@rule("GR346", "a condition's result suits its place", STAGE)
def results(pipeline: Outline) -> Iterator[Problem]:
    """Results that a place does not have."""
    for stage in pipeline.stages:
        for slot, path, result in _conditions(stage):
            if result and result not in _RESULTS[slot]:
                message = f"{slot} of stage {stage.name} cannot have the result {result}"
                yield found((*path, "result"), message, f"one of {', '.join(_RESULTS[slot])}")
        result = stage.data.get("onFailure", {}).get("result", "")
        if result and result not in _RESULTS["onFailure"]:
            message = f"onFailure of stage {stage.name} cannot have the result {result}"
            yield found((*stage.path, "onFailure", "result"), message, f"one of {', '.join(_RESULTS['onFailure'])}")


@rule("GR347", "the first stage cannot be rolled back, nor any stage of a PARALLEL pipeline", STRUCTURE)
def rollback(pipeline: Outline) -> Iterator[Problem]:
    """Rollbacks where there is nothing to go back to."""
    for stage in pipeline.stages:
        places: list[tuple[Path, str]] = [(path, result) for _, path, result in _conditions(stage)]
        places.append(((*stage.path, "onFailure"), stage.data.get("onFailure", {}).get("result", "")))
        for path, result in places:
            if result == "ROLLBACK" and stage.source:
                yield found((*path, "result"), f"Stage {stage.name} holds the sources and cannot be rolled back")
            elif result == "ROLLBACK" and pipeline.mode == "PARALLEL":
                message = f"Stage {stage.name} cannot be rolled back: the execution mode is PARALLEL"
                yield found((*path, "result"), message, "use the execution mode QUEUED or SUPERSEDED")


@rule("GR348", "only LambdaInvoke and VariableCheck rules can skip a stage", STAGE)
def skipping(pipeline: Outline) -> Iterator[Problem]:
    """Other rules under a condition with the result SKIP."""
    for stage in pipeline.stages:
        for each in rules_of(stage):
            if each.result == "SKIP" and each.provider in _RULES and each.provider not in _SKIPPING:
                message = f"Rule {each.name} ({each.provider}) cannot be used with the result SKIP"
                yield found((*each.path, "ruleTypeId", "provider"), message, f"one of {', '.join(_SKIPPING)}")


@rule("GR349", "the rule type exists", STAGE, Severity.WARNING)
def known(pipeline: Outline) -> Iterator[Problem]:
    """Rule types that are not known."""
    for stage in pipeline.stages:
        for each in rules_of(stage):
            if each.provider and each.provider not in _RULES:
                message = f"Rule {each.name} of stage {stage.name} has the unknown type {each.provider}"
                hint = did_you_mean(each.provider, _RULES, f"known: {', '.join(_RULES)}")
                yield found((*each.path, "ruleTypeId", "provider"), message, hint)


@rule("GR350", "a rule has every key that its type requires", STAGE)
def required(pipeline: Outline) -> Iterator[Problem]:
    """Required keys of rules that are missing."""
    for stage in pipeline.stages:
        for each in rules_of(stage):
            for key in _RULES.get(each.provider, ()):
                if key not in each.configuration:
                    message = f"Rule configuration for rule '{each.name}' is missing required configuration '{key}'"
                    there = "configuration" in each.data
                    path = (*each.path, "configuration" if there else "name")
                    yield found(path, message, f"add {key}", key=there)


@rule("GR351", "automatic retry stands alone", STAGE, Severity.WARNING)
def retry(pipeline: Outline) -> Iterator[Problem]:
    """A retry beside conditions, which AWS's pages both forbid and show; a retry mode without a retry."""
    for stage in pipeline.stages:
        failure, path = stage.data.get("onFailure", {}), (*stage.path, "onFailure")
        if failure.get("result") == "RETRY" and failure.get("conditions"):
            message = (
                f"Stage {stage.name} has an automatic retry and onFailure conditions; AWS may refuse the two together"
            )
            yield found((*path, "conditions"), message, "keep one of them", key=True)
        if "retryConfiguration" in failure and failure.get("result") != "RETRY":
            message = f"retryConfiguration of stage {stage.name} has no effect without the result RETRY"
            yield found((*path, "retryConfiguration"), message, "add `result: RETRY`", key=True)
