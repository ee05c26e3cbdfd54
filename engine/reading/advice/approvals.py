"""Approvals: where one is missing, and where one holds nothing back."""

from __future__ import annotations

from collections.abc import Iterator

from engine.reading.advice.advice import GUIDE, Finding, advice
from engine.reading.advice.names import is_production
from engine.reading.advice.scene import Scene
from engine.reading.outline import Action, Stage

_PAGE = GUIDE + "approvals.html"
_EFFECTS = ("Deploy", "Invoke")


@advice(
    "GR605",
    "somebody, or a condition, lets a change into production",
    why="whatever passes the tests is in production a moment later, and nobody has looked",
    fix="add a Manual approval before it, or an entry condition (a deployment window, an alarm) to the stage",
    reference=_PAGE,
)
def before_production(scene: Scene) -> Iterator[Finding]:
    """Deployments to what is named production, with neither an approval nor an entry condition before them."""
    approvals = [action for action in scene.pipeline.actions if action.category == "Approval"]
    for stage in scene.pipeline.stages:
        deployments = [action for action in stage.actions if action.category == "Deploy"]
        into = [action for action in deployments if is_production(stage.name) or is_production(action.name)]
        unguarded = [action for action in into if not any(approval.before(action) for approval in approvals)]
        if unguarded and "beforeEntry" not in stage.data:
            what = f"{stage.name}/{unguarded[0].name} deploys to production without an approval before it"
            yield Finding((*unguarded[0].path, "name"), what)


@advice(
    "GR606",
    "an approval comes before what it approves",
    why="actions of one runOrder start together, so it is done before anybody is asked",
    fix="give the approval a lower runOrder, or a stage of its own before this one",
    reference=_PAGE,
)
def beside(scene: Scene) -> Iterator[Finding]:
    """Approvals with the runOrder of a deployment in the same stage."""
    for stage in scene.pipeline.stages:
        for approval in stage.actions:
            if approval.category == "Approval" and (other := _beside(stage, approval)):
                what = f"approval {approval.name} holds nothing back: {other.name} runs beside it"
                yield Finding((*approval.path, "name"), what)


def _beside(stage: Stage, approval: Action) -> Action | None:
    return next(
        (each for each in stage.actions if each.category in _EFFECTS and each.run_order == approval.run_order), None
    )


@advice(
    "GR607",
    "something comes after an approval",
    why="it asks somebody for an answer on which nothing depends, and holds the stage for up to seven days",
    fix="move it before what it is about, or remove it",
    reference=_PAGE,
)
def nothing_after(scene: Scene) -> Iterator[Finding]:
    """Approvals that are the last of everything."""
    for approval in scene.pipeline.actions:
        if approval.category != "Approval":
            continue
        if not any(
            (other.stage_index, other.run_order) >= (approval.stage_index, approval.run_order)
            for other in scene.pipeline.actions
            if other.category != "Approval"
        ):
            yield Finding((*approval.path, "name"), f"nothing comes after approval {approval.name}")


@advice(
    "GR608",
    "somebody hears that an approval waits",
    why="it waits seven days and then fails, and holds its stage against every later change meanwhile",
    fix="set NotificationArn to an SNS topic (or a notification rule on approvals), and timeoutInMinutes",
    reference=GUIDE + "approvals-action-add.html",
)
def unheard(scene: Scene) -> Iterator[Finding]:
    """Approvals of a template that tell nobody. Of other definitions the account may have a rule that does."""
    if (
        not scene.is_template
        or scene.surroundings.notifications
        or any(scene.of("AWS::CodeStarNotifications::NotificationRule"))
    ):
        return
    for approval in scene.pipeline.actions:
        told = approval.configuration.get("NotificationArn") or "timeoutInMinutes" in approval.data
        if approval.category == "Approval" and approval.provider == "Manual" and not told:
            yield Finding((*approval.path, "name"), f"nobody is told that approval {approval.name} waits")
