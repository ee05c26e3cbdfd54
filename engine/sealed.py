"""Artifacts encrypted at rest: where the key comes from, and which store a state directory has.

A state directory has either a plain store (``store``) or an encrypted one (``sealed``). Turning `encrypt` on or off
drops the other one, and everything in it is made anew: nothing that is wanted encrypted stays behind in plain.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Literal

from engine.artifacts._trash import empty, toss
from engine.artifacts.sealing import KEY_BYTES, Sealer
from engine.artifacts.store import Store
from engine.journal.errors import JournalError
from engine.journal.lock import Lock
from engine.providers import keyrings

Encrypt = bool | Literal["keyring"]
"""As greenroom.yaml has it; `keyring`: a key that has to be made is made in the system's keyring."""

VARIABLE = "GREENROOM_KEY"
PLAIN, SEALED = "store", "sealed"
_ID = "key-id"
_ENTRY = "artifacts-key"
_KEYRING = f"the keyring ({keyrings.SERVICE}, {_ENTRY})"
_WORK = ("work", "builds", "checks", "caches")
_IN_PLAIN = (PLAIN, *_WORK)  # what holds content of artifacts where nothing is encrypted
_TRASH = ".trash"


class KeyProblem(JournalError):
    """The key of the encrypted artifacts is missing, or another one. Nothing was lost or changed."""


