"""Builds that are stopped, and secrets at rest."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.execution.due import TIMED_OUT
from engine.journal.processes import MARKER, leftovers
from engine.model.project import ProjectFile
from tests.providers.kit import Kit, spec


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("stopped", ["Phase complete: BUILD State: STOPPED", "Phase context status code:  Message: "]),
        (
            TIMED_OUT,
            [
                "Phase complete: BUILD State: TIMED_OUT",
                "Phase context status code: BUILD_TIMED_OUT Message: Build has timed out.",
            ],
        ),
    ],
)
async def test_a_stopped_build_leaves_no_process_and_says_so(kit: Kit, why: str, said: list[str]) -> None:
    kit.action_execution_id = f"stopped-{os.getpid()}-{kit.folder.name}"
    text = spec(build={"commands": ["sleep 61 & sleep 62 & echo up > up; wait"]}, post_build={"commands": ["echo no"]})
    made = kit.job(inputs={"S": kit.files({"buildspec.yml": text})})
    task = asyncio.create_task(kit.provider(made).run(made, kit.desk()))
    while not (kit.source / "up").exists():  # noqa: ASYNC110 - the other side is a shell
        await asyncio.sleep(0.005)
    task.cancel(why)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert leftovers(f"{MARKER}={kit.action_execution_id}") == []
    assert kit.agent_lines()[-2:] == said
    assert kit.output() == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("last", ["true", "false"])
def test_what_a_build_leaves_in_the_background_ends_with_it(kit: Kit, last: str) -> None:
    kit.action_execution_id = f"background-{os.getpid()}-{kit.folder.name}"
    kit.commands("sleep 63 &", "setsid sleep 64 &", last)
    assert leftovers(f"{MARKER}={kit.action_execution_id}") == []


letters = st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Cc", "Cs"])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text(letters, min_size=8, max_size=40), min_size=1, max_size=3, unique=True).map("\n".join))
def test_secrets_are_in_no_file_that_a_build_leaves(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    kit = Kit(tmp_path_factory.mktemp("secret"))
    text = (
        "version: 0.2\nenv: {secrets-manager: {S: s}, exported-variables: [COPY]}\nphases:\n  build:\n    commands:\n"
        '      - printf %s "$S"; printf "%s" "$S" >&2\n'
        '      - COPY="[$S]"; set -x; printf "<%s>" "$COPY"\n'
        '      - printf %s "$S" | base64\n'
    )
    outcome = kit.build(text, project=ProjectFile(secrets={"s": secret}))
    assert outcome.failure is None
    assert outcome.variables == {}
    for needle in (secret, *secret.split("\n")):
        raw = needle.encode()
        assert not [str(path) for path in _files(kit.folder) if raw in path.read_bytes()]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_variable_that_no_shell_can_hold_still_reaches_programs(kit: Kit) -> None:
    kit.commands("printenv CODEBUILD_SRC_DIR_my-docs", shell="bash", inputs={"my-docs": kit.tree(a="")})
    assert kit.output() == [str(kit.workspace / "inputs" / "my-docs")]
