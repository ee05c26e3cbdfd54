"""Terraform's functions, as far as definitions use them. What is missing here stays symbolic."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.reading.terraform.values import (
    LONGEST,
    UNKNOWN,
    Lazy,
    Symbol,
    Unique,
    Unresolved,
    Value,
    items_of,
    joined,
    list_of,
    number_of,
    text_of,
    unknown_in,
)

_LARGEST_FILE = 256 * 1024
_LONGEST_PATTERN = 200


@dataclass(frozen=True, slots=True)
class Files:
    """Where relative paths start, and who renders a template file. `seen` gathers what was read."""

    root: Path
    render: Callable[[str, dict[str, Value]], Value]
    seen: set[Path] = field(default_factory=set)

    def text(self, name: Value) -> str:
        """The text of a file. Raises `Unresolved`."""
        try:
            file = self.root / text_of(name)
            if not file.is_file() or file.stat().st_size > _LARGEST_FILE:
                raise Unresolved(f"no file {name}")
            self.seen.add(file)
            return file.read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise Unresolved(f"no file {name}") from None


@dataclass(frozen=True, slots=True)
class Function:
    """`sees_unknown`: it makes something of arguments that are not known."""

    run: Callable[..., Any]
    sees_unknown: bool = False
    reads: bool = False

    def apply(self, files: Files, arguments: list[Value]) -> Value:
        """Call it. Raises `Unresolved` for arguments that it does not take."""
        try:
            made: Value = self.run(files, *arguments) if self.reads else self.run(*arguments)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError, re.error):
            raise Unresolved("wrong arguments") from None
        return made


def _format(pattern: str, *values: Value) -> Value:
    rest = list(values)
    known = not any(isinstance(value, Symbol) for value in values)

    def fill(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        value = rest.pop(0)
        if match["verb"] in "sv" or isinstance(value, Symbol):
            shown = _jsonencode(value) if isinstance(value, (list, dict)) else text_of(value)
            return f"%{match['flags']}s" % str(shown) if len(match["flags"]) < 5 else str(shown)
        if match["verb"] == "q":
            return json.dumps(text_of(value))
        return f"%{match['flags'][:4]}{match['verb']}" % number_of(value)

    return joined([re.sub(r"%%|%(?P<flags>[-+ 0#]*[0-9]*(\.[0-9]+)?)(?P<verb>[svqdfegxXob])", fill, pattern)], known)


def _join(separator: str, *lists: Value) -> Value:
    if any(isinstance(each, Symbol) for each in lists):
        return UNKNOWN
    values = [value for each in lists for value in list_of(each)]
    return joined([separator.join(text_of(value) for value in values)], not any(isinstance(v, Symbol) for v in values))


def _jsonencode(value: Value) -> Value:
    if isinstance(value, Lazy):
        return UNKNOWN
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return joined([text], next(unknown_in(value), None) is None)


def _jsondecode(text: str) -> Value:
    try:
        made: Value = json.loads(text)
    except RecursionError:
        raise Unresolved("nested too deep") from None
    return made


def _yamldecode(text: str) -> Value:
    import yaml

    if ("&" in text and "*" in text) or len(text) > _LARGEST_FILE // 4:
        raise Unresolved("aliases may make it endless")
    try:
        made = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        raise Unresolved("not YAML") from None
    return _plain(made)


def _plain(value: Any) -> Value:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _merge(*maps: Value) -> Value:
    """Of maps that are not known nothing is taken: the keys of the others are worth having."""
    made: dict[str, Value] = {}
    for each in maps:
        if each is not None and not isinstance(each, Symbol):
            made.update({text_of(key): value for key, value in items_of(each)})
    return made


def _concat(*lists: Value) -> Value:
    return [value for each in lists if not isinstance(each, Symbol) for value in list_of(each)]


def _flatten(value: Value) -> Value:
    made: list[Value] = []
    for each in list_of(value):
        made += list_of(_flatten(each)) if isinstance(each, list) else [each]
    return made


def _coalesce(*values: Value) -> Value:
    for value in values:
        if value is not None and value != "":
            return value
    raise Unresolved("nothing to choose")


def _coalescelist(*values: Value) -> Value:
    return next(value for value in values if value)


def _lookup(table: Value, key: Value, *default: Value) -> Value:
    if isinstance(table, Symbol) or isinstance(key, Symbol):
        return UNKNOWN
    if isinstance(table, Lazy):
        return table.index(key)
    found = dict(items_of(table))
    if key in found:
        return found[key]
    return default[0] if default else UNKNOWN


def _element(values: Value, number: Value) -> Value:
    items = list_of(values)
    return items[int(number_of(number)) % len(items)]


def _replace(text: str, old: str, new: str) -> Value:
    if len(old) > 1 and old[0] == old[-1] == "/":
        return re.sub(_pattern(old[1:-1], text), lambda match: match.expand(re.sub(r"\$(\d)", r"\\\1", new)), text)
    if len(text) + text.count(old) * len(new) > LONGEST:
        raise Unresolved("too long")
    return text.replace(old, new)


def _regex(pattern: str, text: str) -> Value:
    match = re.search(_pattern(pattern, text), text)
    if match is None:
        raise Unresolved("no match")
    named = match.groupdict()
    return dict(named) if named else list(match.groups()) if match.groups() else match[0]


def _pattern(pattern: str, text: str) -> str:
    """A pattern that cannot take forever on this text: what repeats repetitions, or too many, is left alone."""
    loops = len(re.findall(r"[^\\][+*{]", pattern))
    if len(pattern) > _LONGEST_PATTERN or re.search(r"\)[+*{]", pattern) or len(text) ** loops > 10**7:
        raise Unresolved("too hard a pattern")
    return pattern


def _distinct(values: Value) -> Value:
    made: list[Value] = []
    seen: set[str] = set()
    for value in list_of(values):
        mark = repr(value)
        if mark not in seen:
            seen.add(mark)
            made.append(value)
    return made


def _toset(values: Value) -> Value:
    return Unique(sorted(list_of(_distinct(values)), key=str))


def _range(*limits: Value) -> Value:
    made = range(*(int(number_of(limit)) for limit in limits))
    if len(made) > 1024:  # Terraform's own limit
        raise Unresolved("too long")
    return list(made)


def _sum(values: Value) -> Value:
    return sum(number_of(value) for value in list_of(values))


def _slice(values: Value, start: Value, end: Value) -> Value:
    return list_of(values)[int(number_of(start)) : int(number_of(end))]


def _index_of(values: Value, value: Value) -> Value:
    if isinstance(values, Symbol):
        return UNKNOWN
    items = list_of(values)
    if any(each is value for each in items):
        return next(number for number, each in enumerate(items) if each is value)
    return items.index(value)


def _length(value: Value) -> Value:
    return len(value) if isinstance(value, str) else len(items_of(value))


def _contains(values: Value, value: Value) -> Value:
    if isinstance(values, Symbol) or isinstance(value, Symbol):
        return UNKNOWN
    items = list_of(values)
    return UNKNOWN if value not in items and any(isinstance(item, Symbol) for item in items) else value in items


def _zipmap(keys: Value, values: Value) -> Value:
    return {text_of(key): value for key, value in zip(list_of(keys), list_of(values), strict=False)}


def _one(values: Value) -> Value:
    items = list_of(values)
    return items[0] if items else None


def _substr(text: str, start: Value, length: Value) -> Value:
    first, count = int(number_of(start)), int(number_of(length))
    rest = text[first:]
    return rest if count < 0 else rest[:count]


def _indent(spaces: Value, text: str) -> Value:
    return text.replace("\n", "\n" + " " * min(int(number_of(spaces)), 100))


def _tostring(value: Value) -> Value:
    return None if value is None else text_of(value)


def _tobool(value: Value) -> Value:
    return {"true": True, "false": False}[text_of(value)]


def _file_exists(files: Files, name: Value) -> Value:
    return (files.root / text_of(name)).is_file()


def _templatefile(files: Files, name: Value, values: Value) -> Value:
    if isinstance(name, Symbol):
        return UNKNOWN
    return files.render(files.text(name), dict(items_of(values)))  # type: ignore[arg-type]


def _basename(text: str) -> Value:
    return text.rstrip("/").rsplit("/", 1)[-1]


def _dirname(text: str) -> Value:
    return text.rsplit("/", 1)[0] if "/" in text else "."


def _digest(name: str) -> Callable[[str], Value]:
    return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _plainly(**functions: Callable[..., Any]) -> dict[str, Function]:
    return {name.rstrip("_"): Function(function) for name, function in functions.items()}


FUNCTIONS: dict[str, Function] = {
    **_plainly(
        lower=lambda text: text_of(text).lower(),
        upper=lambda text: text_of(text).upper(),
        title=lambda text: text_of(text).title(),
        trimspace=lambda text: text_of(text).strip(),
        trim=lambda text, letters: text_of(text).strip(letters),
        trimprefix=lambda text, start: text_of(text).removeprefix(start),
        trimsuffix=lambda text, end: text_of(text).removesuffix(end),
        chomp=lambda text: text_of(text).rstrip("\r\n"),
        split=lambda separator, text: text_of(text).split(separator) if text else [],
        replace=_replace,
        regex=_regex,
        substr=_substr,
        indent=_indent,
        startswith=lambda text, start: text.startswith(start),
        endswith=lambda text, end: text.endswith(end),
        strcontains=lambda text, part: part in text,
        strrev=lambda text: text_of(text)[::-1],
        length=_length,
        element=_element,
        keys=lambda table: [text_of(key) for key, _ in items_of(table)],
        values=lambda table: [value for _, value in items_of(table)],
        flatten=_flatten,
        distinct=_distinct,
        compact=lambda values: [value for value in list_of(values) if value not in (None, "")],
        reverse=lambda values: list_of(values)[::-1],
        sort=lambda values: sorted(text_of(value) for value in list_of(values)),
        slice=_slice,
        range=_range,
        zipmap=_zipmap,
        one=_one,
        sum=_sum,
        min=lambda *values: min(map(number_of, values)),
        max=lambda *values: max(map(number_of, values)),
        abs=lambda value: abs(number_of(value)),
        ceil=lambda value: -int(-number_of(value) // 1),
        floor=lambda value: int(number_of(value) // 1),
        tostring=_tostring,
        tonumber=lambda value: None if value is None else number_of(value),
        tobool=_tobool,
        toset=_toset,
        tolist=lambda values: list(list_of(values)),
        tomap=lambda table: dict(items_of(table)),
        jsondecode=_jsondecode,
        yamldecode=_yamldecode,
        base64encode=lambda text: base64.b64encode(text_of(text).encode()).decode(),
        base64decode=lambda text: base64.b64decode(text_of(text)).decode(),
        basename=_basename,
        dirname=_dirname,
        abspath=lambda text: text,
        pathexpand=lambda text: text,
        nonsensitive=lambda value: value,
        md5=_digest("md5"),
        sha1=_digest("sha1"),
        sha256=_digest("sha256"),
    ),
    "sensitive": Function(lambda value: value, sees_unknown=True),
    "format": Function(_format, sees_unknown=True),
    "join": Function(_join, sees_unknown=True),
    "jsonencode": Function(_jsonencode, sees_unknown=True),
    "merge": Function(_merge, sees_unknown=True),
    "concat": Function(_concat, sees_unknown=True),
    "coalesce": Function(_coalesce, sees_unknown=True),
    "coalescelist": Function(_coalescelist),
    "lookup": Function(_lookup, sees_unknown=True),
    "index": Function(_index_of, sees_unknown=True),
    "contains": Function(_contains, sees_unknown=True),
    "file": Function(lambda files, name: files.text(name), reads=True),
    "fileexists": Function(_file_exists, reads=True),
    "templatefile": Function(_templatefile, sees_unknown=True, reads=True),
    "filesha256": Function(lambda files, name: hashlib.sha256(files.text(name).encode()).hexdigest(), reads=True),
    "filemd5": Function(
        lambda files, name: hashlib.md5(files.text(name).encode(), usedforsecurity=False).hexdigest(), reads=True
    ),
}
