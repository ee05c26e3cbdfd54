"""What is published names no machine, no download address, and leaves nothing half done."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
HALF_DONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
HOME = re.compile(r"(?<![\w.~$-])/(?:work|root|home/\w+)/(?!\.m2)")
ADDRESS = re.compile(r"\b\w+://[\w.-]+\.\w+")


def published(*below: str) -> list[Path]:
    """The text files that git would publish below these places."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *below],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    files = (REPOSITORY / name for name in listing.stdout.split("\0") if name)
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:1024]]


def found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Every hit as ``file:line: text``."""
    return [
        f"{file.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_is_left_half_done() -> None:
    sources = [file for file in published("engine", "tui", "benchmarks", "docs", ".ci") if file.suffix != ".svg"]
    assert found(HALF_DONE, sources) == []


def test_no_path_of_somebodys_machine() -> None:
    ours = published("engine", "tui", "benchmarks", "docs", ".ci", "sample-pipelines", "README.md", "CONTRIBUTING.md")
    assert found(HOME, ours) == []


def test_what_installs_names_no_address() -> None:
    assert found(ADDRESS, published(".ci", "constraints.txt", "pyproject.toml", "benchmarks")) == []
