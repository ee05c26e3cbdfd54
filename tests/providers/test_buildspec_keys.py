"""The table of keys says what the reader does: every key in it has an effect, or is named in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.providers.buildspec.keys import SECTIONS, Key, Section
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
            content = {step.removesuffix("[]"): [content] if step.endswith("[]") else content}
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


CASES = [(section, key) for section in SECTIONS for key in section.keys if key.name != "version"]


@pytest.mark.parametrize(("section", "key"), CASES, ids=[f"{s.path}.{k.name}" for s, k in CASES])
def test_every_key_has_an_effect_or_is_named(section: Section, key: Key) -> None:
    base = BASES.get(section.path, {"commands": ["make"]} if section.path == "phases.PHASE" else {})
    version = key.versions.partition(",")[0]
    without = parse(document(section, base, version))
    sample = {} if section.path.startswith("batch") else SAMPLES.get(key.name, "other")
    with_it = parse(document(section, base | {key.name: sample}, version))
    if section.path.startswith(("proxy", "batch")):
        place = section.path.partition(".")[0]
        assert any(note.startswith(f"{place}:") for note in with_it.notes)
        odd = parse(document(section, base | {"oddity": "x"}, version))
        assert any("oddity: no such key" in note for note in odd.notes)
    else:
        assert with_it != without
    assert not any("no such key" in note for note in with_it.notes)
