"""Immutable content trees: one object per directory, named by the digest of what it lists (a Merkle tree).

A digest covers names, kinds and contents, never times, owners or inodes; of a file's mode only the owner's execute bit
counts, and a symbolic link is its target's text. Names are bytes to the file system: those that are not UTF-8 travel
as `surrogateescape` strings.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, NamedTuple

Kind = Literal["file", "exec", "link", "dir"]

_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
_MAGIC = b"greenroom tree 1\n"
_RECORD = struct.Struct("<c32sQHH")  # kind, digest, size, length of the name, length of a link's target
_LETTER: dict[Kind, bytes] = {"file": b"f", "exec": b"x", "link": b"l", "dir": b"d"}
_KIND: dict[bytes, Kind] = {letter: kind for kind, letter in _LETTER.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, link or empty directory of a tree. `path` is relative, with ``/``; `size` is in bytes.

    `digest` is the sha256 of the content (of the target's text for a link).
    """

    path: str
    kind: Kind
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class TreeDiff:
    """What differs between two trees; every list is sorted. A changed mode or kind counts as changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths that differ, sorted."""
        return tuple(sorted((*self.added, *self.removed, *self.changed)))

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


class Node(NamedTuple):
    """One record of a directory. `digest` is raw; `target` is set for links only; a directory's `size` is 0."""

    name: str
    kind: Kind
    digest: bytes
    size: int
    target: bytes = b""


Branch = dict[str, "Node | Branch"]


def encode_name(name: str) -> bytes:
    """The bytes the file system has for a name or path."""
    return name.encode(_ENCODING, _ERRORS)


def decode_name(raw: bytes) -> str:
    """The string that stands for a name's bytes."""
    return raw.decode(_ENCODING, _ERRORS)


Record = tuple[str, bytes]
"""A packed record behind its sort key: in that order, walking depth first yields whole paths sorted."""


def record(node: Node) -> Record:
    """One record of a directory object."""
    name = encode_name(node.name)
    head = _RECORD.pack(_LETTER[node.kind], node.digest, node.size, len(name), len(node.target))
    return (node.name + "/" if node.kind == "dir" else node.name), head + name + node.target


def file_record(name: str, executable: bool, digest: bytes, size: int) -> Record:
    """The record of a file, without the detour over a node."""
    raw_name = encode_name(name)
    return name, _RECORD.pack(b"x" if executable else b"f", digest, size, len(raw_name), 0) + raw_name


def join(records: list[Record]) -> bytes:
    """The body of a directory object from its records in any order."""
    records.sort()
    return b"".join([packed for _, packed in records])


def encode(nodes: Iterable[Node]) -> bytes:
    """The body of a directory object from its nodes in any order."""
    return join([record(node) for node in nodes])


def decode(body: bytes) -> tuple[Node, ...]:
    """The records of a body, in their order."""
    nodes: list[Node] = []
    at, end, header, unpack = 0, len(body), _RECORD.size, _RECORD.unpack_from
    while at < end:
        letter, digest, size, name_length, target_length = unpack(body, at)
        at += header
        name = decode_name(body[at : at + name_length])
        at += name_length
        nodes.append(Node(name, _KIND[letter], digest, size, body[at : at + target_length]))
        at += target_length
    return tuple(nodes)


def digest_body(body: bytes) -> bytes:
    """The digest that names a directory object."""
    return sha256(_MAGIC + body).digest()


def link_node(name: str, target: bytes) -> Node:
    """The record of a symbolic link."""
    return Node(name, "link", sha256(target).digest(), len(target), target)


EMPTY_DIGEST = digest_body(b"")
EMPTY_TREE: str = EMPTY_DIGEST.hex()
"""The tree without any file."""


def raw(tree: str) -> bytes:
    """The raw form of a tree's digest. Raises `ValueError` for what is no digest."""
    digest = bytes.fromhex(tree)
    if len(digest) != 32:
        raise ValueError(f"{tree!r} is not a tree digest: 64 hexadecimal digits are")
    return digest


def split_path(path: str) -> list[str]:
    """The components of a path inside a tree. Raises `ValueError` where it leads out of the tree or nowhere."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ValueError(f"{path!r} is not a path inside a tree: relative, without '.', '..' or empty parts")
    return parts


def graft(root: Branch, path: str, leaf: Node | Branch) -> None:
    """Put a leaf at `path` of a nested mapping; its own name is replaced by the path's last part.

    A later leaf replaces an earlier one. Raises `ValueError` where a file stands in a directory's place.
    """
    *parents, name = split_path(path)
    branch = root
    for part in parents:
        below = branch.setdefault(part, {})
        if isinstance(below, Node):
            raise ValueError(f"{path!r} cannot be in the tree: {part!r} above it is a {below.kind}")
        branch = below
    present = branch.get(name)
    if isinstance(present, dict) and isinstance(leaf, Node):
        raise ValueError(f"{path!r} cannot be a {leaf.kind}: the tree has files below it")
    if isinstance(leaf, Node):
        branch[name] = leaf._replace(name=name)
    elif not isinstance(present, dict):
        branch[name] = leaf
    else:
        present.update(leaf)


def build(root: Mapping[str, Node | Branch]) -> tuple[bytes, dict[bytes, bytes]]:
    """The digest of a nested mapping, and the bodies (by digest, children first) of all directories in it."""
    bodies: dict[bytes, bytes] = {}

    def close(branch: Mapping[str, Node | Branch]) -> bytes:
        nodes = [item if isinstance(item, Node) else Node(name, "dir", close(item), 0) for name, item in branch.items()]
        body = encode(nodes)
        digest = digest_body(body)
        bodies[digest] = body
        return digest

    return close(root), bodies


def entries(nodes: Iterable[Node], prefix: str) -> Iterator[Entry]:
    """Records as entries below `prefix` (empty or ending in ``/``)."""
    for node in nodes:
        yield Entry(prefix + node.name, node.kind, node.digest.hex(), node.size)
