"""The keyring of the operating system as a place of values: Keychain, Secret Service, Credential Locker, KWallet.

Service ``greenroom``, user ``parameter:/app/db-password`` or ``secret:prod/db``, so that any tool can put a value
there: ``keyring set greenroom parameter:/app/db-password``. Needs the extra ``keyring``; PYTHON_KEYRING_BACKEND chooses
another backend. Whatever goes wrong there is no value, and `trouble` says what went wrong.
"""

from __future__ import annotations

import importlib.util
import threading
import time

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
    if wrong := trouble():
        raise KeyringTrouble(wrong)
    import keyring
    from keyring.errors import KeyringError

    with _LOCK:
        _answers.clear()
        try:
            keyring.set_password(SERVICE, entry(section, name), value)
        except (KeyringError, OSError, RuntimeError) as error:
            raise KeyringTrouble(f"the keyring does not take it: {error}") from error


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
