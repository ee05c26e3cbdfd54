# ruff: noqa: PTH103, PTH104, PTH108, PTH120
# os calls on plain strings: a Path costs more than the system call, and there are many files.
"""The files of the store: ``objects/ab/<rest of the digest>``, with ``x`` at the end for executables.

Objects are read-only (0444, 0555), yet hard links of them stand in workspaces, and root may write to anything. So
every object carries a *mark*: the part of its modification time below a millisecond is derived from its digest. A
write through a link moves the time and loses the mark; nothing else has to be remembered to see it. The rest of the
time is the file's own, because build tools compare times.

With a `Sealer` the files are encrypted (see `engine.artifacts.sealing`): then nothing can link to them, and what is
put or taken is copied.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engine.artifacts.sealing import Hash, SealedFile, Sealer, Tampered

_MILLISECOND = 1_000_000
_BLOCK = 4096
_SMALL = 1 << 20  # files up to this size are read at once
_TRIES = 3
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

_serial = itertools.count()


@dataclass(frozen=True, slots=True)
class Taken:
    """A file's content, now in the store. `torn`: it kept changing while it was read.

    `status` is the file's stat as of the content, `at` when reading it began (ns); `grown` is what it added in bytes.
    """

    digest: bytes
    size: int
    status: os.stat_result
    grown: int
    at: int = 0
    torn: bool = False


def marked(digest: bytes, mtime_ns: int) -> int:
    """A modification time that carries the digest's mark."""
    return mtime_ns - mtime_ns % _MILLISECOND + int.from_bytes(digest[:4], "big") % _MILLISECOND


