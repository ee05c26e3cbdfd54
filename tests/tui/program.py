"""The app on a fake engine as a program of its own, for tests on a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tui import script as scripts
from tests.tui.fake_link import FakeLink
from tui.app import run


def main() -> int:
    """``program.py SCRIPT DIRECTORY``."""
    story = getattr(scripts, sys.argv[1])()
    return run(lambda: FakeLink(story, Path(sys.argv[2])), title="opening")


if __name__ == "__main__":
    sys.exit(main())
