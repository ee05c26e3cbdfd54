"""A store and a source directory of the test's own, and a git that knows nobody's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.artifacts.store import Store

settings.register_profile("artifacts", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("artifacts")


@pytest.fixture(autouse=True)
def own_git(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without git settings."""
    home = tmp_path_factory.mktemp("home")
    for name, value in {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A. Thor",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "C. Mitter",
        "GIT_COMMITTER_EMAIL": "c@example.org",
    }.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / "source"
    directory.mkdir()
    return directory


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for one example of a property: in memory where that is possible, there are thousands."""
    memory = Path("/dev/shm")
    top = tempfile.mkdtemp(prefix="greenroom-", dir=memory if os.access(memory, os.W_OK) else None)
    try:
        yield Path(top)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def git(directory: Path, *arguments: str) -> str:
    """Run git; its output."""
    done = subprocess.run(["git", "-C", str(directory), *arguments], check=True, capture_output=True)
    return done.stdout.decode(errors="surrogateescape")


def git_init(directory: Path) -> None:
    """An empty repository on the branch main."""
    git(directory, "init", "-q", "-b", "main")


def write(root: Path, files: dict[str, str | bytes]) -> None:
    """Files by path; directories come along."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
