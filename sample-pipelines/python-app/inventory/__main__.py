"""`python3 -m inventory FILE --below N` lists what must be ordered."""

import argparse
from pathlib import Path

from inventory.stock import read, short


def main() -> None:
    """Print one line for each item that runs short."""
    parser = argparse.ArgumentParser(prog="inventory", description="Lists what must be ordered.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--below", type=int, default=10, metavar="N")
    arguments = parser.parse_args()
    for item in short(read(arguments.file), arguments.below):
        print(f"{item.name:12} {item.pieces:4}")


main()
