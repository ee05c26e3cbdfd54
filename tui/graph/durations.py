"""Durations and sizes as people read them."""

from __future__ import annotations


def duration(seconds: float, *, coarse: bool = False) -> str:
    """``0.3s``, ``41s``, ``3m07s``, ``2h05m``; `coarse` drops the tenths, for figures that are still counting."""
    if seconds < 10 and not coarse:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86_400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86_400}d{whole % 86_400 // 3600:02}h"


def size(count: int) -> str:
    """``812 B``, ``4.0 KiB``, ``1.2 GiB``."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
