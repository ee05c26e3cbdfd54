"""Templates of templating tools: definitions only once they are rendered.

A parser stumbles over them wherever their braces happen to stand, and what it says then helps nobody.
"""

from __future__ import annotations

import re

from engine.reading.problem import Place, Unreadable

_JINJA = (
    "if|elif|else|endif|for|endfor|set|block|endblock|extends|include|import|from|macro|endmacro|raw|endraw"
    "|filter|with|endwith|call|do|unless|endunless|case|assign|capture"
)
_TOOLS = (
    ("cookiecutter", r"\{\{-?\s*cookiecutter\."),
    ("Jinja", rf"\{{%[-+]?\s*(?:{_JINJA})\b"),
    ("Go", r"\{\{-?\s*(?:(?:range|if|else|end|with|template|define|block|include|toYaml)\b|[.$]\w)"),
    ("Handlebars", r"\{\{[#/^>]\s*\w"),
    ("ERB or EJS", r"<%[-=#]?\s"),
    ("Terraform", r"%\{~?\s*(?:for|if|else|endif|endfor)\b"),
)
_STATEMENT = re.compile("|".join(f"(?P<t{number}>{pattern})" for number, (_, pattern) in enumerate(_TOOLS)))
_INSERTED = re.compile(r"\{\{(?!\s*resolve:)[^\n]*\}\}")
_BEGINS = re.compile(r"^[ \t]*(?:\{%|\{\{|<%|%\{)", re.MULTILINE)


_OTHER = frozenset(
    (
        ".adoc",
        ".cfg",
        ".css",
        ".html",
        ".ini",
        ".js",
        ".lock",
        ".md",
        ".py",
        ".rs",
        ".rst",
        ".sh",
        ".toml",
        ".ts",
        ".xml",
    )
)


def explained(verdict: Unreadable, text: str, suffix: str) -> Unreadable:
    """A parser's complaint, or, of a template, that it is one; of other files, that they are not read."""
    if verdict.code not in ("GR103", "GR104", "GR108"):
        return verdict
    if suffix in _OTHER:
        return Unreadable("GR113", f"a {suffix} file is no pipeline definition", "JSON, YAML and Terraform are read")
    found = _statement(text)
    if found is None and verdict.place is not None:
        found = _inserted(text, verdict.place.line)
    if found is None:
        return verdict
    tool, place = found
    said = f" (as it is: {verdict.message}, line {verdict.place.line})" if verdict.place else ""
    return _refusal(tool, place, said)


def statement(text: str) -> Unreadable | None:
    """What to say of a text whose lines begin with the statements of a templating tool, though it could be read."""
    for begin in _BEGINS.finditer(text):
        if found := _STATEMENT.match(text, begin.end() - 2):
            return _refusal(_tool(found), _place(text, found.start()), "")
    return None


def _refusal(tool: str, place: Place, said: str) -> Unreadable:
    article = "an" if tool[0] in "AEIOU" else "a"
    return Unreadable("GR115", f"this is {article} {tool} template{said}", "render it, and name what comes out", place)


def _statement(text: str) -> tuple[str, Place] | None:
    found = _STATEMENT.search(text)
    return (_tool(found), _place(text, found.start())) if found else None


def _inserted(text: str, line: int) -> tuple[str, Place] | None:
    """A value to be filled in, on the very line that cannot be read."""
    lines = text.split("\n", line)
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    found = _INSERTED.search(source)
    return ("Jinja or Go", Place(line, found.start() + 1, len(found[0]))) if found else None


def _tool(found: re.Match[str]) -> str:
    return _TOOLS[int(str(found.lastgroup)[1:])][0]


def _place(text: str, at: int) -> Place:
    end = text.find("\n", at)
    line = text[at : end if end >= 0 else len(text)].rstrip()
    return Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), len(line))
