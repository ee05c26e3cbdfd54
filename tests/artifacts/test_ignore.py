"""What git ignores, we ignore: checked against git itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.artifacts import ignore
from engine.artifacts.ignore import Rules
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store

from .conftest import git, git_init, scratch, write


def listed(directory: Path) -> set[str]:
    """What git says belongs here; names that are listed twice or gone from disk are dropped."""
    paths = git(directory, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    return {path for path in paths if path and os.path.lexists(directory / path)}


def snapshot(directory: Path, store: Store) -> set[str]:
    tree = Snapshotter(directory, store).scan()
    return {entry.path for entry in store.walk(tree)}


NAMES = st.sampled_from(
    ["a", "b", "ab", "abc", "a.b", "x.log", "foo", "bar", "build", "é", " a", "a ", "#a", "!a", "[a]"]
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PIECES = st.sampled_from(
    ["a", "b", "ab", "foo", "build", "*", "**", "?", "/", "/", "*.b", "*.log", "x.log", "***", "é", ".", "#", "!", " "]  # noqa: RUF005
    + ["[ab]", "[!a]", "[a-c]", "[[:alpha:]]", "[]a]", "[a", "[^b]", "[a-]", "\\a", "\\*", "\\", "\\ "]
)
PATTERN = st.builds(
    lambda bang, body, tail: bang + "".join(body) + tail,
    st.sampled_from(["", "", "", "!", "/", "**/", "!/", "\\!", "\\#", "#"]),
    st.lists(PIECES, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", "/**", "/*", " ", "\\ ", "\r"]),
)
RULES = st.lists(PATTERN, max_size=5).map(lambda lines: "\n".join(lines) + "\n")


@settings(max_examples=60)
@given(
    files=st.sets(PATHS, min_size=1, max_size=12),
    rules=st.dictionaries(st.sampled_from(["", "a/", "foo/", "a/b/", "build/"]), RULES, max_size=3),
    exclude=RULES,
    own=RULES,
    tracked=st.integers(0, 4),
)
def test_the_snapshot_holds_what_git_lists(
    files: set[str], rules: dict[str, str], exclude: str, own: str, tracked: int
) -> None:
    with scratch() as top:
        source = top / "source"
        source.mkdir()
        git_init(source)
        plant(source, files)
        (source / ".git/info/exclude").write_text(exclude)
        Path(os.environ["XDG_CONFIG_HOME"], "git").mkdir(parents=True, exist_ok=True)
        Path(os.environ["XDG_CONFIG_HOME"], "git/ignore").write_text(own)
        kept = [":(literal)" + path for path in sorted(files) if (source / path).is_file()][:tracked]
        if kept:
            git(source, "add", "-f", "--", *kept)
        for directory, text in rules.items():
            if (source / directory).is_dir():
                (source / directory / ".gitignore").write_text(text)
        store = Store(top / "store")
        assert snapshot(source, store) == listed(source)
        store.close()


def plant(source: Path, files: set[str]) -> None:
    """Create the files that can exist together."""
    for path in sorted(files):
        target = source / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_dir():
                target.write_text(path)
        except (FileExistsError, NotADirectoryError):
            continue


@pytest.mark.parametrize(
    ("pattern", "path", "is_directory", "ignored"),
    [
        ("*.log", "x.log", False, True),
        ("*.log\n!x.log", "x.log", False, False),
        ("build/", "build", False, False),
        ("build/", "build", True, True),
        ("/a", "b/a", False, False),
        ("/a", "a", False, True),
        ("a/b", "c/a/b", False, False),
        ("**/b", "c/a/b", False, True),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("a/**", "a/x", False, True),
        ("foo**/bar", "foobar", False, True),  # behind a literal beginning, ** stands at a start
        ("a ", "a", False, True),
        ("a\\ ", "a ", False, True),
        ("\\#a", "#a", False, True),
        ("#a", "#a", False, False),
        ("[a-c]x", "bx", False, True),
        ("[!a-c]x", "bx", False, False),
        ("a[", "a[", False, False),
        ("?", "é", False, False),
        ("??", "é", False, True),
        ("a\r\n", "a", False, True),
        ("\xef\xbb\xbfa", "a", False, True),
    ],
)
def test_single_patterns(pattern: str, path: str, is_directory: bool, ignored: bool) -> None:
    rules = Rules.of(ignore.parse(pattern.encode("latin-1") if pattern.startswith("\xef") else pattern.encode()))
    *above, name = path.split("/")
    for part in above:
        rules = rules.below(part)
    assert rules.ignored(name, is_directory) is ignored


def test_directories_without_rules_of_their_own_share_one_object() -> None:
    rules = Rules.of(ignore.parse(b"*.log\n/dist\n/docs/*.html\n"))
    source = rules.below("src")
    assert source is rules.below("lib").below("deep") or source is source.below("x")
    assert source.below("x") is source
    assert rules.below("docs") is not source


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_tracked_files_stay_though_ignored(version: str, source: Path, store: Store) -> None:
    git_init(source)
    git(source, "config", "index.version", version)
    write(source, {"dist/keep.js": "k", "dist/drop.js": "d", "x.log": "1", "src/" + "n" * 200 + "/m.py": "m"})
    git(source, "add", "-f", "dist/keep.js", "x.log", "src")
    git(source, "update-index", "--index-version", version)
    if version == "3":
        write(source, {"later": "l"})
        git(source, "add", "-N", "later")
    write(source, {".gitignore": "dist/\n*.log\n", "y.log": "2"})
    assert snapshot(source, store) == listed(source) >= {"dist/keep.js", "x.log"}


@pytest.mark.parametrize("setting", ["split", "sha256"])
def test_unusual_indexes(setting: str, source: Path, store: Store) -> None:
    git(source, "init", "-q", *(["--object-format=sha256"] if setting == "sha256" else []))
    write(source, {"a.log": "1", "b": "2", ".gitignore": "*.log\n"})
    if setting == "split":
        git(source, "config", "core.splitIndex", "true")
    git(source, "add", "-f", "a.log", "b")
    write(source, {"c.log": "3"})
    assert snapshot(source, store) == listed(source) == {"a.log", "b", ".gitignore"}


def test_an_index_change_is_noticed_by_an_update(source: Path, store: Store) -> None:
    git_init(source)
    write(source, {"x.log": "1", ".gitignore": "*.log\n"})
    snapshotter = Snapshotter(source, store)
    snapshotter.scan()
    git(source, "add", "-f", "x.log")
    assert {e.path for e in store.walk(snapshotter.update([]))} == {"x.log", ".gitignore"}
    git(source, "rm", "-q", "--cached", "x.log")
    assert {e.path for e in store.walk(snapshotter.update([]))} == {".gitignore"}


def test_rules_above_the_source_reach_it(tmp_path: Path, store: Store) -> None:
    git_init(tmp_path)
    write(tmp_path, {".gitignore": "*.log\n/app/gen/\n", "app/.gitignore": "!keep.log\n"})
    write(tmp_path, {f"app/{name}": "x" for name in ("a.log", "keep.log", "gen/x", "src/gen/y")})
    assert snapshot(tmp_path / "app", store) == listed(tmp_path / "app") == {".gitignore", "keep.log", "src/gen/y"}


def test_a_source_inside_an_ignored_directory_is_read(tmp_path: Path, store: Store) -> None:
    git_init(tmp_path)
    write(tmp_path, {".gitignore": "/scratch/\n*.py\n", "scratch/app/main.py": "x", "scratch/app/.gitignore": "*.o\n"})
    write(tmp_path, {"scratch/app/a.o": "o"})
    assert snapshot(tmp_path / "scratch/app", store) == {"main.py", ".gitignore"}


def test_without_a_repository_gitignore_still_counts(source: Path, store: Store) -> None:
    write(source, {".gitignore": "*.log\n", "a.log": "", "b/.gitignore": "!c.log\nd\n", "b/c.log": "", "b/d": ""})
    assert snapshot(source, store) == {".gitignore", "b/.gitignore", "b/c.log"}


def test_settings_that_change_from_outside_are_noticed_by_an_update(own_git: Path, source: Path, store: Store) -> None:
    write(source, {"a.tmp": "", "b.swp": "", "c": ""})
    snapshotter = Snapshotter(source, store)
    snapshotter.scan()
    git_init(source)
    (source / ".git/info/exclude").write_text("*.tmp\n")
    assert {e.path for e in store.walk(snapshotter.update([]))} == {"b.swp", "c"}
    write(own_git, {".config/git/ignore": "*.swp\n"})
    assert {e.path for e in store.walk(snapshotter.update([]))} == listed(source) == {"c"}


def test_repositories_inside_are_in_under_their_own_rules(source: Path, store: Store) -> None:
    git_init(source)
    write(
        source, {".gitignore": "*.log\n", "sub/.gitignore": "*.o\n", "sub/a.o": "", "sub/a.log": "", "sub/kept.o": ""}
    )
    git_init(source / "sub")
    git(source / "sub", "add", "-f", "kept.o")
    assert snapshot(source, store) == {".gitignore", "sub/.gitignore", "sub/a.log", "sub/kept.o"}


def test_a_linked_worktree_uses_the_common_exclude_file(tmp_path: Path, store: Store) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    main.mkdir()
    git_init(main)
    write(main, {"a": "a"})
    git(main, "add", "a")
    git(main, "commit", "-qm", "one")
    git(main, "worktree", "add", "-q", str(linked))
    (main / ".git/info/exclude").write_text("*.tmp\n")
    write(linked, {"x.tmp": "", "y": ""})
    assert snapshot(linked, store) == listed(linked) == {"a", "y"}


def test_the_users_own_excludes_come_from_the_settings(own_git: Path, source: Path, store: Store) -> None:
    (own_git / ".gitconfig").write_text("[include]\n\tpath = more\n[core] ; note\n\tignoreCase = false # x\n")
    (own_git / "more").write_text('[core]\n\texcludesFile = "~/my ignores"\n')
    (own_git / "my ignores").write_text("*.swp\n")
    git_init(source)
    write(source, {"a.swp": "", "b": ""})
    assert snapshot(source, store) == listed(source) == {"b"}


def test_ignore_case_follows_the_setting(source: Path, store: Store) -> None:
    git_init(source)
    git(source, "config", "core.ignorecase", "true")
    write(source, {".gitignore": "*.LOG\nBuild/\n/Doc/X\n", "a.log": "", "build/x": "", "doc/x": "", "c": ""})
    assert snapshot(source, store) == listed(source) == {".gitignore", "c"}


def test_a_linked_gitignore_is_not_followed(source: Path, store: Store) -> None:
    git_init(source)
    write(source, {"rules": "*.log\n", "a.log": ""})
    (source / ".gitignore").symlink_to("rules")
    assert snapshot(source, store) == listed(source) == {"rules", "a.log", ".gitignore"}


def test_further_excludes_leave_out_tracked_files_too(source: Path, store: Store) -> None:
    git_init(source)
    write(source, {"docs/a.md": "", "docs/b.txt": "", "src/c.md": "", "node_modules/x/y": ""})
    git(source, "add", ".")
    tree = Snapshotter(source, store, exclude=["/docs/*.md", "node_modules/"]).scan()
    assert [entry.path for entry in store.walk(tree)] == ["docs/b.txt", "src/c.md"]


def test_ignored_tells_the_watcher(source: Path, store: Store) -> None:
    git_init(source)
    write(
        source, {".gitignore": "*.log\n/dist/\n", "src/.gitignore": "gen\n", "dist/x": "", "src/gen/y": "", "src/a": ""}
    )
    snapshotter = Snapshotter(source, store)
    for _ in range(2):  # before the first scan and after it
        assert snapshotter.ignored(source / "dist/x")
        assert snapshotter.ignored(source / "src/new/deep/z.log")
        assert snapshotter.ignored(source / ".git/index")
        assert snapshotter.ignored(source.parent / "elsewhere")
        assert not snapshotter.ignored(source / "src/a")
        assert not snapshotter.ignored(source / "src/new/deep/z.py")
        snapshotter.scan()
    assert snapshotter.ignored(source / "src/gen/y")
