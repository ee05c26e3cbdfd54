"""Trees at the borders: zip files as AWS keeps artifacts, and plain folders.

Exported zips are the same bytes for the same tree. Imported ones are not trusted: nothing may lead out of the tree, and
what unpacks to far more than it should is refused.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from engine.artifacts import tree as trees
from engine.artifacts.store import Content, Store
from engine.artifacts.tree import Branch, Entry, Node, decode_name, encode_name, graft, link_node

MAX_BYTES = 8 << 30
MAX_FILES = 1_000_000
_FREE_BYTES = 256 << 20  # below this, how well it was packed does not matter
_MAX_RATIO = 250
_CHUNK = 1 << 20
_MAX_TARGET = 4096
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODES = {"file": 0o100644, "exec": 0o100755, "link": 0o120777, "dir": 0o040755}


class ArchiveError(ValueError):
    """A zip file cannot be read."""


class UnsafeArchive(ArchiveError):
    """A zip file or folder would lead out of its place, or would unpack to far too much."""


class _Info(zipfile.ZipInfo):
    """A member whose name is written as the bytes the file system has, UTF-8 or not."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own hook
        raw = encode_name(self.filename)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw, self.flag_bits & ~0x800
        return raw, self.flag_bits | (0 if raw.isascii() else 0x800)


