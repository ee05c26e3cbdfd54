"""Values that a definition only names: Parameter Store parameters and secrets.

They are given in greenroom.yaml, in `.secrets` (below the project file's values), or in the environment, where
``/app/db-password`` is called ``GREENROOM_PARAMETER_STORE_APP_DB_PASSWORD``, a secret ``GREENROOM_SECRET_...``.

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
    """There is no value for a parameter or secret. `hint` says where to put one: `section`, `key`."""

    def __init__(self, message: str, hint: str, *, section: str = "", key: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.section = section
        self.key = key


def parameter(project: ProjectFile, name: str) -> str:
    """The value of a Parameter Store parameter, by name or ARN. Raises `MissingReference`."""
    short = name.partition(":parameter")[2] if name.startswith("arn:") else name
    for key in (name, short, short.removeprefix("/"), f"/{short}", _identifier(short)):
        if key in project.parameters:
            return project.parameters[key]
    given = os.environ.get(f"GREENROOM_PARAMETER_STORE_{_identifier(short)}")
    if given is not None:
        return given
    raise MissingReference(
        f"Parameter does not exist: {name}", _ways("parameters", name), section="parameters", key=name
    )


def secret(project: ProjectFile, reference: str) -> str:
    """The value of ``secret-id:json-key:version-stage:version-id``. Raises `MissingReference`."""
    name, key = _split(reference)
    names = _names(name)
    value = next((project.secrets[one] for one in (*names, _identifier(names[-1])) if one in project.secrets), None)
    if value is None:
        value = os.environ.get(f"GREENROOM_SECRET_{_identifier(names[-1])}")
    if value is None:
        message = f"Secrets Manager can't find the specified secret: {name}"
        raise MissingReference(message, _ways("secrets", name), section="secrets", key=names[-1])
    if not key:
        return value
    try:
        found = json.loads(value)[key]
    except (ValueError, KeyError, TypeError):
        raise MissingReference(
            f"secret {name} holds no JSON key {key}",
            f'The value of {name} under `secrets:` in greenroom.yaml must be JSON with a key "{key}".',
            section="secrets",
            key=names[-1],
        ) from None
    return found if isinstance(found, str) else json.dumps(found)


def _ways(section: str, name: str) -> str:
    word = _identifier(_names(name)[-1])
    variable = f"GREENROOM_{'PARAMETER_STORE' if section == 'parameters' else 'SECRET'}_{word}"
    return f"Give it a value under `{section}:` in greenroom.yaml ({name}: …), in .secrets ({word}=…) or as {variable}."


def _identifier(name: str) -> str:
    """A name as a variable's: ``/app/db-password`` is ``APP_DB_PASSWORD``."""
    return re.sub(r"\W+", "_", name.strip("/"), flags=re.ASCII).upper()


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
