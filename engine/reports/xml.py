"""Reading XML that somebody else wrote: nothing is fetched, entities are refused, size and depth are bounded."""

from __future__ import annotations

import sys
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from engine.reports.model import UnreadableReport

_DEEPEST = 200


class _Names(dict[str, str]):
    """Names by what they are called with their namespace. A document has few."""

    def __missing__(self, name: str) -> str:
        self[name] = found = sys.intern(name.rpartition(":")[2])
        return found


def parse(raw: bytes, *, without: frozenset[str] = frozenset()) -> Element:
    """The document's element. Names come without namespaces, elements `without` what is in them.

    Raises `UnreadableReport`.
    """
    builder, names = TreeBuilder(), _Names()
    depth, left_out = 0, 0  # the depth of the element that is left out

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, left_out
        depth += 1
        if depth > _DEEPEST:
            raise UnreadableReport(f"nested deeper than {_DEEPEST} elements")
        if left_out:
            return
        local = names[name]
        if local in without:
            left_out, parser.CharacterDataHandler = depth, None
        else:
            builder.start(local, {names[key]: value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth, left_out
        depth -= 1
        if not left_out:
            builder.end(names[name])
        elif depth < left_out:
            left_out, parser.CharacterDataHandler = 0, builder.data

    def refuse(*_: object) -> None:
        raise UnreadableReport("declares entities, which reports do not need")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)
        return builder.close()
    except expat.ExpatError as error:
        raise UnreadableReport(f"not readable as XML: {error}") from error
    except (ValueError, LookupError, AssertionError) as error:
        raise UnreadableReport(f"not readable as XML: {error}") from error


def text(element: Element | None) -> str:
    """All text below an element."""
    return "".join(element.itertext()) if element is not None else ""
