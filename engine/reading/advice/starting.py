"""What starts a pipeline: once for each change, and soon after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.reading.advice.advice import GUIDE, Finding, advice
from engine.reading.advice.scene import Scene, texts
from engine.reading.outline import Action

_POLLED = {"CodeCommit": "aws.codecommit", "S3": "aws.s3", "GitHub": ""}
_PAGE = GUIDE + "update-change-detection.html"


@advice(
    "GR631",
    "events start a pipeline, not polling",
    why="PollForSourceChanges is on unless it is turned off; polling notices a change late, is switched off after 30"
    " idle days, and an account may have 300 such pipelines",
    fix='set PollForSourceChanges to "false" and let an EventBridge rule (GitHub: a connection) start the pipeline',
    reference=_PAGE,
)
def polling(scene: Scene) -> Iterator[Finding]:
    """Sources that are polled."""
    for action in _polled(scene):
        if not _started_otherwise(scene, action):
            yield _at(action, f"source {action.name} is polled")


@advice(
    "GR632",
    "one change starts one run",
    why="PollForSourceChanges is on unless it is turned off, so polling and events each start the pipeline",
    fix='set PollForSourceChanges to "false"',
    reference=GUIDE + "PollForSourceChanges-defaults.html",
)
def twice(scene: Scene) -> Iterator[Finding]:
    """Sources that are polled although an event rule or a webhook starts the pipeline as well."""
    for action in _polled(scene):
        if by := _started_otherwise(scene, action):
            yield _at(
                action, f"a change of source {action.name} starts two runs: it is polled, and {by} starts one too"
            )


@advice(
    "GR633",
    "a merge starts one run",
    why="a merged pull request is closed and pushed at once, and each of the two starts a run",
    fix="name only OPEN and UPDATED in the pull request's events",
    reference=GUIDE + "pipelines-triggers.html",
)
def merges(scene: Scene) -> Iterator[Finding]:
    """Triggers on pushes to a branch and on closed pull requests into it."""
    for number, trigger in enumerate(scene.pipeline.data.get("triggers", ())):
        git = trigger.get("gitConfiguration", {})
        pushed = [branch for push in git.get("push", ()) for branch in _branches(push)]
        for place, pull in enumerate(git.get("pullRequest", ())):
            both = sorted(set(pushed) & set(_branches(pull)))
            if both and "CLOSED" in pull.get("events", ("CLOSED",)):
                path = ("triggers", number, "gitConfiguration", "pullRequest", place)
                yield Finding(path, f"a pull request that is merged into {both[0]} starts two runs")


@advice(
    "GR634",
    "the bucket of an S3 source keeps versions",
    why="CodePipeline reads a version of the object, and the source action fails without",
    fix="add `VersioningConfiguration: {Status: Enabled}` to the bucket",
    reference=GUIDE + "action-reference-S3.html",
)
def versions(scene: Scene) -> Iterator[Finding]:
    """S3 sources whose bucket stands in the same template and keeps no versions."""
    buckets = {bucket.name: bucket for bucket in scene.of("AWS::S3::Bucket")}
    for action in scene.pipeline.actions:
        bucket = buckets.get(scene.references.get((*action.path, "configuration", "S3Bucket"), ""))
        if (action.category, action.provider) == ("Source", "S3") and bucket is not None:
            versioning = bucket.properties.get("VersioningConfiguration")
            if not isinstance(versioning, dict) or versioning.get("Status") == "Suspended":
                what = f"bucket {bucket.name} of source {action.name} keeps no versions"
                yield Finding(bucket.path[:-1], what, key=True, in_document=True)


def _branches(each: dict[str, Any]) -> list[str]:
    return list(each.get("branches", {}).get("includes", ()))


def _polled(scene: Scene) -> Iterator[Action]:
    for action in scene.pipeline.actions:
        known = action.category == "Source" and action.provider in _POLLED and action.owner != "Custom"
        if known and action.configuration.get("PollForSourceChanges", "true").lower() == "true":
            yield action


def _at(action: Action, what: str) -> Finding:
    there = "PollForSourceChanges" in action.configuration
    path = (*action.path, "configuration", "PollForSourceChanges") if there else (*action.path, "name")
    return Finding(path, what)


def _started_otherwise(scene: Scene, action: Action) -> str:
    """What else in the template starts the pipeline on a change of this source."""
    if any(webhook.target_action == action.name for webhook in scene.surroundings.webhooks.values()):
        return "a webhook"
    if any(hook.properties.get("TargetAction") == action.name for hook in scene.of("AWS::CodePipeline::Webhook")):
        return "a webhook"
    for rule in scene.of("AWS::Events::Rule"):
        pattern = rule.properties.get("EventPattern")
        if isinstance(pattern, dict) and _POLLED[action.provider] in texts(pattern.get("source")):
            return f"the rule {rule.name}"
    return ""
