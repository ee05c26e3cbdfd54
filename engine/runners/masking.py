"""Hiding secret values in a stream of bytes, wherever chunks happen to end."""

from __future__ import annotations

import base64
import functools
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator

from engine.runners._finders import Few, Finder, Many

MASK = b"***"
# Shorter pieces of a secret (the brace of a JSON document, four letters of base64) occur in innocent output.
_SHORTEST_LINE = 4
_SHORTEST_CODED = 6
_WIDTHS = (64, 76)
_UNCODED = (
    "",
    "/",
    "!'()*",
    ";,/?:@&=+$!'()*#",
)  # what URL encoders leave as it is: form values, Python, JavaScript's two
_FEW = 150  # spellings; a search for each of more takes longer than one walk over the text


def forms(value: str) -> set[bytes]:
    """Every spelling of a secret that must not be seen.

    The value itself, each line of a multi-line value, and what base64, URL encoding, JSON and shell quoting make
    of the value.
    """
    if not value:
        return set()
    lines = [line.strip() for line in value.splitlines()] if "\n" in value.strip() else []
    texts = {value, value.strip() or value}
    texts.update(line for line in lines if len(line) >= _SHORTEST_LINE)
    for text in [value, *lines]:
        if len(text) >= _SHORTEST_LINE:
            texts.update(_quoted(text))
    found = {text.encode("utf-8", "surrogateescape") for text in texts if text}
    for text in {value, value.strip()}:
        raw = text.encode("utf-8", "surrogateescape")
        if len(raw) >= _SHORTEST_CODED:
            found.update(_base64(raw))
            found.update(_wrapped(raw))
    return found


def _quoted(text: str) -> set[str]:
    plain = text.encode("utf-8", "surrogateescape")
    doubled = re.sub(r'([\\"$`])', r"\\\1", text)
    coded = {urllib.parse.quote(plain, safe=safe) for safe in _UNCODED} | {urllib.parse.quote_plus(plain)}
    return {
        *coded,
        *(re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), one) for one in coded),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        text.replace("'", "'\"'\"'"),
        text.replace("'", "'\\''"),
        doubled,
    }


def _base64(raw: bytes) -> set[bytes]:
    """What is sure to be seen of `raw` in the base64 of any text that holds it: three alignments, two alphabets."""
    found = set()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        # Characters that mix bits of the value with bits of its neighbours are left out at both ends.
        head = (0, 2, 3)[shift]
        whole = (len(raw) + shift) * 8 // 6
        piece = coded[head:whole]
        found.add(piece)
        found.add(piece.translate(bytes.maketrans(b"+/", b"-_")))
    return found


def _wrapped(raw: bytes) -> Iterator[bytes]:
    """The lines of base64 as tools write it that break lines, `base64` and `openssl` among them."""
    coded = base64.b64encode(raw)[: len(raw) * 8 // 6]
    for width in _WIDTHS:
        if len(coded) > width:
            for at in range(0, len(coded), width):
                line = coded[at : at + width]
                if len(line) >= _SHORTEST_CODED:
                    yield line


@functools.lru_cache(8)
def _finder(secrets: tuple[str, ...]) -> Finder | None:
    """What finds every spelling of these. A build asks for the same one several times."""
    every: set[bytes] = set()
    for secret in secrets:
        every |= forms(secret)
    ordered = sorted(every, key=lambda form: (-len(form), form))
    if not ordered:
        return None
    return Few(ordered) if len(ordered) <= _FEW else Many(ordered)


class Masker:
    """Replaces secrets by ``***``, longest first. `feed` may hold back what could be the start of one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._finder = _finder(tuple(secrets))
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The part of everything fed so far that is safe to be shown now."""
        finder = self._finder
        if finder is None:
            return data
        buffer = self._held + data
        shown: list[bytes] = []
        position, hold = 0, finder.pending(buffer, 0)
        for start, end in finder.matches(buffer):
            # A longer secret may begin here, or earlier, and end in the next chunk.
            if start >= hold:
                break
            shown += (buffer[position:start], MASK)
            position = end
            if position > hold:
                hold = finder.pending(buffer, position)
        shown.append(buffer[position:hold])
        self._held = buffer[hold:]
        return b"".join(shown)

    def flush(self) -> bytes:
        """What was held back, masked: no more will come."""
        held, self._held = self._held, b""
        return self._masked(held)

    def mask(self, text: str) -> str:
        """A whole text, masked."""
        return self._masked(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _masked(self, raw: bytes) -> bytes:
        shown, position = [], 0
        for start, end in self._finder.matches(raw) if self._finder else ():
            shown += [raw[position:start], MASK]
            position = end
        return b"".join([*shown, raw[position:]])
