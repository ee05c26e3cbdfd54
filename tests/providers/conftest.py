from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.kit import Kit


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """A workshop in a folder of its own."""
    return Kit(tmp_path)
