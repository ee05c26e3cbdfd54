"""A definition file as text and as plain data, and the line of everything in it."""

from __future__ import annotations

import codecs
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Protocol

from engine.model.diagnostics import Diagnostic, Severity
from engine.reading.problem import OF_KEY, Path, Place, Problem, Unreadable

MAX_BYTES = 64 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_YAML_LINE = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_WIDEST = 400
_HCL = (".tf", ".tofu")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that move the cursor, colour the screen or turn the direction of text."""
_LONGEST = 800
_MOST = 500


class Places(Protocol):
    """Finds where a path stands."""

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """The place of a value or of its key."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its data, and its number among the file's documents.

    `tagged` is what to say of its tags (``!Ref``) unless it is a template, where they are functions.
    """

    data: Any
    number: int
    tagged: Problem | None = None


class HclText(str):
    """The text of a Terraform file: its reader parses it, together with the rest of its module."""

    __slots__ = ()


class Source:
    """The text of one file. `documents` is its data, `problems` what is wrong with the text itself.

    Scalars are text as written (`engine.reading.scalars`), containers plain dicts and lists.
    """

    def __init__(self, file: File, text: str, *, templates: bool = False) -> None:
        self.file = file
        self.text = text
        self.templates = templates
        self.documents: list[Document] = []
        self.problems: list[Diagnostic] = []
        self.json = False
        self._lines: list[str] | None = None
        self._places: list[Places] | None = None

    def place(self, document: int, path: Path, *, key: bool = False) -> Place | None:
        """Where a path of one document stands, or the nearest part of it that exists."""
        if self._places is None:
            with uncollected():
                self._places = self._locate()
        if OF_KEY in path:
            path, key = path[: path.index(OF_KEY)], True
        return self._places[document].place(path, key=key) if document < len(self._places) else None

    def placed(self, places: Places) -> None:
        """Say where things stand, for a reader that finds out only while it reads."""
        self._places = [places]

    def diagnose(self, problem: Problem, document: int = 0) -> Diagnostic:
        """The problem with its line."""
        place = self.place(document, problem.path, key=problem.key)
        return self._diagnostic(problem.code, problem.message, problem.hint, place, problem.severity, problem.exception)

    def reject(self, verdict: Unreadable) -> Diagnostic:
        """The diagnostic of a text that cannot be read at all."""
        return self._diagnostic(verdict.code, verdict.message, verdict.hint, verdict.place)

    def _diagnostic(
        self,
        code: str,
        message: str,
        hint: str,
        place: Place | None,
        severity: Severity = Severity.ERROR,
        exception: str = "",
    ) -> Diagnostic:
        line, column, length = place or Place(0, 0)
        return Diagnostic(
            code,
            _readable(message),
            _readable(hint),
            severity,
            self.file,
            line,
            column,
            length,
            self._line(line, column),
            exception,
        )

    def _line(self, line: int, column: int) -> str:
        if self._lines is None:
            self._lines = self.text.split("\n") if self.json else _YAML_LINE.split(self.text)
        if not 0 < line <= len(self._lines) or column > _WIDEST:
            return ""
        return _UNSEEN.sub(_blank, self._lines[line - 1][: column + _WIDEST].rstrip("\r"))

    def _locate(self) -> list[Places]:
        if self.json:
            from engine.reading._json import JsonPlaces

            return [JsonPlaces(self.text)]
        from engine.reading._yaml import YamlReader

        reader = YamlReader(self.text, marks=True, templates=self.templates)
        return [read.places for read in reader.documents()]


def read(file: File, *, templates: bool = False) -> Source:
    """The file's text and data. Never raises for bad content: `problems` says what is wrong.

    `templates`: the short functions of CloudFormation may stand in it.
    """
    try:
        return take(file, _bytes(file), templates=templates)
    except Unreadable as verdict:
        return _refused(file, verdict)


def take(file: File, data: bytes, *, templates: bool = False) -> Source:
    """The same for content that is at hand, whatever it is."""
    try:
        text = decode(data)
    except Unreadable as verdict:
        return _refused(file, verdict)
    return parse(file, text, templates=templates)


def _refused(file: File, verdict: Unreadable) -> Source:
    source = Source(file, "")
    source.problems.append(source.reject(verdict))
    return source


def read_text(file: File) -> str:
    """The file's text, in whichever Unicode encoding it is. Raises `Unreadable`."""
    return decode(_bytes(file))


