"""Dynamic references, ``{{resolve:service:reference}}``: values that only an account holds, or greenroom.yaml.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re

from engine.reading.given import Given
from engine.reading.scalars import Symbolic


def dynamic(given: Given, service: str, reference_: str) -> str:
    """The value of a ``{{resolve:service:reference}}``; its name, as `Symbolic`, where nothing gives one."""
    if service != "secretsmanager":
        name = reference_.rsplit(":", 1)[0] if re.search(r":\d+$", reference_) else reference_
        keys = (name, name.removeprefix("/"), f"/{name}")
        value = next((given.store[key] for key in keys if key in given.store), None)
        return Symbolic(name.strip("/") or "parameter") if value is None else value
    parts = reference_.split(":")
    whole = 7 if reference_.startswith("arn:") else 1
    name, rest = ":".join(parts[:whole]), parts[whole:]
    key = rest[1] if len(rest) > 1 and rest[0].lower() == "secretstring" else ""
    value = next((given.secrets[each] for each in (name, name.split(":")[-1]) if each in given.secrets), None)
    if value is not None and key:
        value = _member(value, key)
    return Symbolic(key or name.split(":")[-1] or "secret") if value is None else value


def _member(text: str, key: str) -> str | None:
    try:
        found = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else json.dumps(found)
