"""A process that appends until somebody kills it, telling each event on stdout once it is recorded."""

import sys
from pathlib import Path

from engine.journal.journal import Journal


def main() -> None:
    journal = Journal(Path(sys.argv[1]))
    number = journal.last()
    while True:
        bodies = [("Counted", str(number + n)) for n in range(1, 1 + number % 3 + 1)]
        rows = journal.append("shop", 1.0, bodies)
        number = rows[-1].seq
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


main()
