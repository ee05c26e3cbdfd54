"""The table of keys says what the reader does: every key in it has an effect, or is named in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.providers.batch.model import Batch
from engine.providers.batch.read import examine
from engine.providers.buildspec.keys import BATCH, SECTIONS, Key, Section
from engine.providers.buildspec.parse import parse

SAMPLES: dict[str, Any] = {
    "run-as": "somebody",
    "env": {"variables": {"A": "1"}},
    "environment_variables": {"plaintext": {"A": "1"}},
    "proxy": {"logs": "yes"},
    "batch": {"build-list": []},
    "phases": {"build": {"commands": ["other"]}},
    "reports": {"unit": {"files": "a"}},
    "artifacts": {"files": "a"},
    "cache": {"paths": ["a"]},
    "shell": "bash",
    "variables": {"A": "1"},
    "parameter-store": {"A": "1"},
    "secrets-manager": {"A": "1"},
    "exported-variables": ["A"],
    "git-credential-helper": "yes",
    "on-failure": "ABORT",
    "runtime-versions": {"python": "3.11"},
    "commands": ["other"],
    "finally": ["other"],
    "files": ["other"],
    "file-format": "CloverXml",
    "paths": ["other"],
    "fallback-keys": ["other"],
    "action": "save",
    "secondary-artifacts": {"Other": {"files": "a"}},
    "discard-paths": "yes",
    "enable-symlinks": "yes",
    "exclude-paths": ["other"],
}
BASES: dict[str, dict[str, Any]] = {
    "reports.GROUP": {"files": "a"},
    "artifacts": {"files": "a"},
    "artifacts.secondary-artifacts.NAME": {"files": "a"},
    "cache": {"paths": ["a"]},
}


def document(section: Section, content: dict[str, Any], version: str) -> str:
    """A buildspec with this content in the section's place."""
    whole: dict[str, Any] = {"version": version, "phases": {"install": {"commands": ["make"]}}}
    if section.path == "artifacts.secondary-artifacts.NAME":
        whole["artifacts"] = {"files": "a", "secondary-artifacts": {"X": content}}
    elif section.path.startswith("batch."):
        for step in reversed(section.path.split(".")[1:]):
            each = [{"identifier": "one", **content}]
            content = {step.removesuffix("[]"): each if step.endswith("[]") else content}
        whole["batch"] = content
    elif section.path == "phases.PHASE":
        whole["phases"] = {"install": content}
    elif section.path == "reports.GROUP":
        whole["reports"] = {"unit": content}
    elif section.path:
        whole[section.path] = content
    else:
        whole |= content
    return json.dumps(whole)


BUILD = [{"identifier": "two"}]
OF_BATCHES: dict[str, Any] = {
    "fast-fail": "yes",
    "build-list": BUILD,
    "build-graph": BUILD,
    "build-matrix": {},
    "build-fanout": {"parallelism": "2"},
    "depend-on": ["other"],
    "debug-session": "yes",
    "ignore-failure": "yes",
    "privileged-mode": "yes",
    "static": {"ignore-failure": "yes"},
    "dynamic": {"buildspec": ["a", "b"]},
    "parallelism": "3",
}
"""What has an effect in the batch section; elsewhere `other` does."""
BATCH_BASES: dict[str, dict[str, Any]] = {"batch.build-fanout": {"parallelism": "2"}}


def said_of_batch(section: Section, content: dict[str, Any]) -> tuple[Batch | None, list[str]]:
    """What the section comes to, and what is wrong with it."""
    batch, problems = examine(document(section, content, "0.2"))
    return batch, [str(problem) for problem in problems]


CASES = [(section, key) for section in SECTIONS for key in section.keys if key.name != "version"]


@pytest.mark.parametrize(("section", "key"), CASES, ids=[f"{s.path}.{k.name}" for s, k in CASES])
def test_every_key_has_an_effect_or_is_named(section: Section, key: Key) -> None:
    base = BASES.get(section.path, {"commands": ["make"]} if section.path == "phases.PHASE" else {})
    version = key.versions.partition(",")[0]
    without = parse(document(section, base, version))
    if section.path.startswith("batch"):
        base = BATCH_BASES.get(section.path, {"fast-fail": "no", "build-list": BUILD} if section is BATCH else {})
        sample = _values(section, key.name)
        assert said_of_batch(section, base | {key.name: sample}) != said_of_batch(section, base)
    else:
        sample = SAMPLES.get(key.name, "other")
    with_it = parse(document(section, base | {key.name: sample}, version))
    if section.path.startswith(("proxy", "batch")):
        place = section.path.partition(".")[0]
        assert place == "batch" or any(note.startswith(f"{place}:") for note in with_it.notes)
        odd = parse(document(section, base | {"oddity": "x"}, version))
        assert any("oddity: no such key" in note for note in odd.notes)
    else:
        assert with_it != without
    assert not any("no such key" in note for note in with_it.notes)


def _values(section: Section, name: str) -> object:
    """Something that makes a difference there."""
    if section.path == "batch" and name == "build-list":
        return [*BUILD, {"identifier": "three"}]
    if section.path.startswith("batch.build-matrix.dynamic"):
        varying = ["x", "y"]
        return {"variables": {"A": varying}, "env": {"image": varying}}.get(name, varying)
    if name == "variables":
        return {"A": "1"}
    if name == "env":
        return {"type": "ARM_CONTAINER"}
    return OF_BATCHES.get(name, "other")
