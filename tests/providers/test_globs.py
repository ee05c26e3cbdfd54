"""Artifact patterns, held against a naive model."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.providers.codebuild.globs import Glob, expand_braces, find, find_folders

FILES = ("a", ".env", "dir/a", "dir/b.js", "dir/deep/c.js", "dir/deep/er/d", "other/b.js", "x{y}")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("globs")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("**/*", set(FILES)),
        ("**", set(FILES)),
        ("**/", set(FILES)),
        ("*", {"a", ".env", "x{y}"}),
        ("dir/*", {"dir/a", "dir/b.js"}),
        ("dir/**/*", {name for name in FILES if name.startswith("dir/")}),
        ("dir/", {name for name in FILES if name.startswith("dir/")}),
        ("./dir/a", {"dir/a"}),
        ("dir", set()),
        ("**/*.js", {"dir/b.js", "dir/deep/c.js", "other/b.js"}),
        ("**/deep/**", {"dir/deep/c.js", "dir/deep/er/d"}),
        ("{dir,other}/*.js", {"dir/b.js", "other/b.js"}),
        ("{dir/{a,b.js},a}", {"dir/a", "dir/b.js", "a"}),
        ("x{y}", {"x{y}"}),
        ("dir/[ab]*", {"dir/a", "dir/b.js"}),
        ("dir/[!a]*", {"dir/b.js"}),
        ("???", set()),
        ("dir/?", {"dir/a"}),
        ("missing/**/*", set()),
    ],
)
def test_patterns(root: Path, pattern: str, expected: set[str]) -> None:
    assert set(find(root, pattern, follow=True)) == expected


def test_folders(root: Path) -> None:
    assert find_folders(root, "d*") == ["dir"]
    assert find_folders(root, "**/e*") == ["dir/deep/er"]


def test_braces() -> None:
    assert expand_braces("a{b,c{d,e}}f{,g}") == ["abf", "abfg", "acdf", "acdfg", "acef", "acefg"]
    assert expand_braces("{open,") == ["{open,"]


def naive(pattern: list[str], path: list[str]) -> bool:
    """The definition: ``**`` is any number of names, everything else one name by fnmatch."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(naive(pattern[1:], path[at:]) for at in range(len(path) + 1))
    return bool(path) and fnmatch.fnmatchcase(path[0], pattern[0]) and naive(pattern[1:], path[1:])


names = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
steps = st.one_of(st.just("**"), st.text("ab.*?", min_size=1, max_size=3).filter(lambda s: s not in (".", "..", "**")))


@given(st.lists(steps, min_size=1, max_size=4), st.lists(names, min_size=1, max_size=4))
def test_matching_agrees_with_the_definition(pattern: list[str], path: list[str]) -> None:
    assert Glob("/".join(pattern)).matches("/".join(path)) == naive(pattern, path)


@settings(max_examples=30, deadline=None)
@given(st.lists(steps, min_size=1, max_size=3), st.sets(st.lists(names, min_size=1, max_size=3).map(tuple), max_size=8))
def test_finding_agrees_with_matching(
    tmp_path_factory: pytest.TempPathFactory, pattern: list[str], paths: set[tuple[str, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    files = set()
    for path in paths:
        if not any(path[:end] in files for end in range(1, len(path))) and not folder.joinpath(*path).exists():
            folder.joinpath(*path).parent.mkdir(parents=True, exist_ok=True)
            folder.joinpath(*path).touch()
            files.add(path)
    expected = {"/".join(path) for path in files if naive(pattern, list(path))}
    assert set(find(folder, "/".join(pattern), follow=False)) == expected


def test_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "real" / "up").symlink_to("..")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    assert find(tmp_path, "**/*", follow=True) == ["link/file", "real/file"]
    assert find(tmp_path, "**/*", follow=False) == ["broken", "circle", "link", "real/file", "real/up"]
    assert find(tmp_path, "broken", follow=True) == []
