"""Refuses a contract that nobody could build against: `python3 check.py FILE`."""

import json
import re
import sys
from pathlib import Path


def problems(contract: dict) -> list[str]:
    """What is wrong with the contract, in words."""
    found = []
    if not re.fullmatch(r"\d+\.\d+", contract.get("version", "")):
        found.append("version must be written as 1.2")
    for route, fields in contract.get("routes", {}).items():
        if not fields:
            found.append(f"route {route} has no fields")
    return found


found = problems(json.loads(Path(sys.argv[1]).read_text()))
print("\n".join(found) or "the contract holds")
sys.exit(1 if found else 0)
