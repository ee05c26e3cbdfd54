"""Where the `greenroom` command begins: before anything is loaded that takes a moment."""

from __future__ import annotations

import signal


def main() -> None:
    """Run `greenroom` with this process's arguments and end the process."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:  # ctrl+c before anything has begun ends the process; Python would print where it was
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tui.cli.main import main as greenroom

    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    greenroom()
