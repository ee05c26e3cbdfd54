"""YAML as a buildspec needs it: scalars keep the text that was written, and every value knows its line.

A resolver would make 3.1 of ``python: 3.10`` and True of ``yes``; commands and variables are text.
"""

from __future__ import annotations

import re

import yaml

from engine.providers.buildspec.model import BuildspecError

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_DEPTH = 100
MAX_VALUES = 300_000
EMPTY = "wrong number of container tags, expected 1"
"""CodeBuild's words for a file with nothing in it, or with nothing of a buildspec."""
_TEMPLATE = re.compile(r"\{%|\{\{")
_TRUE = frozenset({"yes", "true", "on", "y"})


def compose(text: str) -> yaml.MappingNode:
    """The document's top mapping. Raises `BuildspecError` in CodeBuild's words."""
    try:
        _measure(text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _refusal(error, text) from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise BuildspecError(f"not readable as YAML: {error}") from error
    if is_null(node):
        raise BuildspecError(EMPTY, hint='The buildspec is empty. Begin it with "version: 0.2" and name its phases.')
    if not isinstance(node, yaml.MappingNode):
        raise BuildspecError("the buildspec holds no mapping: version and phases are missing")
    return node


def _measure(text: str) -> None:
    """Refuse what is nested so deep, or so large, that composing it would take the process down."""
    loader, depth, count = _Loader(text), 0, 0
    while (event := loader.get_event()) is not None:
        count += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or count > MAX_VALUES:
            what = (
                f"nested more than {MAX_DEPTH} levels deep" if depth > MAX_DEPTH else f"more than {MAX_VALUES:,} values"
            )
            at = event.start_mark.line + 1 if event.start_mark else 0
            raise BuildspecError(f"{what} at line {at}: this is no buildspec")


def _refusal(error: yaml.MarkedYAMLError, text: str) -> BuildspecError:
    problem = (error.problem or "not readable as YAML").replace("not allowed here", "not allowed in this context")
    line = error.problem_mark.line + 1 if error.problem_mark else 0
    hint = ""
    if _TEMPLATE.search(text):
        hint = "This looks like a template ({{ }} or {% %}): render it first."
    elif "cannot start any token" in problem and "\t" in text:
        hint = "YAML is indented with blanks, not with tabs."
    elif "mapping values" in problem:
        hint = "Quote a command that holds a colon followed by a space."
    return BuildspecError(f"{problem} at line {line}", hint=hint)


def line(node: yaml.Node) -> int:
    """The line of a value, counted from 1."""
    return int(node.start_mark.line) + 1


def is_null(node: yaml.Node | None) -> bool:
    """Absent, or written as nothing."""
    return node is None or (isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null")


def mapping(node: yaml.Node | None, where: str) -> dict[str, yaml.Node]:
    """A mapping's values by key; the last of equal keys wins; ``<<`` merges. Nothing where there is nothing."""
    return _mapping(node, where, {})


def _mapping(node: yaml.Node | None, where: str, known: dict[int, dict[str, yaml.Node] | None]) -> dict[str, yaml.Node]:
    """The same; `known` holds what was merged already, None for what is being merged."""
    if node is None or is_null(node):
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise BuildspecError(f"Expected {where} to be a map at line {line(node)}")
    known[id(node)] = None
    merged: dict[str, yaml.Node] = {}
    own: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                found = known[id(part)] if id(part) in known else _mapping(part, where, known)
                if found is None:
                    raise BuildspecError(f"{where} merges itself at line {line(key)}")
                merged |= found
        elif isinstance(key, yaml.ScalarNode):
            own[key.value] = value
        else:
            raise BuildspecError(f"Expected the keys of {where} to be strings at line {line(key)}")
    known[id(node)] = merged | own
    return merged | own


def text(node: yaml.Node | None, where: str) -> str:
    """A scalar as it was written; empty where there is nothing."""
    if node is None or is_null(node):
        return ""
    if not isinstance(node, yaml.ScalarNode):
        raise BuildspecError(f"Expected {where} to be of string type at line {line(node)}")
    return str(node.value)


def strings(node: yaml.Node | None, where: str) -> tuple[str, ...]:
    """A list of strings, or one string alone. Items of nothing (a comment after the dash) are dropped."""
    if node is None or is_null(node):
        return ()
    if isinstance(node, yaml.ScalarNode):
        return (str(node.value),)
    if not isinstance(node, yaml.SequenceNode):
        raise _subkeys(where, 0, node)
    found = []
    for index, item in enumerate(node.value):
        if is_null(item):
            continue
        if not isinstance(item, yaml.ScalarNode):
            raise _subkeys(where, index, item)
        found.append(str(item.value))
    return tuple(found)


def _subkeys(where: str, index: int, node: yaml.Node) -> BuildspecError:
    at = line(node)
    found = "subkeys" if isinstance(node, yaml.MappingNode) else "a list"
    return BuildspecError(
        f"Expected {where}[{index}] to be of string type: found {found} instead at line {at}, "
        f"value of the key tag on line {at - 1} might be empty",
        hint="Quote an item that holds a colon followed by a space, such as 'echo a: b'.",
    )


def flag(node: yaml.Node | None, where: str) -> bool:
    """A yes or no in any of YAML 1.1's spellings."""
    return text(node, where).lower() in _TRUE
