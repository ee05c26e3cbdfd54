"""Objects encrypted at rest: AES-256-GCM, in blocks, so that a file of any size takes no memory.

Every object has a key of its own, made of the user's key and the object's name: one that is moved to another name does
not open. Its name is the keyed digest of the content (HMAC-SHA256), so that who knows a file cannot tell whether it is
here. A block's nonce is seven random bytes of the object, the block's number, and whether it is the last: blocks that
were changed, swapped, dropped or added do not open either. What is not hidden: sizes, and names of files in the index.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_MAGIC = b"GRSEAL1\0"
_PREFIX = 7
_HEAD = len(_MAGIC) + _PREFIX + 1
_BLOCK = 1 << 20
_TAG = 16


class Tampered(OSError):
    """An object does not open: it was changed, or belongs to another key."""


class Hash(Protocol):
    """A digest in the making."""

    def update(self, data: bytes, /) -> None:
        """Take more in."""

    def digest(self) -> bytes:
        """The digest of all so far."""


class Sealer:
    """Closes and opens the objects of one store. Raises `ImportError` where the package cryptography is missing."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # an extra, and slow to load

        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM
        self._content, self._names = (_derived(key, what) for what in ("content", "names"))
        self.id = _derived(key, "id")[:8].hex()

    def hash(self) -> Hash:
        """For the name of an object."""
        return hmac.new(self._names, digestmod=hashlib.sha256)

    @staticmethod
    def sealed_size(size: int) -> int:
        """What content of `size` bytes takes on disk."""
        return _HEAD + size + _TAG * max(1, -(-size // _BLOCK))

    def seal(self, name: bytes, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The file for an object of that name. Blocks may have any size."""
        cipher, prefix = self._opener(name), os.urandom(_PREFIX)
        yield _MAGIC + prefix + b"\0"
        number, held = 0, b""
        for block in blocks:
            held += block
            while len(held) > _BLOCK:
                yield cipher.encrypt(_nonce(prefix, number, last=False), held[:_BLOCK], None)
                number, held = number + 1, held[_BLOCK:]
        yield cipher.encrypt(_nonce(prefix, number, last=True), held, None)

    def open(self, name: bytes, file: BinaryIO) -> Iterator[bytes]:
        """The content of an object's file, block by block. Raises `Tampered`."""
        from cryptography.exceptions import InvalidTag

        head = file.read(_HEAD)
        if len(head) != _HEAD or not head.startswith(_MAGIC):
            raise Tampered("not an encrypted object")
        cipher, prefix = self._opener(name), head[len(_MAGIC) : -1]
        number, block = 0, file.read(_BLOCK + _TAG)
        while True:
            following = file.read(_BLOCK + _TAG)
            try:
                yield cipher.decrypt(_nonce(prefix, number, last=not following), block, None)
            except (InvalidTag, ValueError):
                raise Tampered("an encrypted object was changed, or is of another key") from None
            if not following:
                return
            number, block = number + 1, following

    def _opener(self, name: bytes) -> AESGCM:
        return self._cipher(hmac.digest(self._content, name, "sha256"))


class SealedFile:
    """An object's content, to be read like a file of its own. Every way raises `OSError` where it does not open."""

    def __init__(self, sealer: Sealer, name: bytes, path: str) -> None:
        self._sealer = sealer
        self._name = name
        self._path = path

    def blocks(self) -> Iterator[bytes]:
        """The content in pieces. Raises `Tampered`."""
        with open(self._path, "rb") as file:  # noqa: PTH123 - hot
            yield from self._sealer.open(self._name, file)

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """As a stream."""
        return io.BufferedReader(_Stream(self.blocks()), _BLOCK)

    def read_bytes(self) -> bytes:
        """All of it."""
        return b"".join(self.blocks())

    def read_text(self, encoding: str) -> str:
        """All of it, decoded."""
        return self.read_bytes().decode(encoding)


class _Stream(io.RawIOBase):
    """Blocks as a raw stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._held:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._held = memoryview(block)
        count = min(len(into), len(self._held))
        into[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


def _derived(key: bytes, what: str) -> bytes:
    return hmac.digest(key, f"greenroom seal 1: {what}".encode(), "sha256")


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
