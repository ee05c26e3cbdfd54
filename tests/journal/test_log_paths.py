"""Log files: names that stay inside, and a cap that spares what is in use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.journal.logs import log_path, prune_logs, safe_name

STATE = Path("/p/.greenroom")


def test_ordinary_names_stay_legible() -> None:
    path = log_path(STATE, "shop", 12, "Build_it", "unit-tests@2", 1)
    assert path == STATE / "logs/shop/12/Build_it.unit-tests@2.1.log"


@pytest.mark.parametrize("name", ["", ".", "..", "../../etc", "a/b", "a\0b", "a\nb", "é", "x" * 300, "\ud800"])
def test_hostile_names_are_one_plain_path_part(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..")
    assert "/" not in safe
    assert safe.isascii()
    assert safe.isprintable()
    assert len(safe) <= 100


@given(st.lists(st.tuples(*[st.text("ab.~_/é", max_size=6)] * 3), min_size=2, max_size=12, unique=True))
def test_no_two_actions_share_a_file(names: list[tuple[str, str, str]]) -> None:
    paths = {log_path(STATE, pipeline, 1, stage, action, 1) for pipeline, stage, action in names}
    assert len(paths) == len(names)
    assert all(path.is_relative_to(STATE / "logs") and ".." not in path.parts for path in paths)


def write(path: Path, size: int, age: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def test_the_oldest_logs_go_first(tmp_path: Path) -> None:
    logs = [write(log_path(tmp_path, "shop", n, "Build", "compile", 1), 100, age=10 - n) for n in range(4)]
    other = write(tmp_path / "journal.db", 10_000, age=100)
    assert prune_logs(tmp_path, 250) == logs[:2]
    assert [path.exists() for path in (*logs, other)] == [False, False, True, True, True]
    assert not logs[0].parent.exists()
    assert prune_logs(tmp_path, 250) == []


def test_what_is_kept_is_kept_beyond_the_cap(tmp_path: Path) -> None:
    old, new = (write(log_path(tmp_path, "shop", n, "Build", "compile", 1), 100, age=-n) for n in (1, 2))
    assert prune_logs(tmp_path, 0, keep=[old]) == [new]
    assert old.exists()


def test_links_are_removed_never_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "precious" / "file", 100, age=0)
    logs = tmp_path / "state" / "logs"
    logs.mkdir(parents=True)
    (logs / "out").symlink_to(outside.parent)
    prune_logs(tmp_path / "state", 0)
    assert outside.exists()
    assert not (logs / "out").exists()


def test_no_logs_yet(tmp_path: Path) -> None:
    assert prune_logs(tmp_path, 0) == []
