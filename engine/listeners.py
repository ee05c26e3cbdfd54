"""Who hears what was recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable

from engine.execution.events import Recorded

Listener = Callable[[list[Recorded]], None]


class Listeners(list[Listener]):
    """Those who hear of every batch, on the engine's thread."""

    def tell(self, news: list[Recorded]) -> None:
        """Tell everybody. One that fails hears nothing more: what was recorded must still be acted upon."""
        for listener in list(self):
            try:
                listener(news)
            except Exception:
                self.remove(listener)
                logging.getLogger("greenroom").exception("a listener failed and hears nothing more")
