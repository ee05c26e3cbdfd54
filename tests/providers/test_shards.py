"""The programs that share tests out among the builds of a fan-out, as shells run them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.providers.codebuild import tools

PROGRAMS = Path(tools.__file__).with_name("programs")
RUN, GLOB = "codebuild-tests-run", "codebuild-glob-search"
PATHS = st.text("aB0_-. é/", min_size=1, max_size=12).map(lambda text: f"t/{text.strip('/. ')}x.py")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs, and one to run them in."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "bin").mkdir()
    (folder / "src").mkdir()
    for name in (RUN, GLOB):
        file = folder / "bin" / name
        file.write_text((PROGRAMS / f"{name}.sh").read_text())
        file.chmod(0o755)
    return folder


def call(bench: Path, program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{bench / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [program, *arguments],
        cwd=bench / "src",
        env={"PATH": path, **environment},
        executable=str(bench / "bin" / program),
        capture_output=True,
        text=True,
        check=False,
    )


def share(bench: Path, shard: int, shards: int, strategy: str, files: list[str]) -> list[str]:
    """The files of one shard, as the test command sees them in the variable."""
    (bench / "src" / "list").write_text("".join(f"{file}\n" for file in files))
    done = call(
        bench,
        RUN,
        "--test-command",
        'printf "%s\\n" "$CODEBUILD_CURRENT_SHARD_FILES"',
        "--files-search=cat list",
        "--sharding-strategy",
        strategy,
        GREENROOM_SHARD=str(shard),
        GREENROOM_SHARDS=str(shards),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def shares(bench: Path, shards: int, strategy: str, files: list[str]) -> list[list[str]]:
    return [share(bench, shard, shards, strategy, files) for shard in range(1, shards + 1)]


FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(files=st.lists(PATHS, max_size=12), shards=st.integers(1, 4), stable=st.booleans())
def test_every_file_goes_to_exactly_one_shard(bench: Path, files: list[str], shards: int, stable: bool) -> None:
    found = shares(bench, shards, "stability" if stable else "equal-distribution", files)
    assert sorted(file for part in found for file in part) == sorted(set(files), key=lambda file: file.encode())
    if not stable:
        assert [file for part in found for file in part] == sorted(set(files), key=lambda file: file.encode())
        assert max(map(len, found)) - min(map(len, found)) <= 1


def test_stability_moves_few_files_and_leaves_no_shard_idle(bench: Path) -> None:
    files = [f"tests/unit/test_{number}.py" for number in range(200)]
    five = shares(bench, 5, "stability", files)
    assert all(len(part) > 20 for part in five)
    more = shares(bench, 5, "stability", [*files, *(f"tests/new/test_{number}.py" for number in range(50))])
    assert all(set(before) <= set(after) for before, after in zip(five, more, strict=True))
    six = shares(bench, 6, "stability", files)
    kept = sum(len(set(before) & set(after)) for before, after in zip(five, six, strict=False))
    assert kept + len(six[5]) == len(files)  # whatever moved went to the new shard


def test_the_files_are_the_last_words_of_the_test_command(bench: Path) -> None:
    (bench / "src" / "list").write_text("a.py\nb c.py\nit's.py\n")
    done = call(bench, RUN, "--test-command", "printf '<%s>'", "--files-search", "cat list; echo a.py; echo")
    assert done.stdout == "<a.py><b c.py><it's.py>"
    assert "shard 1 of 1, 3 of 3 files (equal-distribution)" in done.stderr
    assert call(bench, RUN, "--test-command", "exit 3 #", "--files-search", "cat list").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--test-command", "true"), 2, "--files-search is missing"),
        (("--files-search", "true"), 2, "--test-command is missing"),
        (("--test-command",), 2, "--test-command needs a value"),
        (("--test-comand", "x"), 2, "--test-comand: there are --test-command"),
        (("pytest",), 2, "pytest is no option"),
        (("--test-command", "true", "--files-search", "exit 4"), 2, "--files-search ended with exit status 4"),
        (("--test-command", "false", "--files-search", "true"), 0, "no files, no tests"),
        (
            ("--test-command", "true", "--files-search", "true", "--sharding-strategy", "luck"),
            2,
            "there are equal-distribution and stability",
        ),
    ],
)
def test_what_it_does_not_understand(bench: Path, arguments: tuple[str, ...], status: int, words: str) -> None:
    done = call(bench, RUN, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr


TREE = ("a.js", "src/b.js", "src/deep/c.js", "src/deep/d.ts", "src/[x].js", "src/with blank.js", ".hidden/e.js")


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("**/*.js",), {path for path in TREE if path.endswith(".js")}),
        (("*.js",), {"a.js"}),
        (("src/*.js",), {"src/b.js", "src/[x].js", "src/with blank.js"}),
        (("src/**",), {path for path in TREE if path.startswith("src/")}),
        (("src/**/*.ts", "./a.js", "a.js"), {"src/deep/d.ts", "a.js"}),
        (("**/[bc].{js,ts}",), {"src/b.js", "src/deep/c.js"}),
        (("**/[!abe].js",), {"src/deep/c.js"}),
        (("src/[[]x].js",), {"src/[x].js"}),
        (("src/?.js",), {"src/b.js"}),
        (("/src/b.js",), {"src/b.js"}),
        (("src/deep",), set()),
        (("b+.js", "src/b.j."), set()),
    ],
)
def test_globs(bench: Path, patterns: tuple[str, ...], expected: set[str]) -> None:
    root = bench / "src"
    for path in (*TREE, ".git/a.js"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    done = call(bench, GLOB, *patterns)
    assert done.returncode == 0
    assert done.stdout.splitlines() == sorted(expected)
    assert bool(done.stderr) == (not expected)
