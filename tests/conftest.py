"""What holds for every test."""

from __future__ import annotations

import gc
import os

import pytest

# Nobody's own keyring is asked, nor is an account: a test that wants either brings its own.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
