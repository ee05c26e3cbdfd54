"""Time zones as AWS takes them: IANA names, UTC with an offset, and Java's abbreviations."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"(?:UTC|GMT)([+-])(\d{1,2}):?(\d{2})?")

# AWS's services are written in Java: these are the abbreviations of its java.time.ZoneId.SHORT_IDS.
_ABBREVIATIONS = {
    "ACT": "Australia/Darwin",
    "AET": "Australia/Sydney",
    "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo",
    "AST": "America/Anchorage",
    "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare",
    "CNT": "America/St_Johns",
    "CST": "America/Chicago",
    "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris",
    "EST": "America/Panama",
    "HST": "Pacific/Honolulu",
    "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "MIT": "Pacific/Apia",
    "MST": "America/Phoenix",
    "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix",
    "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal",
    "VST": "Asia/Ho_Chi_Minh",
}


def parse_zone(name: str) -> tzinfo:
    """The time zone of that name, e.g. ``Europe/Berlin``, ``UTC``, ``UTC+05:30`` or ``PST``.

    Raises `ValueError` with a sentence for people.
    """
    if name in ("UTC", "GMT", "Z", "Etc/UTC"):
        return UTC  # without a look at the machine's tables, which a small container may not have
    if offset := _OFFSET.fullmatch(name):
        return _offset(name, *offset.groups())
    try:
        return ZoneInfo(_ABBREVIATIONS.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"time zone {name!r} is not known here; write a name of the IANA list, such as Europe/Berlin, or UTC"
            " (a machine without time zone tables gets them by: pip install tzdata)"
        ) from None


def _offset(name: str, sign: str, hours: str, minutes: str | None) -> tzinfo:
    shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if shift > timedelta(hours=18) or int(minutes or 0) > 59:
        raise ValueError(f"time zone {name!r} is too far from UTC; at most 18 hours, e.g. UTC+05:30")
    return timezone(shift if sign == "+" else -shift)
