"""The wheel carries all that the program needs, and nothing that it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

REPOSITORY = Path(__file__).parents[2]

pytest.importorskip("hatchling", reason="the wheel is built with hatchling; .ci/setup installs it")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of a wheel built just now."""
    place = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = place.glob("*.whl")
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def carried(below: str) -> set[str]:
    """The published files below a folder of the repository, relative to it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", below], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return {
        name.removeprefix(f"{below}/") for name in listing.stdout.split("\0") if name and (REPOSITORY / name).exists()
    }


def test_the_samples_travel_whole(names: set[str]) -> None:
    assert {f"tui/_data/samples/{name}" for name in carried("sample-pipelines")} <= names


def test_the_themes_travel(names: set[str]) -> None:
    assert carried("themes")
    assert {f"tui/_data/themes/{name}" for name in carried("themes")} <= names


def test_the_programs_of_builds_travel(names: set[str]) -> None:
    place = "engine/providers/codebuild/programs"
    assert "docker.sh" in carried(place)
    assert {f"{place}/{name}" for name in carried(place)} <= names


def test_both_packages_are_typed(names: set[str]) -> None:
    assert {"engine/py.typed", "tui/py.typed"} <= names


def test_tests_stay_at_home(names: set[str]) -> None:
    assert not {name for name in names if name.startswith(("tests/", "benchmarks/"))}


def test_no_leftovers_of_running_travel(names: set[str]) -> None:
    assert not {name for name in names if "__pycache__" in name or ".greenroom/" in name}
