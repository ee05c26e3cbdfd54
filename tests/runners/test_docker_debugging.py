"""Builds in containers that stand still: the container stays, a shell opens in it, and the build goes on there."""

from __future__ import annotations

import subprocess

import pytest

from engine.execution.pausing import How
from engine.model.status import ActionStatus
from engine.providers.contract import Job
from engine.providers.shell import shell_in
from tests.providers.kit import Kit, spec
from tests.providers.test_debugging import Bench, again
from tests.runners.docker_kit import Engine

pytestmark = pytest.mark.docker

STEPS = spec(
    install={"commands": ["export TOOL=here; touch /of-the-container"]},
    build={"commands": ["mkdir -p out; cd out; echo one >> log", "cat ../fix", "ls /of-the-container; cat log"]},
)


def inside(kit: Kit, line: str) -> list[str]:
    argv, directory, environment = shell_in(kit.workspace, line)
    done = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("source", ["mount", "copy"])
def test_the_container_is_there_until_the_build_goes_on(engine: Engine, kit: Kit, source: str) -> None:
    bench = Bench(kit, STEPS, project=engine.project(docker={"source": source}))

    def looked(bench: Bench) -> How:
        seen = inside(kit, "echo $TOOL $PWD; ls /of-the-container; cat log; echo fixed > ../fix")
        assert seen == ["here", str(kit.source / "out"), "/of-the-container", "one"]
        return "command"

    assert bench.run(looked).status is ActionStatus.SUCCEEDED
    assert kit.output()[-3:] == ["fixed", "/of-the-container", "one"]
    assert bench.pauses[0].checkpoint == ("BUILD-2" if source == "mount" else "")
    assert engine.containers(kit.folder / "state") == []


def test_edits_reach_a_copied_container(engine: Engine, kit: Kit) -> None:
    text = spec(build={"commands": ["rm lost; echo made > made", "test ! -e gone; cat fix deep/er made"]})
    bench = Bench(kit, text, files={"gone": "x", "lost": "x"}, project=engine.project(docker={"source": "copy"}))

    def saved(bench: Bench) -> tuple[How, Job]:
        del bench.files["gone"]
        return "command", bench.edited(fix="fixed\n", deep__er="deep\n")

    assert bench.run(saved).status is ActionStatus.SUCCEEDED
    assert kit.output()[-3:] == ["fixed", "deep", "made"]


def test_edits_are_laid_into_a_mounted_container_and_checkpoints_are_gone_back_to(engine: Engine, kit: Kit) -> None:
    bench = Bench(kit, STEPS, project=engine.project())
    assert bench.run(lambda bench: ("phase", bench.edited(fix="edited\n"))).status is ActionStatus.SUCCEEDED
    assert kit.output()[-3:] == ["edited", "/of-the-container", "one"]
    assert (kit.source / "out" / "log").read_text() == "one\n"


def test_a_breakpoint_in_a_container_waits(engine: Engine, kit: Kit) -> None:
    text = spec(build={"commands": ["cd /usr; codebuild-breakpoint; echo on"]})
    bench = Bench(kit, text, project=engine.project())

    def looked(bench: Bench) -> How:
        assert inside(kit, "pwd; codebuild-resume") == ["/usr"]
        return "continue"

    assert bench.run(looked).status is ActionStatus.SUCCEEDED
    assert (kit.output(), bench.asked) == (["on"], ["continue"])


def test_a_later_attempt_has_a_container_of_its_own_and_says_so(engine: Engine, kit: Kit) -> None:
    bench = Bench(kit, STEPS.replace("ls /of-the-container; ", ""), project=engine.project())
    bench.run("fail")
    assert inside(kit, "echo $TOOL $PWD") == ["here", str(kit.source / "out")]
    assert bench.run(job=again(bench, fix="x\n")).status is ActionStatus.SUCCEEDED
    assert kit.output()[-2:] == ["x", "one"]
    assert "it is a new container: what commands put outside the source directory is not there" in bench.said()
