"""What greenroom.yaml says of schedules and webhooks: whether it can be meant."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from engine.model.project import ProjectFile, WebhookSettings
from engine.reading.problem import Path, Problem

FILTERS = 5  # AWS's cap


def wrong_starts(project: ProjectFile) -> Iterator[Problem]:
    """Schedules that never are due, and webhooks that nobody could call."""
    for number, schedule in enumerate(project.schedules):
        from engine.model.schedule import parse_expression  # most files have none

        try:
            parse_expression(schedule.expression, schedule.time_zone)
        except ValueError as error:
            key = "time_zone" if str(error).startswith("time zone") else "expression"
            shown = key.replace("_", "-") if key in schedule.model_fields_set else "expression"
            yield Problem("GR408", ("schedules", number, shown), str(error))
    for name, webhook in project.webhooks.items():
        yield from _webhook(("webhooks", name), webhook)


def _webhook(path: Path, webhook: WebhookSettings) -> Iterator[Problem]:
    if webhook.authentication == "GITHUB_HMAC" and not webhook.secret:
        yield Problem("GR409", path, "GITHUB_HMAC needs a secret", "add `secret`: what GitHub has for this webhook")
    if webhook.authentication == "IP":
        try:
            ipaddress.ip_network(webhook.allowed_ip_range or "", strict=False)
        except ValueError:
            message = f"IP needs a range of addresses, not {webhook.allowed_ip_range!r}"
            yield Problem("GR409", path, message, "write allowed-ip-range, e.g. 192.0.2.0/24")
    if len(webhook.filters) > FILTERS:
        message = f"the webhook has {len(webhook.filters)} filters; AWS takes {FILTERS} at most"
        yield Problem("GR409", (*path, "filters"), message)
    for number, condition in enumerate(webhook.filters):
        if trouble := _no_path(condition.json_path):
            yield Problem("GR409", (*path, "filters", number, "json-path"), trouble, "write e.g. $.ref")


def _no_path(text: str) -> str:
    import jsonpath  # takes 50 ms, and most files have no webhook

    try:
        jsonpath.compile(text)
    except (jsonpath.JSONPathError, RecursionError) as error:
        return f"{text!r} is no JSONPath: {error}"
    return ""
