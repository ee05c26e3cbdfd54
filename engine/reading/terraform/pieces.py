"""The inside of texts: heredocs, and templates with ``${...}`` and ``%{...}``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.reading.problem import Place
from engine.reading.terraform.syntax import Choice, Expression, For, Literal, Template

_HEAD = re.compile(r"<<(-?)([A-Za-z][\w.-]*)\r?\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template in the order of the text. `kind` is ``text``, ``interpolation`` or a directive's rule."""

    kind: str
    expressions: tuple[Expression, ...] = ()
    names: tuple[str, ...] = ()
    text: str = ""
    trim_before: bool = False
    trim_after: bool = False


def heredoc(token: str) -> str:
    """The text of a heredoc, without the indentation that ``<<-`` takes away."""
    head = _HEAD.match(token)
    if head is None:
        return token
    lines = token[head.end() :].replace("\r\n", "\n").rstrip("\n").split("\n")[:-1]
    if head[1]:
        deep = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
        lines = [line[deep:] for line in lines]
    return "".join(f"{line}\n" for line in lines)


def quoted(text: str) -> str:
    """Text with expressions as it would stand between quotes: what is no expression is escaped."""
    made: list[str] = []
    at = 0
    while at < len(text):
        two = text[at : at + 2]
        if text[at : at + 3] in ("$${", "%%{"):
            close = text.find("}", at)
            if close < 0 or "\n" in text[at:close]:
                made.append(_escaped(text[at : at + 2]))
                at += 2
                continue
            made.append(text[at : close + 1])
            at = close + 1
        elif two in ("${", "%{") and (end := _closing(text, at + 2)):
            made.append(re.sub(r"\s*\n\s*", " ", text[at:end]))
            at = end
        else:
            made.append(_escaped(text[at]))
            at += 1
    return "".join(made)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")


def _closing(text: str, at: int) -> int:
    """The end of an expression in a text, 0 where it has none."""
    stack = ["}"]
    while at < len(text):
        letter = text[at]
        if stack[-1] == '"':
            if letter == "\\":
                at += 1
            elif letter == '"':
                stack.pop()
            elif text[at : at + 2] in ("${", "%{"):
                stack.append("}")
                at += 1
        elif letter == '"':
            stack.append('"')
        elif letter == "{":
            stack.append("}")
        elif letter == "}":
            stack.pop()
            if not stack:
                return at + 1
        at += 1
    return 0


def strips(tokens: list[str]) -> tuple[bool, bool]:
    """Whether a ``~`` stands at the beginning and at the end of a directive."""
    marks = [number for number, token in enumerate(tokens) if token == "~"]  # noqa: S105
    return 1 in marks, len(tokens) - 2 in marks and len(tokens) - 2 != 1


def assembled(flat: list[Piece], at: Place) -> list[Expression]:
    """The pieces as expressions, each directive around what stands between it and its end."""
    rest = _trimmed(flat)
    parts, _ = _until(rest, 0, at, ())
    return parts


def _trimmed(flat: list[Piece]) -> list[Piece]:
    made = list(flat)
    for number, piece in enumerate(flat):
        if piece.trim_before and number and made[number - 1].kind == "text":
            made[number - 1] = replace(made[number - 1], text=made[number - 1].text.rstrip())
        if piece.trim_after and number + 1 < len(made) and made[number + 1].kind == "text":
            made[number + 1] = replace(made[number + 1], text=made[number + 1].text.lstrip())
    return made


def _until(flat: list[Piece], number: int, at: Place, ends: tuple[str, ...]) -> tuple[list[Expression], int]:
    parts: list[Expression] = []
    while number < len(flat) and flat[number].kind not in ends:
        piece = flat[number]
        number += 1
        if piece.kind == "text":
            parts.append(Literal(at, piece.text, piece.text))
        elif piece.kind == "interpolation":
            parts.append(piece.expressions[0])
        elif piece.kind == "template_if_start":
            yes, number = _until(flat, number, at, ("template_else", "template_endif"))
            no: list[Expression] = []
            if number < len(flat) and flat[number].kind == "template_else":
                no, number = _until(flat, number + 1, at, ("template_endif",))
            number += 1
            condition = piece.expressions[0]
            parts.append(Choice(at, condition.text, condition, _text(yes, at), _text(no, at)))
        elif piece.kind == "template_for_start":
            inner, number = _until(flat, number, at, ("template_endfor",))
            number += 1
            names = (piece.names[0] if len(piece.names) > 1 else "", piece.names[-1])
            over = piece.expressions[-1]
            parts.append(For(at, over.text, names, over, None, _text(inner, at), None, joined=True))
    return parts, number


def _text(parts: list[Expression], at: Place) -> Template:
    return Template(at, "".join(part.text for part in parts), tuple(parts))
