from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.kit import Kit
from tests.runners.docker_kit import Engine, engine_here


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that answers here, and an image in it; without one the test is skipped."""
    return engine_here()


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """A workshop in a folder of its own."""
    return Kit(tmp_path)