def export_zip(store: Store, tree: str, file: Path) -> None:
    """Write a tree as a zip with modes, links and empty directories. Replaces `file` as a whole."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in store.walk(tree):
                _write_member(archive, store, tree, entry)
        scratch.chmod(0o644)
        scratch.replace(file)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _write_member(archive: zipfile.ZipFile, store: Store, tree: str, entry: Entry) -> None:
    info = _Info(entry.path + ("/" if entry.kind == "dir" else ""), _EPOCH)
    info.create_system = _UNIX
    info.external_attr = _MODES[entry.kind] << 16 | (0x10 if entry.kind == "dir" else 0)
    info.compress_type = zipfile.ZIP_DEFLATED if entry.kind in ("file", "exec") else zipfile.ZIP_STORED
    if entry.kind == "dir":
        archive.writestr(info, b"")
    elif entry.kind == "link":
        archive.writestr(info, store.read(tree, entry.path))
    else:
        info.file_size = entry.size
        with _content(store, entry).open("rb") as source, archive.open(info, "w") as out:
            shutil.copyfileobj(source, out, _CHUNK)


def _content(store: Store, entry: Entry) -> Content:
    return store.file(Node(entry.path, entry.kind, bytes.fromhex(entry.digest), entry.size))


def import_zip(store: Store, file: Path, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> str:
    """Add a zip's content as a tree and return its digest.

    Raises `UnsafeArchive` for absolute paths, ``..``, links that lead out, and bombs; `ArchiveError` for what is
    no zip, is damaged or encrypted.
    """
    try:
        with zipfile.ZipFile(file) as archive, store.hold():
            limit = min(max_bytes, max(_FREE_BYTES, file.stat().st_size * _MAX_RATIO))
            return _Importer(store, archive, limit, max_files).run()
    except ArchiveError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as problem:
        raise ArchiveError(f"{file.name} cannot be read as a zip file: {problem}") from problem


class _Importer:
    """One import: members become records, counted against the limits as they unpack."""

    def __init__(self, store: Store, archive: zipfile.ZipFile, max_bytes: int, max_files: int) -> None:
        self._store = store
        self._archive = archive
        self._left = max_bytes
        self._max_files = max_files
        self._root: Branch = {}
        self._grown = 0

    def run(self) -> str:
        """All members, then the tree."""
        members = self._archive.infolist()
        if len(members) > self._max_files:
            raise UnsafeArchive(f"the zip file holds {len(members)} members, more than {self._max_files}")
        for info in members:
            path = _member_path(info)
            if path:
                self._add(path, info)
        return self._store.record(self._root, self._grown)

    def _add(self, path: str, info: zipfile.ZipInfo) -> None:
        mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
        if info.is_dir() or stat.S_ISDIR(mode):
            graft(self._root, path, {})
        elif stat.S_ISLNK(mode):
            graft(self._root, path, link_node("", self._target(path, info)))
        elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
            graft(self._root, path, self._file(info, bool(mode & stat.S_IXUSR)))
        else:
            raise UnsafeArchive(f"{path} is neither file, link nor directory")

    def _target(self, path: str, info: zipfile.ZipInfo) -> bytes:
        target = b"".join(self._blocks(info, most=_MAX_TARGET))
        text = decode_name(target)
        depth = len(PurePosixPath(path).parent.parts)
        for part in text.split("/"):
            depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
            if depth < 0:
                break
        if not target or b"\0" in target or text.startswith("/") or depth < 0:
            raise UnsafeArchive(f"link {path} leads out of the archive: {text}")
        return target

    def _file(self, info: zipfile.ZipInfo, executable: bool) -> Node:
        kind: trees.Kind = "exec" if executable else "file"
        if info.file_size <= _CHUNK:
            data = b"".join(self._blocks(info))
            digest, grown = self._store.objects.add_bytes(data, executable, time.time_ns())
            self._grown += grown
            return Node("", kind, digest, len(data))
        scratch = Path(self._store.objects.scratch())
        try:
            with scratch.open("wb") as out:
                for block in self._blocks(info):
                    out.write(block)
            scratch.chmod(0o700 if executable else 0o600)
            taken = self._store.objects.adopt(str(scratch))
        finally:
            scratch.unlink(missing_ok=True)
        self._grown += taken.grown
        return Node("", kind, taken.digest, taken.size)

    def _blocks(self, info: zipfile.ZipInfo, most: int | None = None) -> Iterator[bytes]:
        """What really comes out counts, not what the header says."""
        with self._archive.open(info) as source:
            while block := source.read(_CHUNK):
                self._left -= len(block)
                if self._left < 0 or (most is not None and (most := most - len(block)) < 0):
                    raise UnsafeArchive(f"{info.filename} unpacks to more than is allowed")
                yield block


def _member_path(info: zipfile.ZipInfo) -> str:
    name = _member_name(info)
    absolute = name.startswith("/") or (info.create_system != _UNIX and name[1:2] == ":")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if absolute or ".." in parts or "\0" in name:
        raise UnsafeArchive(f"{name!r} leads out of the archive")
    return "/".join(parts)


def _member_name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        # zipfile took the bytes for code page 437; most tools that do not say so write UTF-8
        raw = name.encode("cp437")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = decode_name(raw) if info.create_system == _UNIX else name
    return name if info.create_system == _UNIX else name.replace("\\", "/")


def export_folder(store: Store, tree: str, directory: Path) -> None:
    """Write a tree into a folder that may hold other things. Files that are the same already stay untouched.

    Each file appears whole. Raises `UnsafeArchive` where a link in the folder would lead the way out of it, and
    `FileExistsError` where a file should stand and a directory does, or the other way round.
    """
    directory.mkdir(parents=True, exist_ok=True)
    checked: set[PurePosixPath] = {PurePosixPath()}
    for entry in store.walk(tree):
        path = PurePosixPath(entry.path)
        _parents(directory, path if entry.kind == "dir" else path.parent, checked)
        target = directory / entry.path
        if entry.kind == "link":
            _place_link(target, store.read(tree, entry.path))
        elif entry.kind != "dir":
            _place_file(target, _content(store, entry), entry)


def _parents(root: Path, path: PurePosixPath, checked: set[PurePosixPath]) -> None:
    for above in (*reversed(path.parents), path):
        if above in checked:
            continue
        place = root / above
        if place.is_symlink():
            raise UnsafeArchive(f"{place} is a link: writing through it could lead out of {root}")
        place.mkdir(exist_ok=True)
        checked.add(above)


def _place_link(target: Path, text: bytes) -> None:
    if target.is_symlink() and encode_name(str(target.readlink())) == text:
        return
    _refuse_directory(target)
    target.unlink(missing_ok=True)
    target.symlink_to(decode_name(text))


def _place_file(target: Path, source: Content, entry: Entry) -> None:
    _refuse_directory(target)
    mode = 0o755 if entry.kind == "exec" else 0o644
    if _is_same(target, source, entry.size):
        if stat.S_IMODE(target.stat().st_mode) & 0o100 != mode & 0o100:
            target.chmod(mode)
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as content:
            shutil.copyfileobj(content, out, _CHUNK)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _refuse_directory(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        raise FileExistsError(f"{target} is a directory where the artifact has a file")


def _is_same(target: Path, source: Content, size: int) -> bool:
    if target.is_symlink() or not target.is_file() or target.stat().st_size != size:
        return False
    with target.open("rb") as left, source.open("rb") as right:
        return _equal(left, right)


def _equal(left: IO[bytes], right: IO[bytes]) -> bool:
    while block := left.read(_CHUNK):
        if block != right.read(_CHUNK):
            return False
    return True
