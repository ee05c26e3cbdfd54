"""What decides an action's result, as one digest and as parts that can be told apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from engine.model.outcome import Change, Part
from engine.model.pipeline import ActionDeclaration

SCHEMA = "1"  # raised when the meaning of a fingerprint changes: no older result is reused then

NO_IMAGE = "not here"
"""The value of an image's part where there is no such image. One that is neither this nor a digest is the reason why
nobody could be asked."""


def parts(
    action: ActionDeclaration,
    configuration: Mapping[str, str],
    commands: tuple[str, ...],
    inputs: Mapping[str, str],
    identity: Iterable[Part],
) -> tuple[Part, ...]:
    """Everything that decides a result: what the declaration says, the inputs' digests, the provider's own parts."""
    found = [Part("type", "", str(action.actionTypeId))]
    found += [Part("input", name, digest) for name, digest in inputs.items()]
    found += [Part("configuration", key, configuration[key]) for key in sorted(configuration)]
    if commands:
        found.append(Part("commands", "", "\n".join(commands)))
    if action.outputArtifacts:
        outputs = [[output.name, *(output.files or ())] for output in action.outputArtifacts]
        found.append(Part("outputs", "", json.dumps(outputs)))
    if action.outputVariables:
        found.append(Part("outputVariables", "", " ".join(action.outputVariables)))
    return (*found, *identity)


def digest(found: Iterable[Part]) -> str:
    """The fingerprint of such parts: 64 hex digits."""
    body = json.dumps([SCHEMA, *([part.kind, part.subject, part.value] for part in found)], ensure_ascii=True)
    return hashlib.sha256(body.encode()).hexdigest()


def compare(before: Iterable[Part], now: Iterable[Part]) -> list[Change]:
    """What differs, in the order of `now`, what is gone last. Paths of changed inputs are for the caller to add."""
    old = {(part.kind, part.subject): part.value for part in before}
    new = {(part.kind, part.subject): part.value for part in now}
    changed = [Change(*key, before=old.get(key), after=value) for key, value in new.items() if old.get(key) != value]
    return changed + [Change(*key, before=value) for key, value in old.items() if key not in new]
