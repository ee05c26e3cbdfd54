"""The beginning of a file as it may be shown: text with colours, bytes in hexadecimal, what a picture or archive is.

Runs in a thread. Nothing that a terminal would obey gets through, and no file is read further than `LIMIT`.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from tui.graph.durations import size

if TYPE_CHECKING:
    from pygments.lexer import Lexer

    from engine.artifacts.store import Store

LIMIT = 256 * 1024  # bytes that are read of a file
LINES = 4_000
HEX = 4 * 1024  # bytes that are shown of what is no text
ARCHIVE = 32 * 1024 * 1024  # a larger archive is not opened
MEMBERS = 500

# What a name means, in the theme's own colours: the first prefix of a token's name that fits.
_TOKENS = (
    ("Token.Comment", "$muted italic"),
    ("Token.Keyword", "bold $primary"),
    ("Token.Name.Function", "$accent"),
    ("Token.Name.Class", "bold $accent"),
    ("Token.Name.Decorator", "$accent"),
    ("Token.Name.Tag", "$primary"),
    ("Token.Name.Attribute", "$accent"),
    ("Token.Name.Builtin", "$secondary"),
    ("Token.Literal.String", "$status-succeeded"),
    ("Token.Literal.Number", "$status-waiting"),
    ("Token.Generic.Deleted", "$status-failed"),
    ("Token.Generic.Inserted", "$status-succeeded"),
    ("Token.Generic.Heading", "bold $primary"),
    ("Token.Generic.Subheading", "bold $primary"),
    ("Token.Generic.Strong", "bold"),
    ("Token.Generic.Emph", "italic"),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """`kind` in a word or two, the whole `size` in bytes, the lines, and where the file goes on unseen."""

    kind: str
    size: int = 0
    lines: tuple[Content, ...] = ()


def preview(store: Store, tree: str, path: str) -> Preview:
    """What there is to see of a file."""
    from engine.evidence.trees import head

    try:
        kind = store.find(tree, path).kind
        data, whole = head(store, tree, path, LIMIT)
    except (KeyError, OSError):
        return Preview("lost", 0, (_quiet("dropped from the cache: run the action that makes it again"),))
    if kind == "link":
        return Preview("link", whole, (_plain(f"→ {_shown(data.decode('utf-8', 'replace'))}"),))
    if kind == "dir":
        return Preview("folder", 0, (_quiet("an empty folder"),))
    if not data:
        return Preview("empty", 0, (_quiet("an empty file"),))
    return _archive(store, tree, path, data, whole) or _picture(data, whole) or text_or_bytes(path, data, whole)


def text_or_bytes(path: str, data: bytes, whole: int) -> Preview:
    """Text in colours, or what the bytes are."""
    from engine.evidence.text import readable

    text = readable(data)
    if text is None:
        return Preview("binary", whole, tuple(_hex(data, whole)))
    lines = list(_coloured(path, text.replace("\r\n", "\n")))
    cut = len(lines) > LINES or whole > len(data)
    shown = lines[:LINES]
    wide = len(str(len(shown)))
    numbered = [Content.assemble((f"{at:>{wide}} ", "$muted"), line) for at, line in enumerate(shown, 1)]
    if cut:
        numbered.append(_quiet(f"… the beginning of {size(whole)}: o or L opens all of it"))
    return Preview("text", whole, tuple(numbered))


# -- text ---------------------------------------------------------------------------------------------------------


def _coloured(path: str, text: str) -> Iterator[Content]:
    """Lines; in the colours of the language that the name stands for."""
    lexer = _lexer(path)
    tokens: Iterable[tuple[object, str]] = lexer.get_tokens(text) if lexer else ((None, text),)
    parts: list[tuple[str, str]] = []
    rest = ""
    for token, value in tokens:
        style = _style(str(token))
        for piece in value.splitlines(keepends=True) if value else ():
            rest = piece.rstrip("\n")
            parts.append((rest, style))
            if piece.endswith("\n"):
                yield _assembled(parts)
                parts = []
    if any(text for text, _ in parts):
        yield _assembled(parts)


def _lexer(path: str) -> Lexer | None:
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        return get_lexer_for_filename(path.rsplit("/", 1)[-1], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _style(token: str) -> str:
    return next((style for prefix, style in _TOKENS if token.startswith(prefix)), "")


def _assembled(parts: list[tuple[str, str]]) -> Content:
    """A line whose tabs stand where they do in the file."""
    found: list[tuple[str, str] | str] = []
    column = 0
    for text, style in parts:
        shown = _shown((" " * (column % 8) + text).expandtabs(8)[column % 8 :])
        column += len(shown)
        if shown:
            found.append((shown, style) if style else shown)
    return Content.assemble(*found)


def _shown(text: str) -> str:
    from engine.evidence.text import visible

    return visible(text)


def _plain(text: str) -> Content:
    return Content(text)


def _quiet(text: str) -> Content:
    return Content.assemble((text, "$muted"))


# -- bytes --------------------------------------------------------------------------------------------------------


def _hex(data: bytes, whole: int) -> Iterator[Content]:
    for at in range(0, min(len(data), HEX), 16):
        row = data[at : at + 16]
        digits = " ".join(f"{byte:02x}" for byte in row[:8]) + "  " + " ".join(f"{byte:02x}" for byte in row[8:])
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        yield Content.assemble((f"{at:08x}  ", "$muted"), f"{digits:<49}", (f" {letters}", "$accent"))
    if whole > HEX:
        yield _quiet(f"… {size(HEX)} of {size(whole)}")


def _picture(data: bytes, whole: int) -> Preview | None:
    """What a picture is; a terminal is not the place to show it."""
    found = picture_of(data)
    if found is None:
        return None
    name, width, height = found
    lines = [_plain(f"{name} picture, {width} × {height}"), _quiet("o opens it"), _plain(""), *_hex(data[:512], 512)]
    return Preview(f"{name} {width}×{height}", whole, tuple(lines))


def picture_of(data: bytes) -> tuple[str, int, int] | None:
    """Kind, width and height of a picture; None for anything else."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return ("PNG", *struct.unpack(">II", data[16:24]))
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return ("GIF", *struct.unpack("<HH", data[6:10]))
        if data.startswith(b"BM"):
            return ("BMP", *struct.unpack("<II", data[18:26]))
        if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X":
            return "WebP", int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
    except struct.error:
        pass
    return None


