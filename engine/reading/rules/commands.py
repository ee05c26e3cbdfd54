"""Commands, and what only the Commands action has."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline, rules_of
from engine.reading.problem import Problem
from engine.reading.rules.rule import ACTION, found, rule


@rule("GR320", "a Commands action has commands", ACTION)
def present(pipeline: Outline) -> Iterator[Problem]:
    """Commands actions and rules without commands."""
    for action in pipeline.actions:
        if action.spec is not None and action.spec.commands and "commands" not in action.data:
            message = f"Action {action.name} must have a non-empty commands field"
            yield found((*action.path, "name"), message, "add commands, beside configuration")
    for stage in pipeline.stages:
        for each in rules_of(stage):
            if each.provider == "Commands" and "commands" not in each.data:
                yield found((*each.path, "name"), f"Rule {each.name} must have a non-empty commands field")


@rule("GR321", "each command is a single line", ACTION)
def single_lines(pipeline: Outline) -> Iterator[Problem]:
    """Commands with a line break in them."""
    holders = [(action.path, action.name, action.data) for action in pipeline.actions]
    holders += [(each.path, each.name, each.data) for stage in pipeline.stages for each in rules_of(stage)]
    for path, name, data in holders:
        for number, command in enumerate(data.get("commands", ())):
            if "\n" in command.strip("\n"):
                message = f"Command {number + 1} of {name} has several lines; AWS takes single-line commands only"
                hint = "make it several commands, join the lines with && or ;, or put them into a script"
                yield found((*path, "commands", number), message, hint)


@rule("GR322", "what only Commands actions have stands only there", ACTION, Severity.WARNING)
def only_commands(pipeline: Outline) -> Iterator[Problem]:
    """`commands`, `outputVariables` and output `files` on other actions."""
    for action in pipeline.actions:
        if action.spec is None or action.spec.commands or action.owner == "Custom":
            continue
        for key in ("commands", "outputVariables"):
            if key in action.data:
                message = f"{key} of action {action.name} has no effect: only Commands actions have it"
                yield found((*action.path, key), message, f"remove {key}", key=True)
        for number, artifact in enumerate(action.data.get("outputArtifacts", ())):
            if "files" in artifact:
                message = f"files of an output artifact of {action.name} have no effect: only Commands actions filter"
                path = (*action.path, "outputArtifacts", number, "files")
                yield found(path, message, "let the buildspec choose the files", key=True)


@rule(
    "GR323",
    "environmentVariables stand on Commands and EKS actions, secrets on Commands only",
    ACTION,
    Severity.WARNING,
)
def environment(pipeline: Outline) -> Iterator[Problem]:
    """Action-level environment variables where AWS does not read them."""
    for action in pipeline.actions:
        if action.spec is None or action.spec.commands or action.owner == "Custom":
            continue
        for number, variable in enumerate(action.data.get("environmentVariables", ())):
            path = (*action.path, "environmentVariables", number)
            if variable.get("type") == "SECRETS_MANAGER":
                message = f"Action {action.name} cannot read secrets: only Commands actions can"
                yield found((*path, "type"), message)
            elif action.provider != "EKS":
                message = (
                    f"environmentVariables of action {action.name} have no effect: only Commands and EKS read them"
                )
                hint = "CodeBuild has configuration.EnvironmentVariables" if action.provider == "CodeBuild" else ""
                yield found(path, message, hint)
                break
