"""What began a run, in few words: AWS's trigger details are made for programs."""

from __future__ import annotations

import json


def brief(detail: str) -> str:
    """A trigger detail for people: ``branch main, a1b2c3d`` for a push, the name in an ARN, anything else as it is."""
    if detail.startswith("arn:"):
        return detail.rsplit(":", 1)[-1].rpartition("/")[2]
    if not detail.startswith("{"):
        return detail
    try:
        body = json.loads(detail)
    except ValueError:
        return detail
    if "pull-request-event" in body:
        where = f"pull request of {body.get('branch-name', '')} into {body.get('destination-branch-name', '')}"
    else:
        where = next((f"{kind} {body[f'{kind}-name']}" for kind in ("branch", "tag") if f"{kind}-name" in body), "")
    return ", ".join(part for part in (where, str(body.get("commit-id", ""))[:7]) if part) or detail
