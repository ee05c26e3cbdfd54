"""Terraform's JSON syntax (.tf.json, .tfvars.json): the same tree, texts of which are templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from engine.reading._json import JsonPlaces, read_json
from engine.reading.problem import Path, Place
from engine.reading.scalars import Plain
from engine.reading.terraform.hcl import read_template
from engine.reading.terraform.syntax import Block, Body, Expression, ListOf, Literal, ObjectOf, Setting

_LABELS = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "dynamic": 1}
_BLOCKS = ("resource", "data", "module", "variable", "output", "provider", "locals", "terraform")


def read_tf_json(text: str) -> Body:
    """The blocks of a .tf.json. Raises `Unreadable`."""
    data, _ = read_json(text)
    reader = _Reader(JsonPlaces(text))
    body = Body()
    for kind, value in data.items() if isinstance(data, dict) else ():
        if kind in _BLOCKS:
            body.blocks += reader.blocks(kind, value, (kind,), (), _LABELS.get(kind, 0))
    return body


def read_assignments(text: str) -> dict[str, Setting]:
    """The values of a .tfvars.json. Raises `Unreadable`."""
    data, _ = read_json(text)
    return _Reader(JsonPlaces(text)).body(data, ()).settings if isinstance(data, dict) else {}


class _Reader:
    def __init__(self, places: JsonPlaces) -> None:
        self._places = places

    def blocks(self, kind: str, value: Any, path: Path, labels: tuple[str, ...], deep: int) -> Iterator[Block]:
        """Labels are keys; one block may be written as a list of blocks."""
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.blocks(kind, item, (*path, number), labels, deep)
        elif isinstance(value, dict) and deep:
            for label, item in value.items():
                yield from self.blocks(kind, item, (*path, label), (*labels, label), deep - 1)
        elif isinstance(value, dict):
            yield Block(kind, labels, self.body(value, path), self._place(path))

    def body(self, data: dict[str, Any], path: Path) -> Body:
        body = Body()
        for name, value in data.items():
            if name == "dynamic":
                for block in self.blocks("dynamic", value, (*path, name), (), 1):
                    body.blocks.append(_with_content(block))
            elif name != "//":
                at = self._places.place((*path, name), key=True) or Place(1, 1)
                body.settings[name] = Setting(name, self.expression(value, (*path, name)), at)
        return body

    def expression(self, value: Any, path: Path) -> Expression:
        at = self._place(path)
        if isinstance(value, Plain):
            number = float(value) if re.search(r"[.eE]", value) else int(value) if len(value) < 100 else 0
            return Literal(at, value, number)
        if isinstance(value, str):
            return read_template(value, at)
        if isinstance(value, list):
            return ListOf(at, "[…]", tuple(self.expression(item, (*path, number)) for number, item in enumerate(value)))
        if isinstance(value, dict):
            items = (
                (Literal(at, key, key), self.expression(item, (*path, key)))
                for key, item in value.items()
                if key != "//"
            )
            return ObjectOf(at, "{…}", tuple(items))
        return Literal(at, json.dumps(value), value)

    def _place(self, path: Path) -> Place:
        return self._places.place(path) or Place(1, 1)


def _with_content(block: Block) -> Block:
    """``content`` is an object in JSON, and a block in HCL."""
    setting = block.body.settings.pop("content", None)
    if setting is not None:
        block.body.blocks += (Block("content", (), body, setting.at) for body in bodies(setting.value))
    return block


def bodies(expression: Expression) -> list[Body]:
    """The blocks that a list of objects, or one object, stands for."""
    if isinstance(expression, ListOf):
        return [body for item in expression.items for body in bodies(item)]
    if not isinstance(expression, ObjectOf):
        return []
    body = Body()
    for key, value in expression.items:
        if isinstance(key, Literal):
            body.settings[str(key.value)] = Setting(str(key.value), value, value.at)
    return [body]
