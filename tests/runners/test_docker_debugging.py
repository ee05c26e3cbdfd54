"""Builds in containers that stand still: the container stays, a shell opens in it, and the build goes on there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from engine.execution.pausing import How
from engine.model.status import ActionStatus
from engine.providers.contract import Job
from engine.providers.regained import Regained, regained
from engine.providers.shell import shell_in
from engine.runners.docker.layers import Layers
from engine.runners.docker.ledger import reap
from tests.providers.kit import Kit, spec
from tests.providers.test_debugging import SECRET, Bench, again
from tests.runners.docker_kit import Engine

pytestmark = pytest.mark.docker

STEPS = spec(
    install={"commands": ["export TOOL=here; touch /of-the-container"]},
    build={"commands": ["mkdir -p out; cd out; echo one >> log", "cat ../fix", "ls /of-the-container; cat log"]},
)


def inside(kit: Kit, line: str, known: Regained | None = None) -> list[str]:
    argv, directory, environment = shell_in(kit.workspace, line, known)
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
    assert (engine.checkpoints(kit.folder / "state"), list((kit.folder / "state" / "containers").iterdir())) == ([], [])


def test_a_breakpoint_in_a_container_waits(engine: Engine, kit: Kit) -> None:
    text = spec(build={"commands": ["cd /usr; codebuild-breakpoint; echo on"]})
    bench = Bench(kit, text, project=engine.project())

    def looked(bench: Bench) -> How:
        assert inside(kit, "pwd; codebuild-resume") == ["/usr"]
        return "continue"

    assert bench.run(looked).status is ActionStatus.SUCCEEDED
    assert (kit.output(), bench.asked) == (["on"], ["continue"])


def test_a_later_attempt_and_a_shell_have_a_container_of_their_own(engine: Engine, kit: Kit) -> None:
    own = {"env": {"secrets-manager": {"PASS": "s"}}, "run-as": "nobody"}
    steps = STEPS.replace("ls /of-the-container; ", "").replace("touch /of-the-container", "id -un")
    bench = Bench(kit, json.dumps(json.loads(steps) | own), project=engine.project(secrets={"s": SECRET}))
    bench.run("fail")
    assert inside(kit, "echo $TOOL $PWD ${PASS-lost}; id -un") == ["here", str(kit.source / "out"), "lost", "nobody"]
    known = regained(kit.workspace, lambda: bench.job.project)
    assert inside(kit, "echo $PASS $USER; touch ../by-hand", known) == [SECRET, "nobody"]
    assert (kit.source / "by-hand").exists()
    assert not [path for path in kit.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert bench.run(job=again(bench, fix="x\n")).status is ActionStatus.SUCCEEDED
    assert kit.output()[-2:] == ["x", "one"]
    assert "it is a new container: what commands put outside the source directory is not there" in bench.said()


def test_going_back_to_a_checkpoint_has_the_container_as_it_was(
    engine: Engine, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(layers: Layers) -> None:
        """No end of the build comes to this."""

    monkeypatch.setattr(Layers, "drop", killed)
    text = spec(
        install={"commands": ["echo 1 > /etc/installed; sleep 600 & echo started"]},
        build={"commands": ["echo 1 > /etc/made; rm /etc/installed", "echo 2 > /etc/made", "cat fix /etc/made"]},
    )
    bench = Bench(kit, text, project=engine.project())

    def looked(bench: Bench) -> How:
        assert len(engine.checkpoints(kit.folder / "state")) == 3
        assert inside(kit, "cat /etc/made") == ["2"]
        inside(kit, "echo x > /etc/made; echo x > /etc/more")
        return "phase"

    def again_there(bench: Bench) -> tuple[How, Job]:
        assert inside(kit, "cat /etc/made; test ! -e /etc/more") == ["2"]
        return "command", bench.edited(
            fix="fixed\n", buildspec_yml=text.replace("echo 2 >", "test ! -e /etc/installed; cat /etc/made; echo 3 >")
        )

    assert bench.run(looked, again_there).status is ActionStatus.SUCCEEDED
    assert [pause.container for pause in bench.pauses] == ["kept", "kept"]
    assert kit.output()[-3:] == ["1", "fixed", "3"]
    gone = "what ran in the background has ended"
    assert [line for line in bench.said() if line.endswith(gone)] == [
        f"a container as it was before command 1 of BUILD; {gone}",
        f"a container as it was before command 2 of BUILD; {gone}",
    ]
    assert engine.containers(kit.folder / "state") == []
    assert engine.checkpoints(kit.folder / "state")
    assert reap(kit.folder / "state") == (0, [])  # what a kill leaves behind
    assert engine.checkpoints(kit.folder / "state") == []


class Weighed(Layers):
    """Of a container that changes with each look, and has the sizes that it is given."""

    sizes: ClassVar[list[int]] = []
    looks: ClassVar[Iterator[int]] = count()

    async def _state(self, *, fresh: bool = False) -> str:
        return str(next(self.looks))

    def _size(self) -> int:
        return self.sizes[0]

    def _commit(self) -> str:
        return f"image {self.sizes.pop(0)}"

    def _sweep(self) -> None:
        self.sizes.sort()


async def test_what_checkpoints_of_a_container_take_is_limited(tmp_path: Path) -> None:
    said: list[str] = []
    engine = SimpleNamespace(address="nowhere"), None
    runner: Any = SimpleNamespace(base="image", engine=engine, setting=SimpleNamespace(state=tmp_path))
    layers = Weighed(runner, tmp_path, 3, said.append, most_bytes=100 << 20, quick_bytes=70 << 20)
    await layers.begin()
    kept = []
    for key, size, first in [("A", 90, True), ("B", 60, False), ("C", 65, False), ("D", 71, False), ("E", 101, True)]:
        layers.sizes[:] = [size << 20]
        await layers.take(key, first=first)
        kept.append("".join(filter(layers.has, "ABCDE")))
    assert kept == ["A", "AB", "AC", "AC", ""]
    checkpoint, *refused = said
    assert checkpoint.startswith("greenroom: a checkpoint of the container: 90 MiB in ")
    assert refused == [
        "greenroom: no checkpoint of the container between its commands: 71 MiB differ from its image",
        "greenroom: no checkpoint of the container at the beginning of this phase: 101 MiB differ from its image",
    ]
