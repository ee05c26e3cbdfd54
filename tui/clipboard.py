"""The desktop's own clipboard, for terminals that do not pass on OSC 52."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping

PATIENCE = 2.0


def command(environ: Mapping[str, str], platform: str = sys.platform) -> list[str] | None:
    """The program that sets the clipboard here; None without a desktop, as over SSH."""
    candidates: list[list[str]] = []
    if platform == "darwin":
        candidates.append(["pbcopy"])
    if environ.get("WAYLAND_DISPLAY"):
        candidates.append(["wl-copy"])
    if environ.get("DISPLAY"):
        candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((found for found in candidates if shutil.which(found[0])), None)


def copy(text: str) -> None:
    """Hands the text over in the background, if there is anybody to take it."""
    found = command(os.environ)
    if found is not None:
        threading.Thread(target=_pipe, args=(found, text), name="clipboard", daemon=True).start()


def _pipe(found: list[str], text: str) -> None:
    try:
        # They stay behind to serve the clipboard: an inherited output would keep our terminal or pipe open.
        subprocess.run(
            found,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return  # OSC 52 has been sent as well
