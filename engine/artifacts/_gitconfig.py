"""git's settings, as far as ignoring needs them, read without starting git.

Format: https://git-scm.com/docs/git-config (syntax, includes, and which files count).
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

Settings = dict[str, str]

_SECTION = re.compile(r'\[\s*([A-Za-z0-9.-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]\s*(.*)')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}
_DEPTH = 10


def load(local: Path | None, git_directory: Path | None) -> Settings:
    """All settings by lower-case name (a subsection keeps its case), later files over earlier ones."""
    settings: Settings = {}
    for file in (*_global_files(), *([local] if local else [])):
        settings.update(_read(file, git_directory, 0))
    return settings


def excludes_file(settings: Settings) -> Path | None:
    """The user's own ignore file: `core.excludesFile`, or its default place."""
    given = settings.get("core.excludesfile")
    if given is not None:
        return _expand(given) if given else None
    base = _xdg()
    return base / "ignore" if base else None


def files() -> list[Path]:
    """The files whose change may change the settings of every repository."""
    return list(_global_files())


def _global_files() -> Iterator[Path]:
    if os.environ.get("GIT_CONFIG_NOSYSTEM", "") not in ("1", "true", "yes", "on"):
        yield Path(os.environ.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig")
    if given := os.environ.get("GIT_CONFIG_GLOBAL"):
        yield Path(given)
        return
    if base := _xdg():
        yield base / "config"
    if home := os.environ.get("HOME"):
        yield Path(home) / ".gitconfig"


def _xdg() -> Path | None:
    if given := os.environ.get("XDG_CONFIG_HOME"):
        return Path(given) / "git"
    home = os.environ.get("HOME")
    return Path(home) / ".config" / "git" if home else None


def _expand(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _read(file: Path, git_directory: Path | None, depth: int) -> Settings:
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return {}
    settings: Settings = {}
    for name, value in _pairs(text):
        settings[name] = value
        included = name == "include.path" or (
            name.startswith("includeif.") and name.endswith(".path") and _holds(name[10:-5], file, git_directory)
        )
        if included and depth < _DEPTH:
            settings.update(_read(file.parent / _expand(value), git_directory, depth + 1))
    return settings


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in _lines(text):
        rest = line.strip()
        if head := _SECTION.match(rest):
            name, sub, rest = head.groups()
            section = name.lower() if sub is None else name.lower() + "." + re.sub(r"\\(.)", r"\1", sub)
        if pair := _KEY.match(rest):
            key, value = pair.groups()
            yield f"{section}.{key.lower()}", "true" if value is None else _value(value)


def _lines(text: str) -> Iterator[str]:
    """Lines, with those joined that end in a backslash, and comments outside quotes left to `_value`."""
    held = ""
    for line in text.removeprefix("\ufeff").splitlines():
        if re.search(r"(?<!\\)(?:\\\\)*\\$", line) and not line.lstrip().startswith(("#", ";")):
            held += line[:-1]
            continue
        yield held + line
        held = ""
    if held:
        yield held


def _value(text: str) -> str:
    out, quoted, at, end = "", False, 0, 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            at += 1
            out += _ESCAPES.get(text[at], text[at])
            end = len(out)
        elif char == '"':
            quoted = not quoted
            end = len(out)
        elif char in "#;" and not quoted:
            break
        else:
            out += char
            end = len(out) if quoted or not char.isspace() else end
        at += 1
    return out[:end]


def _holds(condition: str, file: Path, git_directory: Path | None) -> bool:
    """``gitdir:`` conditions; others (branches, remotes) count as not met."""
    kind, _, pattern = condition.partition(":")
    if git_directory is None or kind not in ("gitdir", "gitdir/i"):
        return False
    if pattern.startswith("./"):
        pattern = f"{file.parent}/{pattern[2:]}"
    elif pattern.startswith("~/"):
        pattern = str(_expand(pattern)) + ("/" if pattern.endswith("/") else "")
    elif not pattern.startswith("/"):
        pattern = f"**/{pattern}"
    pattern = (pattern + "*" if pattern.endswith("/") else pattern).replace("**", "*")
    place = str(git_directory)
    return fnmatch.fnmatchcase(*((place.lower(), pattern.lower()) if kind == "gitdir/i" else (place, pattern)))
