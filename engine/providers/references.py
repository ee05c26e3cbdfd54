"""Values that a definition only names: Parameter Store parameters and secrets, given in greenroom.yaml.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
from pathlib import Path

from engine.model.project import ProjectFile

_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")


class MissingReference(LookupError):
    """greenroom.yaml gives no value for a parameter or secret. `hint` says where to put it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def parameter(project: ProjectFile, name: str) -> str:
    """The value of a Parameter Store parameter, by name or ARN. Raises `MissingReference`."""
    short = name.partition(":parameter")[2] if name.startswith("arn:") else name
    for key in (name, short, short.removeprefix("/"), f"/{short}"):
        if key in project.parameters:
            return project.parameters[key]
    raise MissingReference(
        f"Parameter does not exist: {name}", f"Give it a value under `parameters:` in greenroom.yaml ({name}: …)."
    )


def secret(project: ProjectFile, reference: str) -> str:
    """The value of ``secret-id:json-key:version-stage:version-id``. Raises `MissingReference`."""
    name, key = _split(reference)
    value = next((project.secrets[one] for one in _names(name) if one in project.secrets), None)
    if value is None:
        raise MissingReference(
            f"Secrets Manager can't find the specified secret: {name}",
            f"Give it a value under `secrets:` in greenroom.yaml ({name}: …).",
        )
    if not key:
        return value
    try:
        found = json.loads(value)[key]
    except (ValueError, KeyError, TypeError):
        raise MissingReference(
            f"secret {name} holds no JSON key {key}",
            f'The value of {name} under `secrets:` in greenroom.yaml must be JSON with a key "{key}".',
        ) from None
    return found if isinstance(found, str) else json.dumps(found)


def _split(reference: str) -> tuple[str, str]:
    """Secret id and JSON key. An ARN has colons of its own, six before the secret's name ends."""
    parts = reference.split(":")
    whole = 7 if reference.startswith("arn:") else 1
    name = ":".join(parts[:whole])
    return name, parts[whole] if len(parts) > whole else ""


def _names(name: str) -> list[str]:
    """What greenroom.yaml may call the secret: as referred to, or the name in its ARN, with or without AWS's suffix."""
    short = name.split(":")[-1]
    return [name, short, _SUFFIX.sub("", short)]


def keyed_digest(state: Path, value: str) -> str:
    """A digest of a secret that says nothing without this machine's key, for fingerprints."""
    return hmac.new(_key(state), value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _key(state: Path) -> bytes:
    path = state / "digest.key"
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    state.mkdir(parents=True, exist_ok=True)
    draft = state / f"digest.key.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(secrets.token_bytes(32))
    # A link fails where another thread was first: one key wins, whole.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_bytes()
