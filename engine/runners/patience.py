"""How long processes get to end by themselves."""

from __future__ import annotations

GRACE = 3.0
"""Seconds between the request to end and the kill."""
