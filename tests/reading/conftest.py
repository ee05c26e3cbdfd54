"""Definitions for the tests of reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.reading.definition import Loaded, load_text

Reader = Callable[..., Loaded]


@pytest.fixture
def read() -> Reader:
    """Load a text as if it were a file."""

    def read(text: str, name: str = "pipeline.yaml") -> Loaded:
        return load_text(text, Path("project") / name)

    return read
