"""What starts a pipeline and who hears of it: schedules, webhooks and notification rules of a template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.reading.cloudformation.attributes import name_of
from engine.reading.cloudformation.scope import Resource, Scope
from engine.reading.scalars import Symbolic, text_of

_START = "aws-sdk:codepipeline:startPipelineExecution"
_LEVELS = {
    "CodePipeline Pipeline Execution State Change": "pipeline",
    "CodePipeline Stage Execution State Change": "stage",
    "CodePipeline Action Execution State Change": "action",
}
_TO = ("bell",)
"""Whom a template tells (topics, chats) is in an account: here the terminal rings."""


def schedules_of(scope: Scope, pipeline: str) -> list[dict[str, Any]]:
    """The schedules that start a pipeline, from EventBridge rules and from the Scheduler."""
    found: list[dict[str, Any]] = []
    for resource, plain in _plain(scope, "AWS::Events::Rule"):
        expression = text_of(plain.get("ScheduleExpression"))
        targets = plain.get("Targets")
        mine = [row for row in targets if _is_target(row, pipeline)] if isinstance(targets, list) else []
        if expression and mine and _is_on(plain) and not isinstance(expression, Symbolic):
            found.append({"name": name_of(scope, resource), "expression": expression})
    for resource, plain in _plain(scope, "AWS::Scheduler::Schedule"):
        expression = text_of(plain.get("ScheduleExpression"))
        target = plain.get("Target")
        variables = _started(target, pipeline) if isinstance(target, dict) else None
        if expression and variables is not None and _is_on(plain) and not isinstance(expression, Symbolic):
            zone = text_of(plain.get("ScheduleExpressionTimezone")) or "UTC"
            name = name_of(scope, resource)
            found.append({"name": name, "expression": expression, "time_zone": zone, "variables": variables})
    return found


def webhooks_of(scope: Scope, pipeline: str) -> dict[str, dict[str, Any]]:
    """The webhooks of a pipeline by name."""
    found: dict[str, dict[str, Any]] = {}
    for resource, plain in _plain(scope, "AWS::CodePipeline::Webhook"):
        if text_of(plain.get("TargetPipeline")) != pipeline:
            continue
        kind = text_of(plain.get("Authentication"))
        inner = plain.get("AuthenticationConfiguration")
        inner = inner if isinstance(inner, dict) else {}
        filters = plain.get("Filters")
        rows = [row for row in filters if isinstance(row, dict)] if isinstance(filters, list) else []
        settings = {
            "authentication": kind if kind in ("GITHUB_HMAC", "IP", "UNAUTHENTICATED") else "UNAUTHENTICATED",
            "secret": _concrete(inner.get("SecretToken")),
            "allowed_ip_range": _concrete(inner.get("AllowedIPRange")),
            "filters": [
                {"json_path": str(text_of(row["JsonPath"])), "match_equals": text_of(row.get("MatchEquals"))}
                for row in rows
                if text_of(row.get("JsonPath")) is not None
            ],
            "target_action": text_of(plain.get("TargetAction")) or "",
        }
        found[name_of(scope, resource)] = {key: value for key, value in settings.items() if value is not None}
    return found


def notifications_of(scope: Scope, pipeline: str) -> list[dict[str, Any]]:
    """Which state changes a template tells somebody of."""
    found: list[dict[str, Any]] = []
    for _, plain in _plain(scope, "AWS::CodeStarNotifications::NotificationRule"):
        events = plain.get("EventTypeIds")
        names = [str(text_of(event)) for event in events if text_of(event)] if isinstance(events, list) else []
        if names and _ends(plain.get("Resource"), pipeline) and text_of(plain.get("Status")) != "DISABLED":
            found.append({"events": names, "to": _TO})
    for _, plain in _plain(scope, "AWS::Events::Rule"):
        names = _events_of(plain.get("EventPattern"), pipeline)
        told = plain.get("Targets")
        topics = isinstance(told, list) and any(":sns:" in str(_member(row, "Arn")) for row in told)
        if names and topics and _is_on(plain):
            found.append({"events": names, "to": _TO})
    return found


def _events_of(pattern: Any, pipeline: str) -> list[str]:
    """``pipeline.FAILED`` and so on for an event pattern over a pipeline's state changes."""
    if not isinstance(pattern, dict) or "aws.codepipeline" not in _texts(pattern.get("source")):
        return []
    detail = pattern.get("detail")
    detail = detail if isinstance(detail, dict) else {}
    if "pipeline" in detail and pipeline not in _texts(detail["pipeline"]):
        return []
    levels = [_LEVELS[each] for each in _texts(pattern.get("detail-type")) if each in _LEVELS]
    return [f"{level}.{state}" for level in levels for state in (_texts(detail.get("state")) or ["*"])]


def _plain(scope: Scope, kind: str) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for resource in scope.of_type(kind):
        plain = scope.plain(resource.properties, resource.at)
        if isinstance(plain, dict):
            yield resource, plain


def _is_target(row: Any, pipeline: str) -> bool:
    return isinstance(row, dict) and _ends(row.get("Arn"), pipeline)


def _ends(arn: Any, pipeline: str) -> bool:
    """Whether an ARN is the pipeline's."""
    return isinstance(arn, str) and arn.startswith("arn:") and arn.rsplit(":", 1)[-1] == pipeline


def _is_on(plain: dict[str, Any]) -> bool:
    return text_of(plain.get("State")) != "DISABLED"


def _started(target: dict[str, Any], pipeline: str) -> dict[str, str] | None:
    """The pipeline variables that a schedule's target starts the pipeline with, None where it starts another."""
    arn = text_of(target.get("Arn")) or ""
    if _ends(arn, pipeline):
        return {}
    if not arn.endswith(_START):
        return None
    try:
        request = json.loads(text_of(target.get("Input")) or "")
    except ValueError:
        return None
    if not isinstance(request, dict) or request.get("Name") != pipeline:
        return None
    rows = request.get("Variables")
    rows = rows if isinstance(rows, list) else []
    return {str(row["Name"]): str(row.get("Value", "")) for row in rows if isinstance(row, dict) and "Name" in row}


def _concrete(value: Any) -> str | None:
    text = text_of(value)
    return None if isinstance(text, Symbolic) else text


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := text_of(item)) is not None]


def _member(row: Any, key: str) -> Any:
    return row.get(key) if isinstance(row, dict) else None
