"""Going back brings every file back, whatever was done to it."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.providers.codebuild.checkpoints import Checkpoints

NAMES = st.sampled_from(["a", "b", "d", "d/e", "d/e/f", "g/h"])
DEEDS = st.sampled_from(["write", "append", "remove", "folder", "link", "exec", "replace"])
WORK = st.lists(st.tuples(DEEDS, NAMES, st.text("xyz", max_size=3)), max_size=8)


def do(root: Path, deed: str, name: str, text: str) -> None:
    """What a command may do; what cannot be done is left."""
    place = root / name
    try:
        match deed:
            case "folder":
                place.mkdir(parents=True, exist_ok=True)
            case "remove" if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            case "remove":
                place.unlink(missing_ok=True)
            case "link":
                place.symlink_to(text or "a")
            case "append":
                with place.open("a") as file:
                    file.write(text)
            case "exec":
                place.chmod(place.stat().st_mode ^ 0o100)
            case "replace":
                place.unlink()
                place.write_text(text)
            case _:
                place.write_text(text)
    except OSError:
        return


def seen(root: Path) -> dict[str, object]:
    """Everything there: kind, mode of files, content."""
    found: dict[str, object] = {}
    for place in sorted(root.rglob("*")):
        name = str(place.relative_to(root))
        if place.is_symlink():
            found[name] = ("link", str(place.readlink()))
        elif place.is_dir():
            found[name] = "folder"
        else:
            found[name] = (stat.S_IMODE(place.stat().st_mode), place.read_text())
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(WORK, min_size=2, max_size=4), st.integers(0, 3), st.booleans())
def test_it_is_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[tuple[str, str, str]]], back: int, reread: bool
) -> None:
    folder = tmp_path_factory.mktemp("points")
    root = folder / "work"
    root.mkdir()
    points = Checkpoints(folder / "kept", (root,), 9)
    points.begin()
    states = []
    for number, work in enumerate(steps):
        for deed in work:
            do(root, *deed)
        points.take(f"BUILD-{number}", first=number == 0)
        states.append(seen(root))
    for deed in steps[0]:
        do(root, *deed)
    chosen = back % len(states)
    if reread:
        points.save()
        points = Checkpoints(folder / "kept", (root,), 9)
        points.go_on()
    points.restore(f"BUILD-{chosen}")
    assert seen(root) == states[chosen]
    points.take("BUILD-9", first=False)
    points.restore(f"BUILD-{len(states) - 1}")
    assert seen(root) == states[-1]
