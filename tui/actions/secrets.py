"""Values that builds need: looked for beside what runs, told in a line, given in a dialog."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from tui.actions.logs import LogActions
from tui.messages import NeedsFound

if TYPE_CHECKING:
    from engine.providers.codebuild.needs import Need


class SecretActions(LogActions):
    """Whoever starts without a value hears of it before a build fails for it."""

    def look_for_needs(self) -> None:
        """Find out what is missing; `NeedsFound` brings it."""
        if self.store.link is None:
            return

        def found(future: Future[tuple[Need, ...]]) -> None:
            if future.cancelled() or future.exception() is not None:
                return  # the build will say so
            self.post_message(NeedsFound(future.result()))

        self.store.link.needs().add_done_callback(found)

    def on_needs_found(self, event: NeedsFound) -> None:
        """Show what is missing, or that nothing is any more."""
        missing = [need for need in event.needs if not need.origin]
        if missing != self.store.needs:
            self.store.needs = missing
            self.refresh_views()

    def action_secrets(self) -> None:
        """Give values."""
        link = self.store.link
        if link is None or not self.store.needs:
            self.say("every parameter and secret that builds ask for has a value")
            return
        from engine.providers.keyrings import trouble
        from tui.screens.secrets import SecretsDialog

        def done(kept: int | None) -> None:
            if kept:
                self.look_for_needs()
                self.say(f"{kept} kept; the next run has {'it' if kept == 1 else 'them'}")

        self.push_screen(SecretsDialog(link.directory, self.store.needs, keyring=not trouble()), done)
