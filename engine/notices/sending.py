"""Sending by apprise, which knows some hundred services by URL: https://github.com/caronc/apprise.

It is an optional dependency, is imported with the first message, and takes as long as the network does: this is
for a thread.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.notices.rules import Message
from engine.notices.targets import UnknownName, filled
from engine.runners.masking import Masker

if TYPE_CHECKING:
    import apprise

MISSING = "apprise is not installed"
INSTALL = "pip install 'greenroom[notify]'"


class SendProblem(Exception):
    """Somebody could not be told. `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def can_send() -> bool:
    """Whether apprise is installed. It is not imported for that."""
    return find_spec("apprise") is not None


def check(target: str, values: Mapping[str, str]) -> None:
    """Whether a target could be told. Raises `SendProblem`; nothing is sent."""
    with _Overheard():
        _service(target, values)


def send(target: str, message: Message, values: Mapping[str, str]) -> None:
    """Tell one target. Raises `SendProblem`; no secret is in what it says."""
    with _Overheard() as overheard:
        service, secrets = _service(target, values)
        told = service.notify(body=message.body or message.title, title=message.title, notify_type=message.mood)
    if not told:
        reason = Masker(secrets).mask(overheard.last)
        raise SendProblem(f"{target} was not told" + (f": {reason}" if reason else ""))


def _service(target: str, values: Mapping[str, str]) -> tuple[apprise.NotifyBase, tuple[str, ...]]:
    """Who stands behind a target, and the secrets in its URL."""
    if not can_send():
        raise SendProblem(f"{target} is not told: {MISSING}", INSTALL)
    import apprise

    try:
        address = filled(target, values)
    except UnknownName as unknown:
        raise SendProblem(f"{target} is not told: {unknown}", "Export it, or put it into .secrets.") from None
    found = apprise.Apprise.instantiate(address.url, suppress_exceptions=True)
    if found is None:
        raise SendProblem(f"{target} is no URL that apprise knows", "See github.com/caronc/apprise/wiki.")
    return found, address.secrets


class _Overheard(logging.Handler):
    """What apprise says of a failure: it has no other way to tell."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()

    def __enter__(self) -> _Overheard:
        logger = logging.getLogger("apprise")
        self._before = logger.propagate
        logger.propagate = False  # nothing of it belongs on a screen
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger("apprise")
        logger.removeHandler(self)
        logger.propagate = self._before
