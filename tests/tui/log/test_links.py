"""Places that logs name, and the files they mean."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.log.ansi import runs
from tui.log.links import Link, line_of, link_lines, links
from tui.log.places import Places

FILES = [
    "src/a.py",
    "src/a.ts",
    "src/main.rs",
    "src/x.test.js",
    "main.go",
    "a.c",
    "tests/test_x.py",
    "x.php",
    "Makefile",
]
JAVA = "src/main/java/com/acme/Foo.java"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for name in [*FILES, JAVA]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x\n\nclass TestA:\n    def test_b(self):\n        pass\n")
    return root


def found(text: str, places: Places, above: str = "") -> list[Link]:
    shown = runs(text)
    return [*links("".join(run.text for run in shown), shown, places.find, lambda _: above)]


@pytest.mark.parametrize(
    ("text", "linked", "file", "line"),
    [
        ('  File "src/a.py", line 12, in f', 'src/a.py", line 12', "src/a.py", 12),
        ("a.c:12:3: error: expected ;", "a.c:12:3", "a.c", 12),
        ("src/a.ts(12,3): error TS2304: Cannot find", "src/a.ts(12,3", "src/a.ts", 12),
        ("src/a.ts:12:3 - error TS2304", "src/a.ts:12:3", "src/a.ts", 12),
        ("tests/test_x.py:12: AssertionError", "tests/test_x.py:12", "tests/test_x.py", 12),
        ("FAILED tests/test_x.py::TestA::test_b - x", "tests/test_x.py::TestA::test_b", "tests/test_x.py", 0),
        ("    at Object.<anonymous> (src/x.test.js:12:3)", "src/x.test.js:12:3", "src/x.test.js", 12),
        ("  --> src/main.rs:3:5", "src/main.rs:3:5", "src/main.rs", 3),
        ("thread 'main' panicked at src/main.rs:3:5:", "src/main.rs:3:5", "src/main.rs", 3),
        ("./main.go:3:5: undefined: x", "./main.go:3:5", "main.go", 3),
        ("\tat com.acme.Foo.bar(Foo.java:12)", "Foo.java:12", JAVA, 12),
        (f"[ERROR] {JAVA}:[12,5] cannot find symbol", f"{JAVA}:[12,5", JAVA, 12),
        ("PHP Fatal error: x in x.php on line 3", "x.php on line 3", "x.php", 3),
        ("make: *** [Makefile:7: all] Error 1", "Makefile:7", "Makefile", 7),
        ("\x1b[1msrc/a.py\x1b[0m:\x1b[33m4\x1b[0m", "src/a.py:4", "src/a.py", 4),
    ],
)
def test_what_tools_print(source: Path, text: str, linked: str, file: str, line: int) -> None:
    shown = "".join(run.text for run in runs(text))
    links_found = found(text, Places((source,)))
    assert [(shown[link.start : link.end], link.file, link.line) for link in links_found] == [
        (linked, source / file, line)
    ]
    assert link_lines(Places((source,)).find)(text.encode()) != []


def test_a_linter_names_the_file_once(source: Path) -> None:
    places = Places((source,))
    [header] = found("src/a.ts", places)
    assert (header.file, header.line) == (source / "src/a.ts", 0)
    [finding] = found("  12:3  error  Missing semicolon  semi", places, above="src/a.ts")
    assert (finding.file, finding.line) == (source / "src/a.ts", 12)
    assert found("  12:3  error  Missing semicolon  semi", places, above="nothing") == []


@pytest.mark.parametrize("text", ["12:30:45 done", "missing.py:12: x", "worker-1:2", "a:1", "x (3)", "::1:22"])
def test_what_only_looks_like_a_place(source: Path, text: str) -> None:
    assert found(text, Places((source,))) == []


def test_a_path_in_the_builds_folder_means_the_file_one_edits(source: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "work" / "Build" / "Unit"
    (workspace / "build" / "src" / "gen").mkdir(parents=True)
    (workspace / "build" / "src" / "gen" / "made.py").write_text("")
    places = Places((source,), workspace)
    assert places.find(f"{workspace}/build/src/src/a.py") == source / "src/a.py"
    assert places.find(f"{workspace}/inputs/App/src/a.py") == source / "src/a.py"
    assert places.find("/codebuild/output/src123/src/src/a.py") == source / "src/a.py"
    assert places.find("/codebuild/output/src123/src/src/none.py") is None
    made = workspace / "build" / "src" / "gen" / "made.py"
    assert places.find("gen/made.py") == places.find(str(made)) == made
    assert places.find(str(source / "a.c")) == source / "a.c"
    for odd in ("", ".", "..", "../source/a.c", "\0", "a" * 5000, "/", "~nobody/x", "src"):
        assert places.find(odd) is None


def test_addresses_and_hyperlinks(source: Path) -> None:
    places = Places((source,))
    [address] = found("see https://example.org/a(b)?c=1).", places)
    assert address.url == "https://example.org/a(b)?c=1"
    osc = "\x1b]8;id=1;https://example.org/\x1b\\docs\x1b]8;;\x1b\\ or \x1b]8;;file://host{0}#L7\x07here\x1b]8;;\x07"
    docs, here = found(osc.format(source / "a.c"), places)
    assert (docs.start, docs.end, docs.url) == (0, 4, "https://example.org/")
    assert (here.file, here.line) == (source / "a.c", 7)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ssh://x", "http://a b", "http://ü", "data:text/html,x", "https://x\ty", "file:x"]
)
def test_other_schemes_and_characters_are_no_link(url: str) -> None:
    assert found(f"\x1b]8;;{url}\x1b\\text\x1b]8;;\x1b\\", Places()) == []


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["a.py:1", "(", "://", "https://", "\x1b]8;;http://x\x07", "::x", " ", '"'])).map(
        "".join
    )
)
def test_links_are_in_order_and_apart(text: str) -> None:
    shown = runs(text)
    plain = "".join(run.text for run in shown)
    spans = [(link.start, link.end) for link in links(plain, shown, Path, lambda _: "")]
    assert all(0 <= start < end <= len(plain) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


def test_where_a_test_stands(source: Path) -> None:
    assert line_of(source / "tests/test_x.py", "TestA::test_b") == 4
    assert line_of(source / "tests/test_x.py", "test_c") == line_of(source / "absent", "x") == 0
