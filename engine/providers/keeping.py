"""Keeping a value that builds need: in the keyring of the operating system, or in `.secrets`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

from engine.providers import keyrings, references
from engine.reading.env_file import write_env

Place = Literal["keyring", "file"]
SECRETS = ".secrets"


class NotKept(Exception):
    """The value could not be kept; the text says why."""


def usual_place() -> Place:
    """Where a value is best kept on this machine."""
    return "file" if keyrings.trouble() else "keyring"


def keep(directory: Path, section: str, key: str, value: str, place: Place) -> str:
    """Keep a value for a project, and say where it is now. Raises `NotKept`."""
    if place == "keyring":
        try:
            keyrings.keep(section, key, value)
        except keyrings.KeyringTrouble as error:
            raise NotKept(str(error)) from error
        return f"{key} is in the keyring as {keyrings.entry(section, key)}"
    word = references.identifier(section, key)
    try:
        write_env(directory / SECRETS, word, value)
    except OSError as error:
        raise NotKept(f"{SECRETS} cannot be written: {error.strerror or error}") from error
    told = f"{key} is in {SECRETS} as {word}"
    return told if _is_ignored(directory) else f"{told}; git does not ignore that file: add it to .gitignore"


def _is_ignored(directory: Path) -> bool:
    """Whether the file stays out of commits; True where there is no repository."""
    try:
        asked = subprocess.run(
            ["git", "check-ignore", "-q", SECRETS], cwd=directory, capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return True
    return asked.returncode != 1  # 1: it is not; 128: there is no repository
