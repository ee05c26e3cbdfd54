"""Work in a thread that a cancellation waits for."""

from __future__ import annotations

from engine.runners.threads import to_the_end as to_the_end
