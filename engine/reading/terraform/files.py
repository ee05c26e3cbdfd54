"""The files of a module: which there are, and what each declares, parsed only once it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path as File

from engine.reading.problem import Place, Unreadable
from engine.reading.source import read_text
from engine.reading.terraform.hcl import read_hcl
from engine.reading.terraform.syntax import Block, Body, Setting

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_MOST_FILES = 500
_LARGEST_CHUNK = 96 * 1024
_DECLARED = re.compile(
    r'^[ \t]*(resource|data|module|variable|output|locals)\b[ \t]*"?([\w-]*)"?[ \t]*"?([\w-]*)"?', re.MULTILINE
)
_HEADER = re.compile(
    r"^(?=(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|removed|check)\b[^=\n]*\{)",
    re.MULTILINE,
)


def is_module_file(file: File) -> bool:
    """Whether a file belongs to a Terraform (or OpenTofu) module."""
    return file.name.endswith(SUFFIXES)


@dataclass(slots=True)
class Chunk:
    """A part of a file that begins with a block at the margin; `line` is how many lines stand before it."""

    text: str
    line: int
    declares: frozenset[tuple[str, str, str]]
    body: Body | None = None

    def may_have(self, kind: str, labels: tuple[str, ...]) -> bool:
        """Whether such a block may be in it: a look that parses nothing."""
        return any(row[0] == kind and row[1 : 1 + len(labels)] == labels for row in self.declares)


@dataclass(slots=True)
class Text:
    """One file, parsed block by block as they are asked for. `broken` says why it cannot be parsed."""

    file: File
    text: str
    broken: Unreadable | None = None
    _chunks: list[Chunk] | None = None

    def blocks(self, kind: str, labels: tuple[str, ...]) -> Iterator[Block]:
        """The blocks of a kind whose labels begin like this; none where the file is broken."""
        self._parse(lambda chunk: self.is_json or chunk.may_have(kind, labels))
        for chunk in self.chunks if self.broken is None else ():
            for block in chunk.body.of(kind) if chunk.body else ():
                if block.labels[: len(labels)] == labels:
                    yield block

    def check(self) -> None:
        """Parse all of it, unless it is large, to see whether it is broken."""
        if len(self.text) <= _LARGEST_CHUNK:
            self._parse(lambda _: True)

    def _parse(self, wanted: Callable[[Chunk], bool]) -> None:
        """Parse the parts that are wanted; all in one, if what looks like a block stands in a comment or a heredoc."""
        for chunk in self.chunks:
            if chunk.body is None and self.broken is None and wanted(chunk):
                try:
                    chunk.body = self._read(chunk)
                except Unreadable as verdict:
                    return self._parse_whole(verdict)
        return None

    @property
    def is_json(self) -> bool:
        """Whether it is in Terraform's JSON syntax."""
        return self.file.name.endswith(".json")

    @property
    def chunks(self) -> list[Chunk]:
        """Its parts."""
        if self._chunks is None:
            self._chunks = [*self._split()]
        return self._chunks

    def _split(self) -> Iterator[Chunk]:
        starts = [] if self.is_json else [match.start() for match in _HEADER.finditer(self.text)]
        line = 0
        for start, end in pairwise([0, *starts, len(self.text)]):
            text = self.text[start:end]
            if text.strip():
                yield _chunk(text, line)
            line += text.count("\n")

    def _read(self, chunk: Chunk) -> Body:
        if self.is_json:
            from engine.reading.terraform.json_syntax import read_tf_json

            return read_tf_json(chunk.text)
        if len(chunk.text) > _LARGEST_CHUNK:
            message = f"a block larger than {_LARGEST_CHUNK // 1024} KiB: this is no file of a Terraform module"
            raise Unreadable("GR112", message, place=Place(chunk.line + 1, 1))
        return read_hcl(chunk.text, chunk.line)

    def _parse_whole(self, verdict: Unreadable) -> None:
        self.broken = verdict
        if len(self.chunks) > 1 and len(self.text) <= _LARGEST_CHUNK:
            whole = _chunk(self.text, 0)
            try:
                whole.body = self._read(whole)
            except Unreadable as other:
                self.broken = other
            else:
                self._chunks, self.broken = [whole], None


def _chunk(text: str, line: int) -> Chunk:
    return Chunk(text, line, frozenset((match[1], match[2], match[3]) for match in _DECLARED.finditer(text)))


@dataclass(slots=True)
class Texts:
    """Every file of a module that was looked at, and by `seen` other files that were read.

    `mine` is the text that was handed over instead of the disk's.
    """

    mine: Text
    seen: set[File] = field(default_factory=set)
    _folders: dict[File, list[Text]] = field(default_factory=dict)

    def of(self, directory: File) -> list[Text]:
        """The module's files, in Terraform's order."""
        if directory not in self._folders:
            self._folders[directory] = [*self._read(directory)]
        return self._folders[directory]

    def _read(self, directory: File) -> Iterator[Text]:
        mine = self.mine.file.absolute()
        names = _names(directory)
        if mine.parent == directory and mine.name not in names and is_module_file(mine):
            yield self.mine
        for name in names[:_MOST_FILES]:
            if directory / name == mine:
                yield self.mine
                continue
            try:
                yield Text(directory / name, read_text(directory / name))
            except Unreadable:
                continue

    def files(self) -> tuple[File, ...]:
        """All files that were read, without the one that was handed over."""
        found = {text.file for folder in self._folders.values() for text in folder} | self.seen
        return tuple(sorted({file.absolute() for file in found} - {self.mine.file}))

    def broken(self) -> Iterator[Text]:
        """The files that could not be parsed."""
        return (text for folder in self._folders.values() for text in folder if text.broken)


def _names(directory: File) -> list[str]:
    try:
        return sorted(
            entry.name for entry in directory.iterdir() if is_module_file(entry) and not entry.name.startswith(".")
        )
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Declared:
    """A block, and the file that it is in."""

    block: Block
    file: File


def blocks(texts: list[Text], kind: str, *labels: str) -> Iterator[Declared]:
    """The blocks of a kind whose labels begin like this."""
    for text in texts:
        yield from (Declared(block, text.file) for block in text.blocks(kind, labels))


def assignments(file: File) -> Mapping[str, Setting]:
    """The values of a .tfvars or .tfvars.json file; none where it cannot be read."""
    try:
        text = read_text(file)
        if file.name.endswith(".json"):
            from engine.reading.terraform.json_syntax import read_assignments

            return read_assignments(text)
        return read_hcl(text).settings
    except Unreadable:
        return {}


def automatic(directory: File) -> list[File]:
    """The files of values that Terraform reads by itself, later ones over earlier ones."""
    names = ("terraform.tfvars", "terraform.tfvars.json")
    try:
        own = sorted(
            entry for entry in directory.iterdir() if entry.name.endswith((".auto.tfvars", ".auto.tfvars.json"))
        )
    except OSError:
        own = []
    return [*(directory / name for name in names if (directory / name).is_file()), *own]
