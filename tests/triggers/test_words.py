"""Trigger details for people."""

from __future__ import annotations

import pytest

from engine.triggers.words import brief


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("", ""),
        ("src/app.py, +2", "src/app.py, +2"),
        ("arn:aws:events:us-east-1:000000000000:rule/nightly", "nightly"),
        ("arn:aws:codepipeline:us-east-1:000000000000:webhook:push", "push"),
        ('{"branch-name": "feature/x", "commit-id": "a1b2c3d4e5f6"}', "branch feature/x, a1b2c3d"),
        ('{"tag-name": "v1", "commit-id": "a1b2c3d4e5f6"}', "tag v1, a1b2c3d"),
        (
            '{"pull-request-event": "OPEN", "branch-name": "x", "destination-branch-name": "main", "commit-id": "a"}',
            "pull request of x into main, a",
        ),
        ("{broken", "{broken"),
        ('{"other": 1}', '{"other": 1}'),
    ],
)
def test_brief(detail: str, words: str) -> None:
    assert brief(detail) == words
