"""What holds for every test."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest
from hypothesis import HealthCheck, settings

# Nobody's own keyring is asked, nor is an account: a test that wants either brings its own.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

# Who is started in the background ignores ctrl+c, and so does all that it starts; tests send that to what they started.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests start the program again and again: it is compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A machine that is slow finds what a fast one does: the same examples, however long they take. Others are found with
# `--hypothesis-profile explore`.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", settings.get_profile("explore"), derandomize=True)
settings.load_profile("house")


RUN = pytest.StashKey[int]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays to the end: the collector need not look at it, and looks as rarely as in the program."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


FEW = 25
"""After so many tests what they left is collected: files and connections that nobody closed hold descriptors."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Nothing has run yet."""
    session.stash[RUN] = 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a test before learned to be a secret is none of this one's: any word may be."""
    if references := sys.modules.get("engine.providers.references"):
        references._learned.clear()


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Whoever looks rarely has to look some time."""
    item.session.stash[RUN] += 1
    if item.session.stash[RUN] % FEW == 0:
        gc.collect()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --rewrite`, with or without a path: all that is written down there is what comes out now."""
    parser.addoption("--rewrite", action="store_true", help="write down anew what samples yield and screens show")


def pytest_configure(config: pytest.Config) -> None:
    """Pictures have an option of their own for it."""
    if config.getoption("--rewrite"):
        config.option.update_snapshots = True


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    """Whether what is expected is to be written down instead of compared."""
    return bool(request.config.getoption("--rewrite"))
