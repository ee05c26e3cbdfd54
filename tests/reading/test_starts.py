"""Schedules and webhooks of greenroom.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reading.project_file import load_project


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("schedules:\n  - {name: a, expression: daily}\n", 2, "'daily' is no schedule"),
        ("schedules:\n  - expression: rate(1 hours)\n", 2, "AWS takes one hour but several hours"),
        ("schedules:\n  - expression: rate(1 hour)\n    time-zone: Mars/Olympus\n", 3, "time zone 'Mars/Olympus'"),
        ("webhooks:\n  a: {authentication: GITHUB_HMAC}\n", 2, "GITHUB_HMAC needs a secret"),
        ("webhooks:\n  a: {authentication: IP}\n", 2, "IP needs a range of addresses, not None"),
        ("webhooks:\n  a: {authentication: IP, allowed-ip-range: x}\n", 2, "IP needs a range of addresses, not 'x'"),
        ("webhooks:\n  a:\n    filters:\n      - json-path: '$.['\n", 4, "'$.[' is no JSONPath"),
        ("webhooks:\n  a: {filters: [" + "{json-path: $.a}," * 6 + "]}\n", 2, "6 filters; AWS takes 5 at most"),
    ],
)
def test_what_cannot_be_meant_is_shown_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "greenroom.yaml").write_text(text)
    _, (found,) = load_project(tmp_path)
    assert message in found.message
    assert (found.line, found.code[:4], found.severity) == (line, "GR40", "error")


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    (tmp_path / "greenroom.yaml").write_text(
        'schedules: [{name: a, expression: "cron(0 2 ? * MON-FRI *)", time-zone: Europe/Berlin}]\n'
        "webhooks: {a: {authentication: IP, allowed-ip-range: 192.0.2.0/24, filters: [{json-path: $.ref}]}}\n"
    )
    project, problems = load_project(tmp_path)
    assert problems == []
    assert (len(project.schedules), len(project.webhooks)) == (1, 1)
