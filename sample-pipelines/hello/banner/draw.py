"""Draws a word as a picture: `python3 banner/draw.py WORD` prints SVG."""

import sys

COLOURS = ("#4c9f70", "#2d7dd2", "#f4a259", "#bc4b51", "#8e6c8a")


def letters(word: str) -> str:
    """One coloured letter beside the other."""
    return "\n".join(
        f'  <text x="{20 + 46 * place}" y="62" fill="{COLOURS[place % len(COLOURS)]}">{letter}</text>'
        for place, letter in enumerate(word)
    )


def banner(word: str) -> str:
    """The word as a picture, 80 points high."""
    width = 40 + 46 * len(word)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="80" font-family="monospace" font-size="56">
{letters(word)}
</svg>"""


if __name__ == "__main__":
    print(banner(sys.argv[1]))
