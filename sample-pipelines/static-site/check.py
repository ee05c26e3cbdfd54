"""Every link must lead somewhere: `python3 check.py SITE`."""

import re
import sys
from pathlib import Path


def dead_links(site: Path) -> list[str]:
    """Links without a target, as `page -> target`."""
    return [
        f"{page.name} -> {target}"
        for page in sorted(site.glob("*.html"))
        for target in re.findall(r'href="([^"]+)"', page.read_text())
        if not (site / target).exists()
    ]


if __name__ == "__main__":
    dead = dead_links(Path(sys.argv[1]))
    print("\n".join(dead) or "every link leads somewhere")
    sys.exit(1 if dead else 0)
