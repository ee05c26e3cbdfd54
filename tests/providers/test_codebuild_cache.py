"""What a buildspec's cache section keeps from one build for the next."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.providers.codebuild.cache import hashed
from tests.providers.kit import Kit

COUNT = "mkdir -p deps; echo x >> deps/list; wc -l < deps/list | tr -d ' '"


def cached(section: dict[str, Any], *commands: str) -> str:
    """A buildspec with a cache."""
    return json.dumps({"version": 0.2, "phases": {"build": {"commands": list(commands)}}, "cache": section})


def cache_lines(kit: Kit) -> list[str]:
    return [line for line in kit.agent_lines() if line.startswith("greenroom: cache")]


def test_what_is_kept_comes_back(kit: Kit) -> None:
    spec = cached({"paths": ["deps/**/*"]}, COUNT)
    kit.build(spec)
    assert kit.output() == ["1"]
    assert cache_lines(kit) == ["greenroom: cache: nothing is kept yet", "greenroom: cache: 1 file(s) saved"]
    kit.build(spec)
    assert kit.output() == ["2"]
    assert cache_lines(kit) == ["greenroom: cache: 1 file(s) restored", "greenroom: cache: 1 file(s) saved"]


def test_modes_and_links_survive(kit: Kit) -> None:
    spec = cached({"paths": "bin/**/*"}, "[ -x bin/tool ] && readlink bin/link; mkdir -p bin", "touch bin/tool")
    make = cached({"paths": "bin/**/*"}, "mkdir bin; touch bin/tool; chmod +x bin/tool; ln -s tool bin/link")
    kit.build(make)
    kit.build(spec)
    assert kit.output() == ["tool"]


def test_the_source_wins_over_the_cache(kit: Kit) -> None:
    kit.build(cached({"paths": ["deps/*"]}, "mkdir deps; echo old > deps/a; echo old > deps/b"))
    kit.build(cached({"paths": ["deps/*"]}, "cat deps/a deps/b"), files={"deps/a": "new\n"})
    assert kit.output() == ["new", "old"]


def test_a_key_is_made_of_files_and_of_what_the_shell_expands(kit: Kit) -> None:
    section = {"paths": ["deps/*"], "key": '$NAME-"$(codebuild-hash-files lock)"-$(echo "a b" | tr -d " ")'}
    spec = json.loads(cached(section, COUNT))
    spec["env"] = {"variables": {"NAME": "npm"}}
    for lock, expected in (("1", "1"), ("1", "2"), ("2", "1"), ("1", "2")):
        kit.build(json.dumps(spec), files={"lock": lock})
        # What its own key gave back is not saved again: such a cache holds what the key says.
        assert kit.output() == [expected], cache_lines(kit)
    assert '(key npm-"6b86b273' not in kit.text()
    assert '"-ab)' in cache_lines(kit)[0]


def test_a_fallback_is_the_beginning_of_a_key(kit: Kit) -> None:
    kit.build(cached({"paths": ["deps/*"], "key": "v1-a"}, COUNT))
    kit.build(cached({"paths": ["deps/*"], "key": "v1-b", "fallback-keys": ["v0-", "v1-"]}, COUNT))
    assert kit.output() == ["2"]
    assert cache_lines(kit) == [
        "greenroom: cache: 1 file(s) restored (key v1-a)",
        "greenroom: cache: 1 file(s) saved (key v1-b)",
    ]


@pytest.mark.parametrize(("action", "expected"), [("save", "1"), ("restore", "2")])
def test_action_limits_it_to_one_direction(kit: Kit, action: str, expected: str) -> None:
    kit.build(cached({"paths": ["deps/*"]}, COUNT))
    kit.build(cached({"paths": ["deps/*"], "action": action}, COUNT))
    assert kit.output() == [expected]
    assert any("saved" in line for line in cache_lines(kit)) is (action == "save")


def test_a_failed_build_keeps_nothing(kit: Kit) -> None:
    kit.build(cached({"paths": ["deps/*"]}, COUNT, "false"))
    kit.build(cached({"paths": ["deps/*"]}, COUNT))
    assert kit.output() == ["1"]


def test_what_left_the_store_is_said_and_the_build_goes_on(kit: Kit) -> None:
    spec = cached({"paths": ["deps/*"]}, COUNT)
    kit.build(spec)
    kit.store.prune(0, ())
    assert kit.build(spec).failure is None
    assert "cannot be restored" in cache_lines(kit)[0]
    assert kit.output() == ["1"]


def test_a_spoilt_index_is_no_cache(kit: Kit) -> None:
    spec = cached({"paths": ["deps/*"]}, COUNT)
    kit.build(spec)
    for index in (kit.folder / "state" / "caches").iterdir():
        index.write_text("[]")
    kit.build(spec)
    assert kit.output() == ["1"]


def test_absolute_paths_are_left_alone(kit: Kit) -> None:
    kit.build(cached({"paths": ["/nowhere/.m2/**/*"]}, "true"))
    assert "greenroom: cache: /nowhere/.m2/**/* is this machine's own folder" in cache_lines(kit)


def test_hash_files_as_a_program_says_what_the_key_says(kit: Kit) -> None:
    files = {"a.lock": "one", "sub/b.lock": "two\n", "sub/c d.lock": "three", "other": "x"}
    kit.commands("codebuild-hash-files '**/*.lock' a.lock", "codebuild-hash-files nothing", files=files)
    pattern, nothing = kit.output()
    for path, text in files.items():
        (kit.folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (kit.folder / "tree" / path).write_text(text)
    assert hashed("$(codebuild-hash-files '**/*.lock' a.lock)", kit.folder / "tree") == pattern
    assert hashed("$(codebuild-hash-files nothing)", kit.folder / "tree") == nothing
    assert (len(pattern), len({pattern, nothing})) == (64, 2)
