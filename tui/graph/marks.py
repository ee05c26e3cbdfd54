"""How each state looks: a shape and a word, so that colour only repeats what is already said."""

from __future__ import annotations

from enum import StrEnum

SPINNER = "◐◓◑◒"


class Mark(StrEnum):
    """What became of an action or a stage. The value names its style, ``$status-<value>`` in a theme."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    WAITING = "waiting"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    REUSED = "reused"
    FAILED = "failed"
    STUBBED = "stubbed"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    ABANDONED = "abandoned"
    SUPERSEDED = "superseded"

    @property
    def word(self) -> str:
        """The state in one word, as people read it."""
        return _WORDS.get(self, self.value)

    def glyph(self, frame: int = 0) -> str:
        """One cell that tells the state; a running one turns with `frame`."""
        return SPINNER[frame % len(SPINNER)] if self is Mark.RUNNING else _GLYPHS[self]

    @property
    def moves(self) -> bool:
        """Whether time is passing for it on the screen."""
        return self in (Mark.RUNNING, Mark.CANCELLING, Mark.WAITING)


# Every glyph is one cell wide and present in DejaVu Sans Mono, so pictures and web terminals show it.
_GLYPHS = {
    Mark.PENDING: "○",
    Mark.QUEUED: "◌",
    Mark.CANCELLING: "◍",
    Mark.WAITING: "◆",
    Mark.PAUSED: "◫",
    Mark.SUCCEEDED: "✔",
    Mark.REUSED: "↺",
    Mark.FAILED: "✘",
    Mark.STUBBED: "▢",
    Mark.SKIPPED: "⊘",
    Mark.STOPPED: "■",
    Mark.ABANDONED: "⊗",
    Mark.SUPERSEDED: "»",
}
_WORDS = {Mark.QUEUED: "queued", Mark.CANCELLING: "ending", Mark.WAITING: "approve?"}

# What draws the eye first; a group of actions looks like the most urgent of them.
URGENCY = (
    Mark.FAILED,
    Mark.PAUSED,
    Mark.WAITING,
    Mark.CANCELLING,
    Mark.RUNNING,
    Mark.ABANDONED,
    Mark.STOPPED,
    Mark.QUEUED,
    Mark.STUBBED,
    Mark.SUPERSEDED,
    Mark.PENDING,
    Mark.SUCCEEDED,
    Mark.REUSED,
    Mark.SKIPPED,
)

FIDELITY = {"emulated": "≈", "substituted": "≠", "stubbed": "▢"}
"""Marks of actions that are less than exact, after their name."""

MARKED = "▌"
CRITICAL = "━"

LEGEND: tuple[tuple[str, str], ...] = (
    *((mark.glyph(), mark.word) for mark in Mark),
    ("≈", "emulated: as AWS does it, by other means"),
    ("≠", "substituted: your own commands run instead"),
    ("×2", "second attempt"),
    ("47/48", "tests of its reports that did not fail, of all"),
    ("if", "a rule that is judged before the stage begins; then: once it succeeded; else: once it failed"),
    ("─╳─", "the transition into the stage is disabled"),
    ("◌2", "two runs wait in front of the stage"),
    ("⇤#2", "run #2 had begun it, this run took it over"),
    ("#2 ↺", "the result is that of run #2"),
    (CRITICAL, "the longest of those beside each other, so far or by what is usual: what comes next waits for it"),
    ("━━╌╌", "how far it is, by the median of its last successes; ~41s is that median"),
    ("✔✔◐▸○", "a stage seen from afar: a mark for each action, ▸ before what waits for those before it"),
    ("‹ ›", "makes what the chosen action reads / reads what it makes"),
    (MARKED, "marked: commands are about it"),
)
"""Every mark with its meaning, for the help screen."""