def _jpeg(data: bytes) -> tuple[str, int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return "JPEG", width, height
        at += 2 + length
    return None


_TAR = re.compile(r"\.(tar|tgz|tar\.\w+|txz|tbz2?)$")


def _archive(store: Store, tree: str, path: str, data: bytes, whole: int) -> Preview | None:
    """What is in an archive, by name and size."""
    is_zip, is_tar = data.startswith((b"PK\x03\x04", b"PK\x05\x06")), bool(_TAR.search(path.lower()))
    if not (is_zip or is_tar):
        return None
    kind = "zip archive" if is_zip else "tar archive"
    if whole > ARCHIVE:
        return Preview(kind, whole, (_quiet(f"{size(whole)}: too large to be looked into here; o opens it"),))
    try:
        members = _zip_members(store.read(tree, path)) if is_zip else _tar_members(store.read(tree, path))
    except Exception:  # a broken archive is shown as the bytes it is
        return None
    lines = [Content.assemble((f"{size(count):>10}  ", "$muted"), _shown(name)) for name, count in members[:MEMBERS]]
    if (more := len(members) - MEMBERS) > 0:
        lines.append(_quiet(f"… and {more} more"))
    return Preview(f"{kind}, {len(members)} member{'s' * (len(members) != 1)}", whole, tuple(lines))


def _zip_members(data: bytes) -> list[tuple[str, int]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, info.file_size) for info in archive.infolist()]


def _tar_members(data: bytes) -> list[tuple[str, int]]:
    import tarfile
    from itertools import islice

    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [(member.name, member.size) for member in islice(archive, MEMBERS + 1)]
