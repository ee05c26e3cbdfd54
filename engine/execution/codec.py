"""Events to JSON and back, as the journal and `--json` carry them."""

from __future__ import annotations

import functools
from typing import Annotated

from pydantic import Field, TypeAdapter

from engine.execution.events import Event
from engine.execution.requests import Request

_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


@functools.cache
def _request() -> TypeAdapter[Request]:
    """Built when a request comes from, or goes to, another process: most runs see none."""
    return TypeAdapter(Annotated[Request, Field(discriminator="type")])


def encode(event: Event) -> str:
    """An event as one line of JSON."""
    return _EVENT.dump_json(event).decode()


def decode(body: str) -> Event:
    """The event of such a line. Raises `ValueError` on anything else."""
    return _EVENT.validate_json(body)


def encode_request(request: Request) -> dict[str, object]:
    """A request as plain data for the control socket."""
    plain: dict[str, object] = _request().dump_python(request, mode="json")
    return plain


def decode_request(plain: object) -> Request:
    """The request of such data. Raises `ValueError` on anything else."""
    return _request().validate_python(plain)
