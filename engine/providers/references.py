"""Values that a definition only names: Parameter Store parameters and secrets, and where they are looked for.

The first place that has a value gives it: greenroom.yaml (`parameters`, `secrets`), `.secrets`, where
``/app/db-password`` is called ``APP_DB_PASSWORD``, the environment (``GREENROOM_PARAMETER_STORE_APP_DB_PASSWORD``, a
secret ``GREENROOM_SECRET_...``), the keyring of the operating system, and AWS where `secrets-from` or `aws: real` asks
for that. None of them is written anywhere.

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
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.model.project import ProjectFile
from engine.providers import keyrings, real_aws

VARIABLES = {"parameters": "GREENROOM_PARAMETER_STORE_", "secrets": "GREENROOM_SECRET_"}
"""How the environment calls values, by their section in greenroom.yaml."""
_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_REMEMBERED = 200  # values that were replaced long ago are in nobody's way any more
_learned: dict[str, None] = {}


class MissingReference(LookupError):
    """There is no value for a parameter or secret. `hint` says where to put one: `section`, `key`."""

    def __init__(self, message: str, hint: str, *, section: str = "", key: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.section = section
        self.key = key


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A value and the place it comes from, in words."""

    value: str
    origin: str


def parameter(project: ProjectFile, name: str) -> str:
    """The value of a Parameter Store parameter, by name or ARN. Raises `MissingReference`."""
    return find(project, "parameters", name).value


def secret(project: ProjectFile, reference: str) -> str:
    """The value of ``secret-id:json-key:version-stage:version-id``. Raises `MissingReference`."""
    return find(project, "secrets", reference).value


def find(project: ProjectFile, section: str, reference: str) -> Found:
    """The value that a parameter's name or a secret's reference stands for. Raises `MissingReference`."""
    return _parameter(project, reference) if section == "parameters" else _secret(project, reference)


def learned() -> tuple[str, ...]:
    """The values that came from elsewhere than files: they are hidden wherever greenroom writes, too."""
    return tuple(_learned)


def _parameter(project: ProjectFile, name: str) -> Found:
    short = name.partition(":parameter")[2] if name.startswith("arn:") else name
    bare = short.partition(":")[0]  # without the version or label that may follow
    keys = [form for one in dict.fromkeys((short, bare)) for form in (one, one.removeprefix("/"), f"/{one}")]
    found = _first(project, "parameters", [name, *keys], _identifier(bare), [bare])
    unanswered = ""
    if found is None and project.asks("aws"):
        try:
            found = _of_aws(real_aws.parameter(name, project.region))
        except real_aws.Unanswered as error:
            unanswered = str(error)
    if found is None:
        message = f"parameter does not exist: {name}"
        raise _missing(message, unanswered, "parameters", name)
    return found


def _secret(project: ProjectFile, reference: str) -> Found:
    name, key, stage, version = split(reference)
    names = _names(name)
    found = _first(project, "secrets", names, _identifier(names[-1]), dict.fromkeys(reversed(names[1:])))
    unanswered = ""
    if found is None and project.asks("aws"):
        try:
            found = _of_aws(real_aws.secret(name, project.region, stage=stage, version=version))
        except real_aws.Unanswered as error:
            unanswered = str(error)
    if found is None:
        raise _missing(f"Secrets Manager can't find the specified secret: {name}", unanswered, "secrets", names[-1])
    return Found(_member(found, name, key, names[-1]), found.origin) if key else found


def _first(project: ProjectFile, section: str, names: list[str], identifier: str, kept: Iterable[str]) -> Found | None:
    """The value in greenroom.yaml, `.secrets`, the environment or the keyring, which calls it one of `kept`."""
    given = project.parameters if section == "parameters" else project.secrets
    for name in names:
        if name in given:
            return Found(given[name], f"`{section}:` in greenroom.yaml")
    if identifier in given:
        return Found(given[identifier], f".secrets ({identifier})")
    variable = VARIABLES[section] + identifier
    if (value := os.environ.get(variable)) is not None:
        return _noted(Found(value, f"the environment ({variable})"))
    for name in kept if project.asks("keyring") else ():
        if (value := keyrings.look_up(section, name)) is not None:
            return _noted(Found(value, f"the keyring ({keyrings.entry(section, name)})"))
    return None


def _of_aws(value: str | None) -> Found | None:
    return None if value is None else _noted(Found(value, "AWS"))


def _noted(found: Found) -> Found:
    _learned.setdefault(found.value)
    if len(_learned) > _REMEMBERED:
        del _learned[next(iter(_learned))]
    return found


def _member(found: Found, name: str, key: str, short: str) -> str:
    """One JSON key of a secret."""
    try:
        value = json.loads(found.value)[key]
    except (ValueError, KeyError, TypeError):
        raise MissingReference(
            f"secret {name} holds no JSON key {key}",
            f'The value of {name} ({found.origin}) must be JSON with a key "{key}".',
            section="secrets",
            key=short,
        ) from None
    text = value if isinstance(value, str) else json.dumps(value)
    return _noted(Found(text, found.origin)).value


def _missing(message: str, unanswered: str, section: str, name: str) -> MissingReference:
    if unanswered:
        return MissingReference(f"{message} (AWS: {unanswered})", _ways(section, name), section=section, key=name)
    return MissingReference(message, _ways(section, name), section=section, key=name)


def _ways(section: str, name: str) -> str:
    word = identifier(section, name)
    return (
        f"Give it a value under `{section}:` in greenroom.yaml ({name}: …), in .secrets ({word}=…), as "
        f"{VARIABLES[section]}{word} or in the keyring (greenroom secrets set {name})."
    )


def key_of(section: str, reference: str) -> str:
    """What a section of greenroom.yaml would call a parameter or secret."""
    return _names(split(reference)[0])[-1] if section == "secrets" else reference


def identifier(section: str, name: str) -> str:
    """How `.secrets` calls a parameter or secret."""
    return _identifier(_names(name)[-1] if section == "secrets" or name.startswith("arn:") else name)


def _identifier(name: str) -> str:
    """A name as a variable's: ``/app/db-password`` is ``APP_DB_PASSWORD``."""
    return re.sub(r"\W+", "_", name.strip("/"), flags=re.ASCII).upper()


def split(reference: str) -> tuple[str, str, str, str]:
    """Secret id, JSON key, version stage and version id. An ARN has six colons of its own before its name ends."""
    parts = reference.split(":")
    whole = 7 if reference.startswith("arn:") else 1
    key, stage, version = (*parts[whole:], "", "", "")[:3]
    return ":".join(parts[:whole]), key, stage, version


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
