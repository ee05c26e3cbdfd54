"""Which lines tell of an error, for `next error` and for colour."""

from __future__ import annotations

import re

from tui.log.shown import as_shown

# Each alternative begins where one of the hints below begins or contains it; test_errors checks that.
_ERROR = r"""
    (?:[Ee]rror|ERROR|Exception)(?:\[\w+\]|\ [A-Z]{1,4}\d+)?(?::|$)   # error:  TypeError:  error[E0308]:  error TS2304:
  | \b(?:ERROR|FATAL|CRITICAL)\b
  | \bFAIL(?:ED|URE)?\b                                               # FAILED tests/..., --- FAIL:, State: FAILED
  | \b(?:fatal|panic):
  | Traceback\ \(most\ recent
  | \bexit(?:ed\ with)?\ (?:status|code):?\ [1-9]
  | ✘
  | \bnpm\ (?:ERR!|error)
  | Command\ did\ not\ exit\ successfully
  | Segmentation\ fault
  | :\ (?:command\ )?not\ found$
"""
_HINT = "rror|ERR|xception|FA|CRITICAL|fatal|panic|raceback|exit|✘|npm e|not (?:exit|found)|Segm"

_error = re.compile(_ERROR, re.VERBOSE | re.ASCII)
_error_bytes = re.compile(_ERROR.encode(), re.VERBOSE)
_hint = re.compile(_HINT)
_hint_bytes = re.compile(_HINT.encode())
_warning = re.compile(r"(?:[Ww]arning|WARN(?:ING)?)\b")


def is_error(text: str) -> bool:
    """Whether a shown line tells of an error."""
    return _hint.search(text) is not None and _error.search(text) is not None


def is_warning(text: str) -> bool:
    """Whether a shown line warns."""
    # Without a fixed beginning the expression tries every character; these two look-ups are all but free.
    return ("arning" in text or "WARN" in text) and _warning.search(text) is not None


def _error_lines(data: bytes) -> list[int]:
    """Where the lines that tell of an error begin to do so, one position a line.

    The cheap hint finds candidates at some 150 MB/s; only their lines meet the full expression, at a tenth of that.
    """
    found, at = [], 0
    while (hint := _hint_bytes.search(data, at)) is not None:
        start = data.rfind(b"\n", 0, hint.start()) + 1
        end = data.find(b"\n", hint.end())
        end = len(data) if end < 0 else end
        if match := _error_bytes.search(data[start:end].rstrip(b"\r")):
            found.append(start + match.start())
        at = end
    return found


error_lines = as_shown(_error_lines)
"""Where the lines that tell of an error begin to do so, one position a line."""
