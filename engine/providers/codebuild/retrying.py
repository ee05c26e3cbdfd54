"""Whether an error matches the pattern of `on-failure: RETRY-…`, within a time that no pattern can stretch."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys

from engine.providers.buildspec.patterns import NotGo, in_python

PATIENCE = 2.0
"""Seconds that a pattern gets. Go's patterns need no limit; Python's, which stand in for them, may take for ever."""
_LONGEST = 1 << 16
_REPEATING = re.compile(r"[*+?{]")
_PROGRAM = (
    "import json,re,sys;p,t=json.load(sys.stdin);sys.exit(0 if re.search(p,t,re.ASCII) else 9)"  # 1 is an error's
)
_NO_MATCH = 9


@functools.lru_cache(32)
def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern is found in the text; None where it takes too long to tell. May block for `PATIENCE`.

    A pattern that has no counterpart in Python matches everything: then any error is retried.
    """
    try:
        translated = in_python(pattern)
    except NotGo:
        return False  # the reader has refused it
    if not translated:
        return True
    text = text[:_LONGEST]
    if not _REPEATING.search(translated):  # without repetition it takes no time
        return re.search(translated, text, re.ASCII) is not None
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps([translated, text]),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0 if done.returncode in (0, _NO_MATCH) else None
