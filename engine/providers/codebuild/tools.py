"""Programs of greenroom's own that a build finds first on its PATH, on this machine and in containers alike.

A program is a text for ``/bin/sh``: nothing else is sure to be in an image. It may only count on variables of the build
and on the build's folders, which are the same in both places.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.providers.codebuild.plan import Plan

_USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # of an image that sets none


def programs(plan: Plan) -> dict[str, str]:
    """Name and text of each program that a build of this plan gets."""
    return {}


def laid(folder: Path, tools: Mapping[str, str], path: str) -> dict[str, str]:
    """Write the programs into a folder of their own. Returns the variables that make a build find them first."""
    for old in folder.glob("*"):
        old.unlink()
    if not tools:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tools.items():
        file = folder / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
    return {"PATH": f"{folder}:{path or _USUAL_PATH}"}
