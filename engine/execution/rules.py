"""Rules of stage conditions, and each of them as the action that does the same.

A run of a rule is a run like that of an action, under a name that no action can have: ``beforeEntry:Rule``.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html
"""

from __future__ import annotations

from engine.execution.state import ActionExecution, PipelineState
from engine.model.pipeline import ActionDeclaration, ActionTypeId, ConditionType, RuleDeclaration, StageDeclaration

SLOTS: dict[ConditionType, str] = {
    "BEFORE_ENTRY": "beforeEntry",
    "ON_SUCCESS": "onSuccess",
    "ON_FAILURE": "onFailure",
}
RUN_AS = {  # the rules that something runs for; the others are judged by the core
    "Commands": ActionTypeId(category="Compute", owner="AWS", provider="Commands", version="1"),
    "CodeBuild": ActionTypeId(category="Build", owner="AWS", provider="CodeBuild", version="1"),
    "LambdaInvoke": ActionTypeId(category="Invoke", owner="AWS", provider="Lambda", version="1"),
}


def name_of(kind: ConditionType, rule: RuleDeclaration) -> str:
    """What a run of the rule is called."""
    return f"{SLOTS[kind]}:{rule.name}"


def rule_of(stage: StageDeclaration, name: str) -> RuleDeclaration:
    """The rule of that name. Raises `KeyError` when there is none."""
    for kind in SLOTS:
        condition = stage.condition(kind)
        for rule in (condition.rules if condition else None) or ():
            if name_of(kind, rule) == name:
                return rule
    raise KeyError(f"{stage.name}/{name}")


def declared(state: PipelineState, run: ActionExecution) -> ActionDeclaration:
    """What is run: the action, or the action that does what the rule says. Raises `KeyError`."""
    declaration = state.declaration(state.executions[run.execution_id])
    if not run.condition:
        return declaration.action(run.stage, run.action)
    return _as_action(run.action, rule_of(declaration.stage(run.stage), run.action))


def _as_action(name: str, rule: RuleDeclaration) -> ActionDeclaration:
    return ActionDeclaration(
        name=name,
        actionTypeId=RUN_AS[rule.ruleTypeId.provider],
        configuration=rule.configuration or {},
        commands=rule.commands,
        inputArtifacts=rule.inputArtifacts or (),
        roleArn=rule.roleArn,
        region=rule.region,
        timeoutInMinutes=rule.timeoutInMinutes,
    )
