"""`.env` and `.secrets`: ``KEY=VALUE`` lines as shells and other tools have them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from engine.model.diagnostics import Diagnostic, Severity
from engine.reading.problem import Place, Unreadable
from engine.reading.source import Source, read_text

_NAME = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'', re.DOTALL)
_BLANK = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\n|$))+")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")


def load_env(file: Path) -> dict[str, str]:
    """The variables of the file, in its order; of a missing file none. Lines that make no sense are left out."""
    return read_env(file)[0]


def read_env(file: Path) -> tuple[dict[str, str], list[Diagnostic]]:
    """The variables, and the lines that make no sense.

    Quotes may span lines; double ones know ``\\n``, ``\\t``, ``\\"`` and ``\\\\``, single ones nothing. Outside of
    quotes a blank and a ``#`` start a comment. Nothing is substituted: ``$NAME`` stays as it is.
    """
    if not file.exists():
        return {}, []
    try:
        text = read_text(file).replace("\r\n", "\n")
    except Unreadable as verdict:
        return {}, [Source(file, "").reject(verdict)]
    return _parse(text, Source(file, text))


def write_env(file: Path, name: str, value: str) -> None:
    """Give a variable a value in the file, in place of the one it has, or at the end. A new file is the user's alone.

    Raises `OSError`.
    """
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    draft = file.with_name(f"{file.name}.new")
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor, not a path
        stream.write(with_value(text, name, value))
    draft.replace(file)


def with_value(text: str, name: str, value: str) -> str:
    """The text of such a file in which a variable has this value."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
    line = f'{name}="{escaped}"\n'
    kept, at, written = "", 0, False
    while at < len(text):
        match = None if _BLANK.match(text, at) else _NAME.match(text, at)
        blank = _BLANK.match(text, at)
        end = blank.end() if blank and blank.end() > at else _value(text, match.end())[1] if match else _end(text, at)
        if match is not None and match[1] == name:
            kept, written = kept + ("" if written else line), True
        else:
            kept += text[at:end]
        at = end
    if written:
        return kept
    return kept + ("" if not kept or kept.endswith("\n") else "\n") + line


def _parse(text: str, source: Source) -> tuple[dict[str, str], list[Diagnostic]]:
    found: dict[str, str] = {}
    problems: list[Diagnostic] = []
    at = 0
    while at < len(text):
        if (blank := _BLANK.match(text, at)) and blank.end() > at:
            at = blank.end()
            continue
        name = _NAME.match(text, at)
        if name is None:
            problems.append(_complain(source, text, at, "neither NAME=VALUE nor a comment"))
            at = _end(text, at)
            continue
        value, end = _value(text, name.end())
        if value is None:
            problems.append(_complain(source, text, at, "a quote is not closed"))
        else:
            found[name[1]] = value
        at = end
    return found, problems


def _value(text: str, at: int) -> tuple[str | None, int]:
    """The value that starts at `at` and where its line ends; None for an open quote."""
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        double, single = quoted.groups()
        value = single if double is None else re.sub(r"\\(.)", _unescape, double, flags=re.DOTALL)
        return value, _end(text, quoted.end())
    end = _end(text, at)
    if text[at : at + 1] in ('"', "'"):
        return None, end
    return _COMMENT.sub("", text[at:end].rstrip("\n")).strip(), end


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[1] if match[1] in '"\\$`' else match[0])


def _end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _complain(source: Source, text: str, at: int, message: str) -> Diagnostic:
    # The line's text stays out: it may hold a secret.
    place = Place(text.count("\n", 0, at) + 1, 1)
    return Diagnostic("GR406", message, "write NAME=value", Severity.WARNING, source.file, place.line, place.column)
