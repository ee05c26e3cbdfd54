"""Resources, data sources and module calls, written out by `count` and `for_each`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as File

from engine.reading.given import Given
from engine.reading.problem import Place
from engine.reading.terraform.computed import computed, data_of_account
from engine.reading.terraform.evaluate import Scope, symbol
from engine.reading.terraform.files import Declared
from engine.reading.terraform.parts import Part
from engine.reading.terraform.values import Lazy, Symbol, Unresolved, Value, items_of, number_of, text_of

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Copy:
    """One of what a block declares: its key (a number, a name, None for the only one) and what names mean in it."""

    key: Value
    scope: Scope
    open: Symbol | None = None


def copies(part: Part, *, least: bool) -> Iterator[Copy]:
    """What `count` or `for_each` makes of a block; of an unknown number there is one, which stands for all.

    `least`: of none there is one, too.
    """
    count, each = part.setting("count"), part.setting("for_each")
    if count is not None:
        number = part.scope.value(count.value)
        if least and not isinstance(number, Symbol) and _whole(number) < 1:
            number = symbol(count.value)
        if isinstance(number, Symbol):
            yield Copy(0, part.scope.having({"count": {"index": 0}}), number)
            return
        for index in range(min(_whole(number), _MOST)):
            yield Copy(index, part.scope.having({"count": {"index": index}}))
    elif each is not None:
        over = part.scope.value(each.value)
        if least and not isinstance(over, Symbol) and not _entries(over):
            over = symbol(each.value)
        if isinstance(over, Symbol):
            names: dict[str, Value] = {"key": Symbol("${each.key}"), "value": Symbol("${each.value}")}
            yield Copy(names["key"], part.scope.having({"each": names}), over)
            return
        for key, value in _entries(over)[:_MOST]:
            yield Copy(key, part.scope.having({"each": {"key": key, "value": value}}))
    else:
        yield Copy(None, part.scope)


def _whole(number: Value) -> int:
    try:
        return int(number_of(number))
    except Unresolved:
        return 0


def _entries(over: Value) -> list[tuple[Value, Value]]:
    """A list is a set here: `for_each` takes no others."""
    try:
        return [(value, value) for value in over] if isinstance(over, list) else items_of(over)
    except Unresolved:
        return []


@dataclass(eq=False, slots=True)
class Several(Lazy):
    """All copies of one block. `kind` is ``one``, ``count`` or ``for_each``."""

    kind: str
    found: list[tuple[Copy, Lazy]]

    def attribute(self, name: str) -> Value:
        """Of a single one its attribute; of several, whatever they are keyed by."""
        if self.kind == "for_each" and any(copy.key == name for copy, _ in self.found):
            return self.index(name)
        if not self.found:
            raise Unresolved(name)
        return self.found[0][1].attribute(name)

    def index(self, key: Value) -> Value:
        """The copy of that key; the one that stands for all where the keys are not known."""
        if len(self.found) == 1 and (self.found[0][0].open is not None or isinstance(key, Symbol)):
            return self.found[0][1]
        for copy, each in self.found:
            if copy.key is not None and text_of(copy.key) == text_of(key):
                return each
        raise Unresolved(str(key))

    def items(self) -> list[tuple[Value, Value]]:
        """Every copy by its key."""
        if self.kind == "one":
            raise Unresolved("it is no collection")
        return [(copy.key, each) for copy, each in self.found]


@dataclass(eq=False, slots=True)
class Resource(Part):
    """One resource or data source. `address` is Terraform's: ``module.ci.aws_codepipeline.main["prod"]``."""

    type: str = ""
    name: str = ""
    address: str = ""
    file: File = field(default_factory=File)
    given: Given = field(default_factory=Given)
    data: bool = False
    source: Symbol | None = None

    def attribute(self, name: str) -> Value:
        """What is set; else what AWS would make of it; else a symbol."""
        if name in self.body.settings and (value := self.value(name)) is not None:
            return value
        if self.data:
            return self._of_data(name)
        if any(block.kind == name or block.labels == (name,) for block in self.body.blocks):
            return [*self.parts(name)]
        known = computed(self.type, name, self.value, self.given)
        return self._symbol(name) if known is None else known

    def _of_data(self, name: str) -> Value:
        account = data_of_account(self.type, self.given)
        if name in account:
            return account[name]
        found = _DATA[self.type](self, name) if self.type in _DATA else None
        if found is None and self.type not in _DATA:
            found = computed(self.type, name, self.value, self.given)
        return self._symbol(name) if found is None else found

    def _symbol(self, name: str) -> Value:
        return Symbol(f"${{{self.address.split('[')[0]}.{name}}}")


def _parameter(data: Resource, name: str) -> Value:
    stored = data.value("name")
    return (
        data.given.store.get(str(stored)) if name in ("value", "insecure_value") else stored if name == "id" else None
    )


def _secret(data: Resource, name: str) -> Value:
    return data.given.secrets.get(str(data.value("secret_id"))) if name == "secret_string" else None


def _archive(data: Resource, name: str) -> Value:
    return data.value("output_path") if name == "output_path" else None


def _template(data: Resource, name: str) -> Value:
    if name != "rendered":
        return None
    template, values = data.value("template"), data.value("vars")
    names = values if isinstance(values, dict) else {}
    return data.scope.files.render(template, names) if isinstance(template, str) else None


def _local_file(data: Resource, name: str) -> Value:
    return data.scope.files.text(data.value("filename")) if name == "content" else None


_DATA: dict[str, Callable[[Resource, str], Value]] = {
    "aws_ssm_parameter": _parameter,
    "aws_secretsmanager_secret_version": _secret,
    "archive_file": _archive,
    "template_file": _template,
    "local_file": _local_file,
}


def resources(declared: Declared, scope: Scope, prefix: str, given: Given, *, least: bool) -> Several:
    """Every copy of a resource or data block; `least`: one at least."""
    block, data = declared.block, declared.block.kind == "data"
    kind, name = (*block.labels, "", "")[:2]
    address = f"{prefix}{'data.' * data}{kind}.{name}"
    found: list[tuple[Copy, Lazy]] = []
    for copy in copies(Part(block.body, scope, block.at), least=least):
        full = address if copy.key is None else f"{address}[{_quoted(copy.key)}]"
        made = Resource(
            block.body, copy.scope, block.at, copy.open, type=kind, name=name, address=full, file=declared.file,
            given=given, data=data,
        )  # fmt: skip
        found.append((copy, made))
    return Several(_kind(block.body.settings), found)


def _kind(settings: object) -> str:
    names = settings if isinstance(settings, dict) else {}
    return "count" if "count" in names else "for_each" if "for_each" in names else "one"


def _quoted(key: Value) -> str:
    return str(key) if isinstance(key, int) else f'"{key}"'


NOWHERE = Place(1, 1)
