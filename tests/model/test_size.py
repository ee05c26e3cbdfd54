"""Sizes as people write them."""

from __future__ import annotations

import pytest

from engine.model.size import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1024", 1024),
        ("5GiB", 5 * 2**30),
        ("5 GB", 5 * 10**9),
        ("1.5m", 1536 * 1024),
        (" 2TiB ", 2 * 2**40),
        ("10B", 10),
        ("3kb", 3000),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "5 elephants", "-1", "1.2.3GB", "5 G B", "5ib"])
def test_what_is_no_size_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no size; write a number and a unit, such as 5GiB or 500MB"):
        parse_size(text)


def test_sizes_for_people() -> None:
    assert [format_size(size) for size in (0, 1023, 1536, 5 * 2**30, 2**50)] == [
        "0 B",
        "1023 B",
        "1.5 KiB",
        "5.0 GiB",
        "1024.0 TiB",
    ]
