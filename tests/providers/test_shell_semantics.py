"""What carries over from one command to the next, in sh and in bash."""

from __future__ import annotations

import pytest

from engine.model.status import ActionStatus
from tests.providers.kit import Kit

pytestmark = pytest.mark.parametrize("shell", ["", "bash"])


def said(kit: Kit, shell: str, *commands: str) -> list[str]:
    kit.commands(*commands, shell=shell, files={"sub/x": ""})
    return kit.output()


def test_directory_exports_and_plain_assignments_carry_over(kit: Kit, shell: str) -> None:
    lines = said(kit, shell, "cd sub", "export A=1", "B=2", 'echo "$(basename "$(pwd)") $A $B"')
    assert lines == ["sub 1 2"]


def test_programs_see_assignments(kit: Kit, shell: str) -> None:
    assert said(kit, shell, "B='two words'", "printenv B") == ["two words"]


def test_difficult_values_survive(kit: Kit, shell: str) -> None:
    value = 'it\'s "quoted" $HOME `date` \\ and\ttabs'
    outcome = kit.build(
        """
version: 0.2
env:
  shell: %s
  exported-variables: [COPY]
  variables: {ODD: 'it''s "quoted" $HOME `date` \\ and	tabs'}
phases: {build: {commands: ['COPY="$ODD"', 'LINES=$(printf "a\\nb")', 'test "$LINES" = "$(printf "a\\nb")"']}}
"""
        % (shell or "/bin/sh")
    )
    assert outcome.variables == {"COPY": value}
    assert outcome.status is ActionStatus.SUCCEEDED


def test_functions_and_shell_options_do_not_carry_over(kit: Kit, shell: str) -> None:
    kit.commands("set -e; f() { echo called; }", "false; echo 'still here'", "f", shell=shell)
    assert "still here" in kit.output()
    assert any("f: " in line and "not found" in line for line in kit.output())


def test_unset_stays_unset(kit: Kit, shell: str) -> None:
    assert said(kit, shell, "export A=1", "unset A", 'echo "${A-unset}"') == ["unset"]


def test_a_block_without_set_e_has_the_status_of_its_last_line(kit: Kit, shell: str) -> None:
    assert kit.commands("false\ntrue", shell=shell).status is ActionStatus.SUCCEEDED


def test_exit_0_ends_the_item_and_loses_what_it_set(kit: Kit, shell: str) -> None:
    assert said(kit, shell, "Z=9; exit 0; echo never", 'echo "${Z-lost}"') == ["lost"]


def test_the_last_exit_status_can_be_read(kit: Kit, shell: str) -> None:
    assert said(kit, shell, "true", "echo $CODEBUILD_LAST_EXIT") == ["0"]


def test_errors_name_line_four_for_the_first_line(kit: Kit, shell: str) -> None:
    kit.commands("no-such-program", shell=shell)
    assert any(("line 4:" if shell else ": 4:") in line for line in kit.output())


def test_a_trailing_backslash_does_no_harm(kit: Kit, shell: str) -> None:
    kit.commands("A=1\necho one \\\n", "echo A=$A", shell=shell)
    assert kit.output()[-1] == "A=1"


def test_a_heredoc_works(kit: Kit, shell: str) -> None:
    assert said(kit, shell, "cat >made <<EOF\nhello\nEOF", "cat made")[-1] == "hello"


def test_there_is_no_input(kit: Kit, shell: str) -> None:
    assert said(kit, shell, "cat", "echo done") == ["done"]


def test_a_folder_that_went_away_is_told_by_the_shell(kit: Kit, shell: str) -> None:
    lines = said(kit, shell, "mkdir gone && cd gone", "rmdir ../gone", "echo on")
    assert any("gone" in line for line in lines)
    assert lines[-1] == "on"


def test_a_background_process_lives_on_between_commands(kit: Kit, shell: str) -> None:
    lines = said(kit, shell, "sleep 60 & echo $! > pid", "kill -0 $(cat pid) && echo alive")
    assert lines == ["alive"]