def on_disk(size: int) -> int:
    """What an object of `size` bytes takes: whole blocks."""
    return -(-size // _BLOCK) * _BLOCK


def is_executable(mode: int) -> bool:
    """The one bit of a mode that a tree keeps."""
    return bool(mode & stat.S_IXUSR)


def blocks_of(handle: int) -> Iterator[bytes]:
    """An open file's content, from its start."""
    os.lseek(handle, 0, os.SEEK_SET)
    while block := os.read(handle, _SMALL):
        yield block


class Objects:
    """The object files below one store root."""

    def __init__(self, root: Path, sealer: Sealer | None = None) -> None:
        self.sealer = sealer
        self._hash: Callable[[], Hash] = sealer.hash if sealer else sha256
        self._objects = str(root / "objects")
        self._tmp = str(root / "tmp")

    def path(self, digest: bytes, executable: bool) -> str:
        """Where an object is, or would be."""
        name = digest.hex()
        return f"{self._objects}/{name[:2]}/{name[2:]}{'x' if executable else ''}"

    def whole(self, digest: bytes, executable: bool, size: int) -> bool:
        """Whether the object is there with its size, mark and mode: it is then what it says."""
        try:
            status = os.lstat(self.path(digest, executable))
        except FileNotFoundError:
            return False
        return sound(status, digest, executable, self.sealer.sealed_size(size) if self.sealer else size)

    def mend(self, digest: bytes, executable: bool, size: int) -> bool:
        """Look closely at an object: True where it is right, but for mode and time, which are then restored."""
        path = self.path(digest, executable)
        try:
            handle = os.open(path, _READ)
        except OSError:
            return False
        try:
            status = os.fstat(handle)
            if not self._is_right(handle, status.st_size, digest, size):
                return False
            self._seal(handle, digest, executable, status.st_mtime_ns)
        finally:
            os.close(handle)
        return True

    def remove(self, digest: bytes, executable: bool) -> None:
        """Drop an object; links of it in workspaces keep their (broken) content."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path(digest, executable))

    def add_bytes(self, data: bytes, executable: bool, mtime_ns: int, digest: bytes | None = None) -> tuple[bytes, int]:
        """Add content; returns its digest and what it added in bytes (0 when it was there)."""
        digest = digest or self._digest([data])
        if self.whole(digest, executable, len(data)):
            return digest, 0
        handle, tmp = self._scratch()
        try:
            for block in self.sealer.seal(digest, [data]) if self.sealer else [data]:
                _write(handle, block)
            self._seal(handle, digest, executable, mtime_ns)
        finally:
            os.close(handle)
        self._place(tmp, digest, executable)
        return digest, on_disk(len(data))

    def content(self, digest: bytes, executable: bool) -> SealedFile | None:
        """The content of an encrypted object; None where objects are plain files."""
        return SealedFile(self.sealer, digest, self.path(digest, executable)) if self.sealer else None

    def take(self, path: str) -> Taken:
        """Add a file by copying it. Read again, up to three times, when it changed meanwhile.

        Raises `OSError` where it cannot be read or is no regular file.
        """
        for attempt in range(_TRIES):
            at = time.time_ns()
            handle = os.open(path, _READ)
            try:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    raise OSError(f"{path} is not a regular file")
                digest, size, grown = self._copy_in(handle, status)
                steady = _same(status, os.fstat(handle))
            finally:
                os.close(handle)
            if steady or attempt == _TRIES - 1:
                return Taken(digest, size, status, grown, at, torn=not steady)
        raise AssertionError("unreachable")

    def adopt(self, path: str) -> Taken:
        """Add a file by moving it in; copied where it cannot move (another file system, linked, not ours)."""
        if self.sealer:
            return self.take(path)
        try:
            handle = os.open(path, _READ)
            try:
                status = os.fstat(handle)
                if status.st_nlink != 1 or not stat.S_ISREG(status.st_mode):
                    return self.take(path)
                digest = self._digest(blocks_of(handle))
                if not _same(status, os.fstat(handle)):
                    return self.take(path)
                executable = is_executable(status.st_mode)
                if self.whole(digest, executable, status.st_size):
                    return Taken(digest, status.st_size, status, 0)
                self._seal(handle, digest, executable, status.st_mtime_ns)
            finally:
                os.close(handle)
            self._place(path, digest, executable)
        except OSError:
            return self.take(path)
        return Taken(digest, status.st_size, status, on_disk(status.st_size))

    def scratch(self) -> str:
        """A new file name for content on its way into the store, on the store's file system."""
        handle, tmp = self._scratch()
        os.close(handle)
        return tmp

    def everything(self) -> Iterator[tuple[str, bytes, bool]]:
        """Every object file: path, digest, executable. Stray files come with an empty digest."""
        for shelf in _list(self._objects):
            for path in _list(shelf):
                name = path[-len(path) + len(self._objects) + 1 :].replace("/", "")
                try:
                    yield path, bytes.fromhex(name.removesuffix("x")), name.endswith("x")
                except ValueError:
                    yield path, b"", False

    def clear_scratch(self) -> None:
        """Drop what interrupted writers left. Only with the store held exclusively."""
        for path in _list(self._tmp):
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _copy_in(self, handle: int, status: os.stat_result) -> tuple[bytes, int, int]:
        executable = is_executable(status.st_mode)
        if status.st_size <= _SMALL:
            data = os.read(handle, status.st_size + 1)
            while block := os.read(handle, _SMALL) if len(data) != status.st_size else b"":
                data += block
            digest, grown = self.add_bytes(data, executable, status.st_mtime_ns)
            return digest, len(data), grown
        if self.whole(digest := self._digest(blocks_of(handle)), executable, status.st_size):
            return digest, status.st_size, 0
        if self.sealer:
            return self._seal_in(handle, executable, status.st_mtime_ns, digest, self.sealer)
        return self._stream_in(handle, executable, status.st_mtime_ns)

    def _stream_in(self, handle: int, executable: bool, mtime_ns: int) -> tuple[bytes, int, int]:
        state, size = self._hash(), 0
        out, tmp = self._scratch()
        try:
            for block in blocks_of(handle):
                state.update(block)
                size += len(block)
                _write(out, block)
            self._seal(out, state.digest(), executable, mtime_ns)
        finally:
            os.close(out)
        self._place(tmp, state.digest(), executable)
        return state.digest(), size, on_disk(size)

    def _seal_in(
        self, handle: int, executable: bool, mtime_ns: int, digest: bytes, sealer: Sealer
    ) -> tuple[bytes, int, int]:
        """The name is a part of the key, so it must be known first: a file that changes meanwhile is read again."""
        for _ in range(_TRIES):
            state, size = self._hash(), 0

            def counted(state: Hash = state) -> Iterator[bytes]:
                nonlocal size
                for block in blocks_of(handle):
                    state.update(block)
                    size += len(block)
                    yield block

            out, tmp = self._scratch()
            try:
                for block in sealer.seal(digest, counted()):
                    _write(out, block)
                self._seal(out, digest, executable, mtime_ns)
            finally:
                os.close(out)
            if state.digest() == digest:
                self._place(tmp, digest, executable)
                return digest, size, on_disk(size)
            os.unlink(tmp)
            digest = self._digest(blocks_of(handle))
        raise OSError("a file keeps changing while it is read")

    def _digest(self, blocks: Iterable[bytes]) -> bytes:
        state = self._hash()
        for block in blocks:
            state.update(block)
        return state.digest()

    def _is_right(self, handle: int, found: int, digest: bytes, size: int) -> bool:
        """Whether an open object holds what it says."""
        if self.sealer is None:
            return found == size and self._digest(blocks_of(handle)) == digest
        try:
            with os.fdopen(os.dup(handle), "rb") as file:
                return found == self.sealer.sealed_size(size) and self._digest(self.sealer.open(digest, file)) == digest
        except Tampered:
            return False

    def _scratch(self) -> tuple[int, str]:
        tmp = f"{self._tmp}/{os.getpid()}-{next(_serial)}"
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        try:
            return os.open(tmp, flags, 0o600), tmp
        except FileNotFoundError:
            os.makedirs(self._tmp, mode=0o700, exist_ok=True)
            return os.open(tmp, flags, 0o600), tmp

    def _seal(self, handle: int, digest: bytes, executable: bool, mtime_ns: int) -> None:
        os.fchmod(handle, 0o555 if executable else 0o444)
        time = marked(digest, mtime_ns)
        os.utime(handle, ns=(time, time))

    def _place(self, source: str, digest: bytes, executable: bool) -> None:
        target = self.path(digest, executable)
        try:
            os.rename(source, target)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            os.rename(source, target)


def _write(handle: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(handle, view) :]


def sound(status: os.stat_result, digest: bytes, executable: bool, size: int) -> bool:
    """Whether a stat (of an object or a link of it) bears the object's size, mark and mode."""
    return (
        status.st_size == size
        and status.st_mtime_ns == marked(digest, status.st_mtime_ns)
        and status.st_mode & 0o777 == (0o555 if executable else 0o444)
    )


def _same(a: os.stat_result, b: os.stat_result) -> bool:
    return (a.st_mtime_ns, a.st_ctime_ns, a.st_size) == (b.st_mtime_ns, b.st_ctime_ns, b.st_size)


def _list(directory: str) -> list[str]:
    try:
        with os.scandir(directory) as found:
            return [entry.path for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return []
