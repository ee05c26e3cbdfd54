"""The configuration of the chosen action: as written, as resolved, and how this machine stands in for AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.graph.durations import duration
from tui.store import Store
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.execution.events import ActionPrepared
    from engine.execution.state import ActionExecution
    from engine.model.pipeline import ActionDeclaration, RuleDeclaration

_FIDELITY = {
    "exact": "as AWS does it",
    "emulated": "the same steps, by other means than AWS's",
    "substituted": "something of yours stands in for AWS",
    "stubbed": "does not run here: it passes without doing anything, and never counts as succeeded",
}


def config(store: Store) -> Prose:
    """The Config pane."""
    prose = Prose()
    action, run = store.action(), store.run()
    if (rule := store.rule()) is not None:
        return _rule(prose, rule, run.prepared if run else None)
    if action is None:
        return prose.quiet("reading the pipeline …")
    prepared = run.prepared if run else None
    _action(prose, action, prepared)
    _configuration(prose, action.configuration, prepared)
    if action.commands:
        prose.head("Commands")
        for command in action.commands:
            prose.line(command)
    if action.environmentVariables:
        prose.head("Environment")
        for variable in action.environmentVariables:
            secret = variable.type == "SECRETS_MANAGER"
            prose.row(variable.name, variable.value, aside="from Secrets Manager" if secret else "")
    _phases(prose, run)
    _local(prose, store)
    return prose


def _phases(prose: Prose, run: ActionExecution | None) -> None:
    """What became of a build's phases."""
    if run is None or not run.phases:
        return
    prose.head("Phases", "of the build")
    for record in run.phases:
        style = "$status-failed" if record.status == "FAILED" else ""
        aside = f"{duration(record.seconds)}  {record.message}".rstrip()
        prose.row(record.phase, record.status, style, aside)


def _rule(prose: Prose, rule: RuleDeclaration, prepared: ActionPrepared | None) -> Prose:
    prose.head("Rule")
    kind = rule.ruleTypeId
    prose.row(
        "provider", kind.provider, "bold", f"{kind.category} · {kind.owner or 'AWS'} · version {kind.version or 1}"
    )
    if rule.timeoutInMinutes:
        prose.row("timeout", f"{rule.timeoutInMinutes}m00s")
    _configuration(prose, rule.configuration or {}, prepared)
    if rule.commands:
        prose.head("Commands")
        for command in rule.commands:
            prose.line(command)
    return prose


def _action(prose: Prose, action: ActionDeclaration, prepared: ActionPrepared | None) -> None:
    prose.head("Action")
    kind = action.actionTypeId
    prose.row("provider", f"{kind.provider}", "bold", f"{kind.category} · {kind.owner} · version {kind.version}")
    if prepared is not None:
        prose.row("fidelity", prepared.fidelity, aside=_FIDELITY.get(prepared.fidelity, ""))
        prose.row("on change", prepared.on_change, aside="what a save does to it while it runs")
        if prepared.target:
            prose.row("target", prepared.target)
        if prepared.deadline:
            prose.row("timeout", duration(prepared.deadline, coarse=True))
    elif action.timeoutInMinutes:
        prose.row("timeout", f"{action.timeoutInMinutes}m00s")
    prose.row("runOrder", str(action.runOrder))
    for label, value in (("region", action.region), ("namespace", action.namespace), ("role", action.roleArn)):
        if value:
            prose.row(label, value)
    prose.row("inputs", ", ".join(artifact.name for artifact in action.inputArtifacts) or "none")
    prose.row("outputs", ", ".join(artifact.name for artifact in action.outputArtifacts) or "none")


def _configuration(prose: Prose, configuration: Mapping[str, str], prepared: ActionPrepared | None) -> None:
    prose.head("Configuration", "as written → as resolved" if prepared else "as written")
    resolved = prepared.configuration if prepared else {}
    for key, written in configuration.items():
        prose.row(key, written)
        if key in resolved and resolved[key] != written:
            prose.row("", f"→ {resolved[key]}", "$status-succeeded")
    for key in resolved.keys() - configuration.keys():
        prose.row(key, resolved[key], aside="added here")
    if not configuration and not resolved:
        prose.quiet("none")


def _local(prose: Prose, store: Store) -> None:
    """What greenroom.yaml says about it."""
    if store.link is None:
        return
    given = store.link.project.action(*store.place()).model_dump(exclude_defaults=True, by_alias=True)
    prose.head("On this machine", "greenroom.yaml")
    for key, value in given.items():
        prose.row(key, ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value))
    if not given:
        prose.quiet("nothing is set for it: defaults")
