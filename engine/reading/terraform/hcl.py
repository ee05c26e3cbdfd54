"""HCL text to `engine.reading.terraform.syntax`, by the grammar of python-hcl2."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from engine.reading.problem import Place, Unreadable
from engine.reading.source import uncollected
from engine.reading.terraform import pieces
from engine.reading.terraform.syntax import (
    Attribute,
    Block,
    Body,
    Call,
    Choice,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    Name,
    ObjectOf,
    Operation,
    Setting,
    Splat,
    Template,
)

if TYPE_CHECKING:
    from lark import Token, Tree
    from lark.exceptions import UnexpectedInput

_MENDS = 200
_SHOWN = 30
_NOTHING = Place(1, 1)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read_hcl(text: str, before: int = 0) -> Body:
    """The blocks of a text that so many lines stand before. Raises `Unreadable` with the place of what is no HCL."""
    try:
        text, tree = _parsed(text if text.endswith("\n") else text + "\n")
        return _Converter(text, before=before).body(tree.children[0])
    except RecursionError:
        raise Unreadable("GR107", "nested too deep") from None
    except Unreadable as verdict:
        if verdict.place is not None:
            verdict.place = verdict.place._replace(line=verdict.place.line + before)
        raise


def read_template(text: str, at: Place) -> Expression:
    """Text with ``${...}`` and ``%{...}`` in it: a heredoc, a value of a .tf.json, a template file."""
    if "${" not in text and "%{" not in text:
        return Literal(at, text, text)
    try:
        source, tree = _parsed(f'text = "{pieces.quoted(text)}"\n')
        (setting,) = _Converter(source, at).body(tree.children[0]).settings.values()
    except Unreadable:
        return Literal(at, text, text)
    return setting.value


@cache
def _parser() -> Any:
    """The parser of python-hcl2, which keeps its tables beside itself, or in the user's cache if it may not."""
    import hcl2.parser

    if not os.access(File(hcl2.parser.PARSER_FILE).parent, os.W_OK):
        home = File(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "greenroom"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        hcl2.parser.PARSER_FILE = home / "hcl.bin"
    return hcl2.parser.parser()


def _parsed(text: str) -> tuple[str, Tree[Token]]:
    """The syntax tree, and the text that it is of.

    What Terraform takes and the grammar does not is put otherwise: ``x -1``, which it reads as two expressions,
    ``!!x``, and names in quotes.
    """
    from lark.exceptions import LarkError, UnexpectedInput

    for _ in range(_MENDS):
        try:
            with uncollected():
                return text, _parser().parse(text)
        except UnexpectedInput as error:
            mended = _mended(text, error)
            if mended is None:
                raise _explain(text, error) from None
            text = mended
        except LarkError:
            break
    raise Unreadable("GR117", "this is not HCL", "`terraform validate` says more")


def _mended(text: str, error: UnexpectedInput) -> str | None:
    at, token = getattr(error, "pos_in_stream", None), str(getattr(error, "token", ""))
    if at is None or not token:
        return None
    if token[0] == "-" and token[1:2].isdigit():
        return f"{text[: at + 1]} {text[at + 1 :]}"
    if text[at - 1 : at + 1] == "!!":
        return f"{text[: at - 1]}  {text[at + 1 :]}"
    name = re.match(r'"([\w./-]+)"(?=\s*=)', text[at : at + 100])
    if name:  # a name in quotes, as before Terraform 0.12
        return f"{text[:at]} {re.sub(r'[^A-Za-z0-9_-]', '_', name[1])} {text[at + name.end() :]}"
    return None


def _explain(text: str, error: UnexpectedInput) -> Unreadable:
    line, column = max(error.line, 1), max(error.column, 1)
    token = str(getattr(error, "token", "") or text[error.pos_in_stream or 0 :]).strip().split("\n")[0]
    if not token:
        return Unreadable("GR117", "the file ends inside a block, a list or a text", "close it", Place(line, column))
    at = error.pos_in_stream or 0
    if text[at - 1 : at] == '"' and '"' not in text[at:].split("\n", 1)[0]:
        return Unreadable("GR117", "this text is not closed", 'a " is missing', Place(line, column - 1))
    shown = token if len(token) <= _SHOWN else token[: _SHOWN - 1] + "…"
    return Unreadable("GR117", f"{shown!r} is not expected here", "`terraform fmt` says more", Place(line, column))


class _Converter:
    """Turns the trees of one text into ours. `at`: the place of everything, where the text is not a file of its own."""

    def __init__(self, text: str, at: Place | None = None, *, before: int = 0) -> None:
        self._text = text
        self._before = before
        self._at = at

    def body(self, tree: Any) -> Body:
        body = Body()
        for child in tree.children:
            if child.data == "attribute":
                name, _, value = child.children
                setting = Setting(_word(name), self.expression(value), self._place(name))
                body.settings[setting.name] = setting
            elif child.data == "block":
                body.blocks.append(self._block(child))
        return body

    def _block(self, tree: Any) -> Block:
        words = [child for child in _trees(tree) if child.data not in ("body", "new_line_or_comment")]
        (body,) = (child for child in _trees(tree) if child.data == "body")
        labels = tuple(self._label(word) for word in words[1:])
        return Block(_word(words[0]), labels, self.body(body), self._place(words[0], words[-1]))

    def _label(self, tree: Any) -> str:
        return (
            "".join(_unescaped(str(part.children[0])) for part in _trees(tree))
            if tree.data == "string"
            else _word(tree)
        )

    def expression(self, tree: Any) -> Expression:
        """The expression of any tree of the grammar that stands for one."""
        if tree.data == "expr_term":  # brackets, or only a step of the grammar
            (inner,) = (child for child in _trees(tree) if child.data != "new_line_or_comment")
            return self.expression(inner)
        convert = getattr(self, f"_{tree.data}")
        made: Expression = convert(tree, self._place(tree), self._source(tree))
        return made

    def _place(self, first: Any, last: Any = None) -> Place:
        start, end = first.meta, (last or first).meta
        if self._at is not None or start.empty:
            return self._at or _NOTHING
        length = end.end_column - start.column if end.end_line == start.line else 1
        return Place(start.line + self._before, start.column, max(length, 1))

    def _source(self, tree: Any) -> str:
        return "" if tree.meta.empty else " ".join(self._text[tree.meta.start_pos : tree.meta.end_pos].split())

    def _all(self, tree: Any) -> list[Expression]:
        return [self.expression(child) for child in _trees(tree) if child.data != "new_line_or_comment"]

    def _int_lit(self, tree: Any, at: Place, text: str) -> Expression:
        digits = str(tree.children[0])
        return Literal(at, text, int(digits) if len(digits) < 100 else digits)

    def _float_lit(self, tree: Any, at: Place, text: str) -> Expression:
        return Literal(at, text, float(str(tree.children[0])))

    def _literal_value(self, tree: Any, at: Place, text: str) -> Expression:
        return Literal(at, text, _WORDS[str(tree.children[0])])

    def _identifier(self, tree: Any, at: Place, text: str) -> Expression:
        return Name(at, text, _word(tree))

    def _keyword(self, tree: Any, at: Place, text: str) -> Expression:
        return Name(at, text, _word(tree))

    def _conditional(self, tree: Any, at: Place, text: str) -> Expression:
        condition, yes, no = self._all(tree)
        return Choice(at, text, condition, yes, no)

    def _binary_op(self, tree: Any, at: Place, text: str) -> Expression:
        left, term = (child for child in _trees(tree) if child.data != "new_line_or_comment")
        operator, right = (child for child in _trees(term) if child.data != "new_line_or_comment")
        symbol = str(operator.children[-1]).split()[-1]  # comments and lines before it are part of the token
        return Operation(at, text, symbol, (self.expression(left), self.expression(right)))

    def _unary_op(self, tree: Any, at: Place, text: str) -> Expression:
        return Operation(at, text, str(tree.children[0]), (self.expression(tree.children[1]),))

    def _tuple(self, tree: Any, at: Place, text: str) -> Expression:
        return ListOf(at, text, tuple(self._all(tree)))

    def _object(self, tree: Any, at: Place, text: str) -> Expression:
        elements = (child for child in _trees(tree) if child.data == "object_elem")
        return ObjectOf(
            at, text, tuple((self._key(each.children[0]), self.expression(each.children[-1])) for each in elements)
        )

    def _key(self, tree: Any) -> Expression:
        """A word alone is a name, not a reference; in brackets it is one."""
        (inner,) = _trees(tree)
        if inner.data == "expr_term" and len(inner.children) == 1:
            inner = inner.children[0]
        if inner.data in ("identifier", "keyword", "literal_value"):
            return Literal(self._place(inner), self._source(inner), _word(inner))
        return self.expression(inner)

    def _function_call(self, tree: Any, at: Place, text: str) -> Expression:
        name = "::".join(_word(child) for child in _trees(tree) if child.data == "identifier")
        given = next((child for child in _trees(tree) if child.data == "arguments"), None)
        if given is None:
            return Call(at, text, name, ())
        return Call(at, text, name, tuple(self._all(given)), "ELLIPSIS" in _tokens(given))

    def _get_attr_expr_term(self, tree: Any, at: Place, text: str) -> Expression:
        return self._step(self.expression(tree.children[0]), tree.children[1], at, text)

    def _index_expr_term(self, tree: Any, at: Place, text: str) -> Expression:
        return self._step(self.expression(tree.children[0]), tree.children[1], at, text)

    def _step(self, of: Expression, tree: Any, at: Place, text: str) -> Expression:
        if tree.data == "get_attr":
            return Attribute(at, text, of, _word(tree.children[1]))
        if tree.data == "short_index":
            return Index(at, text, of, Literal(at, str(tree.children[1]), int(tree.children[1])))
        return Index(at, text, of, self._all(tree)[0])

    def _attr_splat_expr_term(self, tree: Any, at: Place, text: str) -> Expression:
        """``a.*.b[0]`` takes the first of the list, ``a[*].b[0]`` the first of each."""
        of, rest = self.expression(tree.children[0]), list(_trees(tree.children[1]))
        inside = next((number for number, step in enumerate(rest) if step.data != "get_attr"), len(rest))
        made: Expression = Splat(at, text, of, self._steps(rest[:inside], at, text))
        for step in rest[inside:]:
            made = self._step(made, step, at, text)
        return made

    def _full_splat_expr_term(self, tree: Any, at: Place, text: str) -> Expression:
        of, rest = self.expression(tree.children[0]), list(_trees(tree.children[1]))
        return Splat(at, text, of, self._steps(rest, at, text))

    def _steps(self, steps: list[Any], at: Place, text: str) -> Expression:
        made: Expression = Name(at, "*", "*")
        for step in steps:
            made = self._step(made, step, at, text)
        return made

    def _for_tuple_expr(self, tree: Any, at: Place, text: str) -> Expression:
        names, over = self._intro(tree)
        (value,) = self._loop(tree)
        return For(at, text, names, over, None, value, self._condition(tree))

    def _for_object_expr(self, tree: Any, at: Place, text: str) -> Expression:
        names, over = self._intro(tree)
        key, value = self._loop(tree)
        return For(at, text, names, over, key, value, self._condition(tree), grouped="ELLIPSIS" in _tokens(tree))

    def _loop(self, tree: Any) -> list[Expression]:
        besides = ("for_intro", "for_cond", "new_line_or_comment")
        return [self.expression(child) for child in _trees(tree) if child.data not in besides]

    def _intro(self, tree: Any) -> tuple[tuple[str, str], Expression]:
        (intro,) = (child for child in _trees(tree) if child.data == "for_intro")
        *names, over = (child for child in _trees(intro) if child.data != "new_line_or_comment")
        words = [_word(name) for name in names]
        return (words[0] if len(words) > 1 else "", words[-1]), self.expression(over)

    def _condition(self, tree: Any) -> Expression | None:
        found = next((child for child in _trees(tree) if child.data == "for_cond"), None)
        return None if found is None else self._all(found)[0]

    def _heredoc_template(self, tree: Any, at: Place, text: str) -> Expression:
        return read_template(pieces.heredoc(str(tree.children[0])), self._at or Place(at.line, at.column))

    _heredoc_template_trim = _heredoc_template

    def _template_string(self, tree: Any, at: Place, text: str) -> Expression:
        return Literal(at, text, _unescaped(str(tree.children[0])[2:-2]))

    def _string(self, tree: Any, at: Place, text: str) -> Expression:
        flat = [self._part(part.children[0]) for part in _trees(tree)]
        parts = pieces.assembled(flat, at)
        if all(isinstance(part, Literal) for part in parts):
            return Literal(at, text, "".join(str(part.value) for part in parts if isinstance(part, Literal)))
        return Template(at, text, tuple(parts))

    def _part(self, child: Any) -> pieces.Piece:
        if not hasattr(child, "children"):
            text = str(child)
            escaped = child.type in ("ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE")
            return pieces.Piece("text", text=text[1:] if escaped else _unescaped(text))
        kind = str(child.data)
        words = [_word(each) for each in _trees(child) if each.data == "identifier"]
        inner = [self.expression(each) for each in _trees(child) if each.data != "identifier"]
        before, after = pieces.strips([str(token) for token in child.children if not hasattr(token, "children")])
        if kind == "interpolation" and words:  # a lone word has no expr_term around it
            inner, words = self._all(child), []
        return pieces.Piece(kind, tuple(inner), tuple(words), trim_before=before, trim_after=after)


def _word(tree: Any) -> str:
    return str(tree.children[0])


def _trees(tree: Any) -> Iterator[Any]:
    return (child for child in tree.children if hasattr(child, "children"))


def _tokens(tree: Any) -> list[str]:
    return [child.type for child in tree.children if not hasattr(child, "children")]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", _escape, text, flags=re.DOTALL)


def _escape(match: Any) -> str:
    code, whole = str(match[1]), str(match[0])
    if len(code) > 1:
        number = int(code[1:], 16)
        is_character = number < 0xD800 or 0xDFFF < number < 0x110000
        return chr(number) if is_character else whole
    return _ESCAPES.get(code, whole)
