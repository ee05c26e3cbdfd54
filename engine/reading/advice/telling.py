"""Telling people what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator

from engine.reading.advice.advice import GUIDE, Finding, advice
from engine.reading.advice.scene import Scene


@advice(
    "GR671",
    "somebody hears of a failed run",
    why="a pipeline that fails in silence is noticed when the change is missed",
    fix="add an AWS::CodeStarNotifications::NotificationRule, or an event rule on aws.codepipeline",
    reference=GUIDE + "notification-rule-create.html",
)
def failures(scene: Scene) -> Iterator[Finding]:
    """Templates without a notification rule, and without an event rule on the states of pipelines."""
    if not scene.is_template or scene.surroundings.notifications:
        return
    if any(scene.of("AWS::CodeStarNotifications::NotificationRule")):
        return
    rules = scene.of("AWS::Events::Rule")
    if not any("aws.codepipeline" in json.dumps(rule.properties.get("EventPattern"), default=str) for rule in rules):
        yield Finding(("name",), f"nobody is told when {scene.pipeline.name or 'the pipeline'} fails")