def parse(file: File, text: str, *, templates: bool = False) -> Source:
    """The data of a text that claims to be `file`. Its suffix decides between JSON and YAML, then its content."""
    source = Source(file, text, templates=templates)
    suffix = file.suffix.lower()
    try:
        with uncollected():
            _choose(source, suffix)
    except Unreadable as verdict:
        from engine.reading.unrendered import explained

        source.documents.clear()  # the ones before the broken one say nothing of the file
        source.problems = [source.reject(explained(verdict, text, suffix))]
    return source


def _choose(source: Source, suffix: str) -> None:
    if suffix in _HCL:
        _as_hcl(source)
    elif suffix == ".json":
        _as_json(source)
    elif suffix in (".yaml", ".yml") or source.text.lstrip()[:1] not in ("{", "["):
        _as_yaml(source)
    else:
        _as_either(source)


def _as_hcl(source: Source) -> None:
    if not source.text.strip():
        raise Unreadable("GR109", "the file is empty")
    source.documents = [Document(HclText(source.text), 0)]


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: it doubles the time of building a large tree that holds no garbage."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _as_json(source: Source) -> None:
    from engine.reading._json import duplicate, read_json

    if not source.text.strip():
        raise Unreadable("GR109", "the file is empty")
    source.json = True
    data, twice = read_json(source.text)
    source.documents = [Document(data, 0)]
    source.problems = [source.diagnose(duplicate(path)) for path in twice[:_MOST]]


def _as_yaml(source: Source) -> None:
    from engine.reading._yaml import YamlReader

    if _is_json(source.text):  # most JSON is YAML too, and reads ten times faster as what it is
        try:
            return _as_json(source)
        except Unreadable:
            source.json = False
    found: list[tuple[int, Problem]] = []
    for number, each in enumerate(YamlReader(source.text, templates=source.templates).documents()):
        source.documents.append(Document(each.data, number, each.tagged))
        found += [(number, problem) for problem in each.problems]
    source.documents = [each for each in source.documents if each.data is not None]
    if not source.documents:
        raise Unreadable("GR109", "the file is empty")
    source.problems = [source.diagnose(problem, number) for number, problem in dict.fromkeys(found[:_MOST])]
    return None


def _as_either(source: Source) -> None:
    try:
        _as_json(source)
    except Unreadable as verdict:
        source.json = False
        try:
            _as_yaml(source)
        except Unreadable:
            source.json = True
            raise verdict from None


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] == "{" and text.rstrip()[-1:] == "}"


def _blank(found: re.Match[str]) -> str:
    """One character for another, so that the caret stays in its place."""
    return "\t" if found[0] == "\t" else "�"


def _readable(text: str) -> str:
    """A message that people can read and a terminal can show, whatever is named in it."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", short)


def _bytes(file: File) -> bytes:
    try:
        with file.open("rb") as stream:  # never all of it: some files have no end
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise Unreadable("GR112", f"larger than {MAX_BYTES // 2**20} MiB: this is no definition file")
        return data
    except IsADirectoryError:
        raise Unreadable("GR101", "this is a directory", "name the definition file in it") from None
    except (OSError, ValueError) as error:
        raise Unreadable("GR101", f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def decode(data: bytes) -> str:
    """The text of a file's content. Raises `Unreadable`."""
    encoding = "utf-8"
    for mark, name in _BOMS:
        if data.startswith(mark):
            encoding, data = name, data[len(mark) :]
            break
    else:  # a mark is not required where the first character is ASCII
        if data[1:4] == b"\0\0\0" and data[:1] != b"\0":
            encoding = "utf-32-le"
        elif data[1:2] == b"\0" and data[:1] != b"\0":
            encoding = "utf-16-le"
        elif data[:1] == b"\0" and data[1:2] != b"\0":
            encoding = "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable("GR102", f"not {encoding.upper()} text", "save the file as UTF-8", place) from None
