"""A keyring in memory, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from engine.providers import keyrings


class MemoryKeyring(KeyringBackend):
    """Service and user -> value. `locked`: it cannot be asked."""

    priority = 1  # type: ignore[assignment]  # a property of the class there

    def __init__(self, values: dict[tuple[str, str], str]) -> None:
        super().__init__()
        self.values = values
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.values.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked("locked")
        self.values[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.values[service, username]


@contextmanager
def memory_keyring(**values: str) -> Iterator[MemoryKeyring]:
    """The machine's keyring for a while: user name -> value, below greenroom's service."""
    before: Any = keyring.get_keyring()
    mine = MemoryKeyring({("greenroom", name): value for name, value in values.items()})
    keyring.set_keyring(mine)
    keyrings.forget()
    try:
        yield mine
    finally:
        keyring.set_keyring(before)
        keyrings.forget()
