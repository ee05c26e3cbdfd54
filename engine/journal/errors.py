"""What can go wrong with the facts on disk.

JournalError            cannot be read or written; nothing was lost or changed
├── Busy                another greenroom works in this directory (`engine.journal.lock`)
└── ControlError        the other greenroom could not be talked to (`engine.journal.control`)
"""

from __future__ import annotations


class JournalError(Exception):
    """One sentence on what is wrong (`message`) and one on what to do about it (`hint`)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".rstrip())
        self.message = message
        self.hint = hint


class ControlError(JournalError):
    """The control socket cannot be made, reached, or trusted, or its answer makes no sense."""
