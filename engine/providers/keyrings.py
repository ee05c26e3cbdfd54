"""The keyring of the operating system as a place of values: Keychain, Secret Service, Credential Locker, KWallet.

Service ``greenroom``, user ``parameter:/app/db-password`` or ``secret:prod/db``, so that any tool can put a value
there: ``keyring set greenroom parameter:/app/db-password``. Needs the extra ``keyring``; PYTHON_KEYRING_BACKEND chooses
another backend. Whatever goes wrong there is no value, and `trouble` says what went wrong.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable
from typing import Any

SERVICE = "greenroom"
INSTALL = "pip install 'greenroom[keyring]'"
_KINDS = {"parameters": "parameter", "secrets": "secret"}
_FRESH = 10.0  # seconds that an answer is used again: a save asks for the same value several times
_LOCK = threading.Lock()
_answers: dict[str, tuple[float, str | None]] = {}


class KeyringTrouble(Exception):
    """The keyring cannot be used; the text says why and what to do."""


def entry(section: str, name: str) -> str:
    """What the keyring calls a parameter or secret: its user name below the service."""
    return f"{_KINDS[section]}:{name}"


def look_up(section: str, name: str) -> str | None:
    """The value, where the keyring has one and can be asked."""
    if not is_installed():
        return None
    key = entry(section, name)
    with _LOCK:
        known = _answers.get(key)
        if known is not None and time.monotonic() - known[0] < _FRESH:
            return known[1]
        import keyring
        from keyring.errors import KeyringError

        try:
            value = keyring.get_password(SERVICE, key)
        except (KeyringError, OSError, RuntimeError):  # locked, refused, or there is none
            value = None
        _answers[key] = (time.monotonic(), value)
        return value


def keep(section: str, name: str, value: str) -> None:
    """Put a value there. Raises `KeyringTrouble`."""
    with _LOCK:
        _answers.clear()
        write(entry(section, name), value)


def read(user: str) -> str | None:
    """What the keyring has for a user name below the service. Raises `KeyringTrouble` where it cannot be asked."""
    return _asked(lambda ring: ring.get_password(SERVICE, user), "does not answer")


def write(user: str, value: str) -> None:
    """Put something there. Raises `KeyringTrouble`."""
    _asked(lambda ring: ring.set_password(SERVICE, user, value), "does not take it")


def _asked(question: Callable[[Any], str | None], refusal: str) -> str | None:
    if wrong := trouble():
        raise KeyringTrouble(wrong)
    import keyring
    from keyring.errors import KeyringError

    try:
        return question(keyring)
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyringTrouble(f"the keyring {refusal}: {error}") from error


def trouble() -> str:
    """Why the keyring cannot be used; empty where it can."""
    if not is_installed():
        return f"the keyring needs the extra: {INSTALL}"
    import keyring
    from keyring.backends import fail

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring) or not getattr(type(backend), "priority", 0) > 0:
        return "this machine has no keyring that runs"
    return ""


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("keyring") is not None


def forget() -> None:
    """Ask anew next time."""
    with _LOCK:
        _answers.clear()
