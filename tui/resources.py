"""Where the program's own files are: beside the code in an installed wheel, at the top of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The directory of ``themes`` or ``samples``. Raises `FileNotFoundError` where the installation is broken."""
    checkout = {"themes": "themes", "samples": "sample-pipelines"}.get(name, name)
    for candidate in (_HERE / "_data" / name, _HERE.parent / checkout):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"greenroom's {name} are missing beside {_HERE}: install it again")


def user_directory() -> Path:
    """The person's own settings: ``$XDG_CONFIG_HOME/greenroom``."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "greenroom"
