"""Samples copied to a place of their own, and what they must yield."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/samples --rewrite-expected` writes down what the samples yield now."""
    parser.addoption("--rewrite-expected", action="store_true", help="write tests/samples/expected anew")


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    """Whether what is expected is to be written down instead of compared."""
    return bool(request.config.getoption("--rewrite-expected", default=False))
