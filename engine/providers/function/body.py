"""Bodies of HTTP requests, however they are framed: by length, in chunks, and in the chunks of AWS's SDKs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from io import BufferedIOBase
from typing import Any


class BodyProblem(ValueError):
    """A body is not framed as its headers say, or is too long."""


def body(stream: BufferedIOBase, given: Mapping[str, str]) -> io.BufferedReader:
    """The content of a request's body. Reading it raises `BodyProblem` where the framing is broken.

    An SDK that adds a checksum behind the content frames it once more: https://docs.aws.amazon.com/AmazonS3/latest/
    API/sigv4-streaming-trailers.html. The checksums are not verified: nothing gets lost on the way from here to here.
    """
    headers = {name.lower(): value for name, value in given.items()}
    length = max(0, int(headers.get("content-length") or 0))
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    framed = _buffered(_Chunked(stream) if chunked else _Limited(stream, length))
    coded = "aws-chunked" in headers.get("content-encoding", "").lower()
    if coded or headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return _buffered(_Chunked(framed))
    return framed


def _buffered(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw)


class _Limited(io.RawIOBase):
    """The next so many bytes of a stream that goes on."""

    def __init__(self, stream: BufferedIOBase, left: int) -> None:
        self._stream = stream
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), self._left)) if self._left else b""
        if self._left and not data:
            raise BodyProblem("the body ends too early")
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class _Chunked(io.RawIOBase):
    """What is in chunks, without their sizes, signatures and trailers."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._left = 0
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left == 0 and not self._begin():
            return 0
        data = self._stream.read(min(len(buffer), self._left))
        if not data:
            raise BodyProblem("a chunk ends too early")
        self._left -= len(data)
        if self._left == 0:
            self._stream.readline()
        buffer[: len(data)] = data
        return len(data)

    def _begin(self) -> bool:
        """Read the head of the next chunk; False after the last one."""
        if self._over:
            return False
        head = self._stream.readline(1024)
        try:
            self._left = int(head.partition(b";")[0], 16)
        except ValueError:
            raise BodyProblem(f"no chunk begins with {head[:20]!r}") from None
        self._over = self._left == 0
        if self._over:
            while self._stream.readline(8192).strip():
                continue
        return not self._over
