"""A project to watch."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from engine._watching import loss, observer, poller
from engine.watch import Watch
from tests.watch.reader import Reader

Follow = Callable[..., Awaitable[Reader]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "main.py").write_text("1")
    (root / "node_modules" / "left-pad").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".greenroom").mkdir()
    return root


def ignored(path: Path) -> bool:
    return "node_modules" in path.parts


@pytest.fixture
async def follow(root: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Follow]:
    """Start a watch on the project; more roots, files and settings may be given.

    A machine that lets these tests stand still for a while is no finding: test_loss has that, in a time of its own.
    What spares the machine is shorter, so that nobody waits for it.
    """
    monkeypatch.setattr(loss, "STALLED", math.inf)
    monkeypatch.setattr(loss, "APART", 0.05)
    monkeypatch.setattr(poller, "_PAUSE", 0.02)
    monkeypatch.setattr(observer, "_IDLE", 0.02)
    readers: list[Reader] = []

    async def start(*extra: Path, corner: bool = True, **options: Any) -> Reader:
        options.setdefault("ignored", ignored)
        options.setdefault("roots", {"Source": root})
        options["corner"] = root / ".greenroom" / "watch" if corner else None
        reader = Reader(Watch(extra_files=extra, **options), root)
        readers.append(reader)
        await reader.rescanned()
        return reader

    yield start
    for reader in readers:
        reader.watch.close()
