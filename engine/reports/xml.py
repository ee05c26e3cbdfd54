"""Reading XML that somebody else wrote: nothing is fetched, entities are refused, size and depth are bounded."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from engine.reports.model import UnreadableReport

_DEEPEST = 200


def parse(raw: bytes) -> Element:
    """The document's element. Names come without namespaces. Raises `UnreadableReport`."""
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UnreadableReport(f"nested deeper than {_DEEPEST} elements")
        builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

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


def _local(name: str) -> str:
    return name.rpartition(":")[2]
