"""The files of a module: which there are, and what each declares, parsed only once it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File

from engine.reading.problem import Unreadable
from engine.reading.source import read_text
from engine.reading.terraform.hcl import read_hcl
from engine.reading.terraform.syntax import Block, Body, Setting

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_MOST_FILES = 500
_DECLARED = re.compile(
    r'^[ \t]*(resource|data|module|variable|output|locals)\b[ \t]*"?([\w-]*)"?[ \t]*"?([\w-]*)"?', re.MULTILINE
)


def is_module_file(file: File) -> bool:
    """Whether a file belongs to a Terraform (or OpenTofu) module."""
    return file.name.endswith(SUFFIXES)


@dataclass(slots=True)
class Text:
    """One file. `broken` says why it cannot be parsed."""

    file: File
    text: str
    broken: Unreadable | None = None
    _body: Body | None = None
    _declares: frozenset[tuple[str, str, str]] | None = None

    def declares(self, kind: str, labels: tuple[str, ...]) -> bool:
        """Whether such a block may be in it: a look that parses nothing."""
        if self.file.name.endswith(".json"):
            return True
        if self._declares is None:
            self._declares = frozenset((match[1], match[2], match[3]) for match in _DECLARED.finditer(self.text))
        return any(row[0] == kind and row[1 : 1 + len(labels)] == labels for row in self._declares)

    @property
    def body(self) -> Body:
        """Its blocks; none where it is broken."""
        if self._body is None:
            try:
                self._body = self._parsed()
            except Unreadable as verdict:
                self._body, self.broken = Body(), verdict
        return self._body

    def _parsed(self) -> Body:
        if self.file.name.endswith(".json"):
            from engine.reading.terraform.json_syntax import read_tf_json

            return read_tf_json(self.text)
        return read_hcl(self.text)


@dataclass(slots=True)
class Texts:
    """Every file that was looked at, by directory. `mine` is the text that was handed over instead of the disk's."""

    mine: Text
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
        if text.declares(kind, labels):
            for block in text.body.of(kind):
                if block.labels[: len(labels)] == labels:
                    yield Declared(block, text.file)


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