def key_file() -> Path:
    """Where the user's key lies: ``$XDG_CONFIG_HOME/greenroom/artifacts.key``."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "greenroom" / "artifacts.key"


def key_source() -> str:
    """Where the key would be taken from, in words."""
    if os.environ.get(VARIABLE):
        return VARIABLE
    return _KEYRING if not os.path.lexists(key_file()) and _in_keyring() else str(key_file())


def is_sealed(state_dir: Path) -> bool:
    """Whether the artifacts in a state directory are encrypted."""
    return (state_dir / SEALED).is_dir()


def store_of(state_dir: Path) -> Store:
    """The store of a state directory as it is, to look at. Raises `KeyProblem`."""
    if not is_sealed(state_dir):
        return Store(state_dir / PLAIN)
    return _opened(state_dir, _sealer(find_key(make=False)))


def settled(state_dir: Path, *, encrypt: Encrypt) -> Store:
    """The store that is wanted, the other one dropped. Only for the holder of the lock. Raises `KeyProblem`."""
    if not encrypt:
        if is_sealed(state_dir):
            _drop(state_dir, SEALED)
        return Store(state_dir / PLAIN)
    sealer = _sealer(find_key(make=not is_sealed(state_dir), in_keyring=encrypt == "keyring"))
    if not is_sealed(state_dir):
        _drop(state_dir, *_IN_PLAIN)
        (state_dir / SEALED).mkdir(mode=0o700, parents=True)
        (state_dir / SEALED / _ID).write_text(sealer.id)
    return _opened(state_dir, sealer)


def store_beside(state_dir: Path, *, encrypt: Encrypt) -> Store:
    """The store for somebody who does not hold the lock. Raises `KeyProblem`, or `Busy` where the store must change."""
    if encrypt and not is_sealed(state_dir):
        with Lock.acquire(state_dir, "encrypt"):
            return settled(state_dir, encrypt=encrypt)
    return store_of(state_dir)


def dropped(state_dir: Path) -> bool:
    """Drop the encrypted store, whatever its key, and what workspaces still hold of it. Whether there was one.

    Only for the holder of the lock.
    """
    if there := is_sealed(state_dir):
        _drop(state_dir, SEALED, *_IN_PLAIN)
    return there


def drop_workspaces(state_dir: Path) -> None:
    """Drop what only makes the next run faster or is there to be looked at, and takes no record of it.

    Only for the holder of the lock. Works on a full disk.
    """
    _drop(state_dir, *_WORK)


def find_key(*, make: bool, in_keyring: bool = False) -> bytes:
    """The user's key: of the environment, of the key file, or of the system's keyring.

    `make`: where there is none, it is made, as a file or `in_keyring`. Raises `KeyProblem`.
    """
    if given := os.environ.get(VARIABLE):
        return _decoded(given, VARIABLE)
    file = key_file()
    try:
        if file.stat().st_mode & 0o077:
            raise KeyProblem(f"{file} is open to others.", f"chmod 600 {file}")
        return _decoded(file.read_text(), str(file))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(f"{file} cannot be read: {error}") from error
    if kept := _in_keyring(must=in_keyring):
        return _decoded(kept, _KEYRING)
    if make:
        return _put_away() if in_keyring else _made(file)
    nowhere = f"there is no {file}, {VARIABLE} is not set, and no keyring that can be asked has it"
    raise KeyProblem(f"The key of the encrypted artifacts is missing: {nowhere}.", _ADVICE)


def _in_keyring(*, must: bool = False) -> str:
    """The key as the keyring has it, empty where it has none. Raises `KeyProblem` where it `must` be asked."""
    try:
        return keyrings.read(_ENTRY) or ""
    except keyrings.KeyringTrouble as trouble:
        if must:
            raise KeyProblem(f"The key belongs into the keyring, but {trouble}.", f"Or set {VARIABLE}.") from trouble
        return ""


def _put_away() -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    try:
        keyrings.write(_ENTRY, key.hex())
    except keyrings.KeyringTrouble as trouble:
        raise KeyProblem(f"The key belongs into the keyring, but {trouble}.", f"Or set {VARIABLE}.") from trouble
    return key


def _made(file: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return find_key(make=False)  # another greenroom was quicker
    except OSError as error:
        raise KeyProblem(f"{file} cannot be written: {error.strerror}.", f"Set {VARIABLE} instead.") from error
    with os.fdopen(handle, "w") as out:
        out.write(key.hex() + "\n")
    return key


def _decoded(text: str, where: str) -> bytes:
    text = text.strip()
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyProblem(
            f"{where} holds no key: {KEY_BYTES} bytes as {2 * KEY_BYTES} hexadecimal digits, or as base64.",
            "One is made by `openssl rand -hex 32`.",
        )
    return key


def _sealer(key: bytes) -> Sealer:
    try:
        return Sealer(key)
    except ImportError as missing:
        raise KeyProblem(
            "Encrypted artifacts need the package cryptography, which is not installed.",
            "pip install 'greenroom[encrypt]'",
        ) from missing


def _opened(state_dir: Path, sealer: Sealer) -> Store:
    place = state_dir / SEALED
    try:
        wanted = (place / _ID).read_text()
    except OSError:  # cut short while it was made: there is nothing in it
        (place / _ID).write_text(sealer.id)
        wanted = sealer.id
    if wanted != sealer.id:
        message = f"The artifacts in {place} were encrypted with another key ({wanted}) than that of {key_source()}"
        raise KeyProblem(f"{message} ({sealer.id}).", _ADVICE)
    return Store(place, sealer)


def _drop(state_dir: Path, *names: str) -> None:
    """All or nothing of each: what a kill leaves of it in the trash, the next time takes."""
    trash = str(state_dir / _TRASH)
    for name in names:
        if (state_dir / name).exists():
            toss(str(state_dir / name), trash)
    empty(trash)


def forget(workspace: Path) -> None:
    """Delete a workspace that is not needed any more: its files are plain."""
    if workspace.exists():
        trash = str(workspace.parent / _TRASH)
        toss(str(workspace), trash)
        empty(trash)


def clear(workspace: Path, *, keep: str) -> None:
    """Drop what is in a workspace, but for logs: what begins with `keep`."""
    for path in workspace.iterdir():
        if path.is_dir() and not path.name.startswith(keep):
            forget(path)


_ADVICE = (
    f"Give it back, in {VARIABLE}, the file or the keyring: nothing is lost. To do without what it has encrypted:"
    " greenroom cache prune --all"
)
