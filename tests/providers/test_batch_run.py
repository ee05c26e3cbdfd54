"""Batches that really run: order, parallel builds, failures, fast-fail, ends from outside, artifacts, retries."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from engine.execution.pausing import Pause
from engine.journal.processes import MARKER, leftovers
from engine.model.member import MemberBuild, build_uuid
from engine.model.project import ActionSettings, BatchSettings, ProjectFile, ProjectSettings
from engine.model.status import ActionStatus
from engine.providers.book import LooseBook, workspace_of
from engine.providers.contract import Outcome, Resumption
from engine.reports.details import FILE, load
from tests.providers.kit import Kit

BATCH = {"ProjectName": "web", "BatchEnabled": "true"}
COMBINED = {**BATCH, "CombineArtifacts": "true"}


class Book(LooseBook):
    """Remembers what it is told, and how many builds ran at a time."""

    def __init__(self, log: Path, jobs: int) -> None:
        super().__init__(log, jobs, self._note)
        self.builds: dict[str, MemberBuild] = {}
        self.story: list[str] = []
        self.most = 0
        self.heard: Callable[[MemberBuild], None] = lambda build: None

    def _note(self, build: MemberBuild) -> None:
        before = self.builds.get(build.identifier)
        if before is None or before.status != build.status:
            self.story.append(f"{build.identifier} {build.status}")
        self.builds[build.identifier] = build
        self.most = max(self.most, sum(other.running for other in self.builds.values()))
        self.heard(build)

    def statuses(self) -> dict[str, str]:
        return {name: build.status for name, build in self.builds.items()}


class Workshop:
    """A kit for batches."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.book = Book(kit.log, 4)

    def job(self, batch: object, *commands: str, files: dict[str, str] | None = None, **job: Any) -> Any:
        whole = {"version": 0.2, "batch": batch, **job.pop("whole", {})}
        if commands:
            whole["phases"] = {"build": {"commands": list(commands)}}
        tree = self.kit.files({"buildspec.yml": json.dumps(whole), **(files or {})})
        return self.kit.job(inputs={"Source": tree}, configuration=job.pop("configuration", BATCH), **job)

    def run(self, batch: object, *commands: str, jobs: int = 4, **job: Any) -> Outcome:
        self.book = Book(self.kit.log, jobs)
        return self.kit.run(self.job(batch, *commands, **job), builds=self.book)

    def again(self, *changes: str, job: Any, jobs: int = 4) -> Outcome:
        """Another attempt that may keep what the last one made."""
        earlier = {
            build.fingerprint: dataclasses.replace(build, origin=build.origin or "first")
            for build in self.book.builds.values()
            if build.fingerprint and build.status == "SUCCEEDED"
        }
        self.book = Book(self.kit.log, jobs)
        return self.kit.run(dataclasses.replace(job, earlier=earlier), builds=self.book)

    def said(self, identifier: str) -> list[str]:
        """What the commands of one build wrote."""
        lines = self.book.log(identifier).read_text().splitlines()
        return [line for line in lines if line and not line.startswith("[Container]")]

    def workspace(self, identifier: str) -> Path:
        return workspace_of(self.kit.workspace, identifier)


@pytest.fixture
def shop(kit: Kit) -> Workshop:
    return Workshop(kit)


def listed(*names: str, **more: Any) -> dict[str, object]:
    return {"build-list": [{"identifier": name, **more} for name in names]}


def graph(**needs: str) -> dict[str, object]:
    """``b="a c"``: b depends on a and c. A name that ends in ``_ok`` may fail."""
    return {
        "build-graph": [
            {"identifier": name, "depend-on": wanted.split(), "ignore-failure": name.endswith("_ok")}
            for name, wanted in needs.items()
        ]
    }


def test_a_graph_runs_in_order_each_build_with_its_own_everything(shop: Workshop) -> None:
    names = ("CODEBUILD_BATCH_BUILD_IDENTIFIER", "CODEBUILD_BUILD_ID", "BOTH", "OF_PROJECT", "OF_ACTION")
    batch = graph(a="", b="a", c="a", d="b c")
    for build in batch["build-graph"]:  # type: ignore[attr-defined]
        build["env"] = {"variables": {"BOTH": f"of {build['identifier']}"}}
    outcome = shop.run(
        batch,
        *(f'echo "${name}"' for name in names),
        "pwd; ls; touch made-by-$CODEBUILD_BATCH_BUILD_IDENTIFIER",
        whole={"env": {"variables": {"BOTH": "buildspec", "OF_PROJECT": "buildspec"}}},
        configuration={
            **BATCH,
            "EnvironmentVariables": json.dumps([{"name": name, "value": "action"} for name in ("BOTH", "OF_ACTION")]),
        },
        project=ProjectFile(projects={"web": ProjectSettings(environment={"BOTH": "web", "OF_PROJECT": "web"})}),
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.summary == "4 builds"
    assert outcome.external_id == f"web:{shop.kit.action_execution_id}"
    story = shop.book.story
    assert story[:4] == [f"{name} PENDING" for name in "abcd"]
    assert story[4:6] == ["a IN_PROGRESS", "a SUCCEEDED"]
    assert set(story[6:8]) == {"b IN_PROGRESS", "c IN_PROGRESS"}
    assert story[-2:] == ["d IN_PROGRESS", "d SUCCEEDED"]
    for name in "abcd":
        identity = f"web:{build_uuid(shop.kit.action_execution_id, name)}"
        place = f"{shop.workspace(name)}/build/src"
        assert shop.said(name) == [name, identity, f"of {name}", "web", "action", place, "buildspec.yml"]
        assert shop.book.builds[name].external_id == identity
        assert (shop.workspace(name) / "build/src" / f"made-by-{name}").exists()
    assert shop.kit.phases[0] == "DOWNLOAD_BATCHSPEC"
    assert shop.kit.phases[-1] == "4 of 4 builds"


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_no_more_builds_run_than_there_are_jobs(shop: Workshop, jobs: int) -> None:
    assert shop.run(listed("a", "b", "c", "d"), "true", jobs=jobs).status is ActionStatus.SUCCEEDED
    assert shop.book.most == jobs
    if jobs == 1:
        order = [line for line in shop.book.story if line.endswith("IN_PROGRESS")]
        assert order == [f"{name} IN_PROGRESS" for name in "abcd"]


def test_a_failed_build_fails_the_batch_and_what_depends_on_it_is_not_run(shop: Workshop) -> None:
    outcome = shop.run(
        graph(a="", bad="", after="bad a", last="after", other_ok="", goes_on="other_ok"),
        "case $CODEBUILD_BATCH_BUILD_IDENTIFIER in bad|other_ok) exit 7;; esac",
        outputs=("a", "bad"),
        whole={"artifacts": {"files": "buildspec.yml"}},
    )
    assert outcome.status is ActionStatus.FAILED
    assert shop.book.statuses() == {
        "a": "SUCCEEDED",
        "bad": "FAILED",
        "after": "STOPPED",
        "last": "STOPPED",
        "other_ok": "FAILED",
        "goes_on": "SUCCEEDED",
    }
    assert shop.book.builds["after"].summary == "not run: bad did not pass"
    assert shop.book.builds["last"].summary == "not run: after did not pass"
    assert outcome.failure is not None
    assert outcome.failure.type == "JobFailed"
    assert "Failed builds: bad. bad: Build terminated with state: FAILED. Phase: BUILD" in outcome.failure.message
    assert "exit status 7" in outcome.failure.message
    assert outcome.failure.hint.endswith("greenroom logs Stage/Make/bad")
    assert outcome.summary == "2 of 6 builds succeeded, not bad, after, last and 1 more"
    assert outcome.outputs == {}
    assert not shop.book.log("after").exists()


def test_an_ignored_failure_leaves_the_batch_well(shop: Workshop) -> None:
    outcome = shop.run(graph(a="", b_ok=""), "test $CODEBUILD_BATCH_BUILD_IDENTIFIER = a")
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.summary == "1 of 2 builds succeeded, not b_ok"
    assert "Build b_ok: FAILED (ignore-failure)" in shop.kit.text()


def test_fast_fail_ends_those_that_run_and_keeps_the_others_from_starting(shop: Workshop) -> None:
    batch = {"fast-fail": True, **graph(bad="", slow="", later="slow")}
    script = (
        "if [ $CODEBUILD_BATCH_BUILD_IDENTIFIER = bad ]; then until [ -e ../../../../slow ]; do :; done; exit 1; fi"
    )
    outcome = shop.run(batch, script, "touch ../../../../slow; sleep 600")
    assert outcome.status is ActionStatus.FAILED
    assert shop.book.statuses() == {"bad": "FAILED", "slow": "STOPPED", "later": "STOPPED"}
    assert shop.book.builds["slow"].summary == "fast-fail"
    assert "State: STOPPED" in shop.book.log("slow").read_text()
    assert not leftovers(f"{MARKER}={build_uuid(shop.kit.action_execution_id, 'slow')}")


def test_cancelled_it_ends_every_build_and_leaves_no_process(shop: Workshop) -> None:
    job = shop.job(listed("a", "b", "c"), "sleep 600")
    shop.book = Book(shop.kit.log, 2)

    async def go() -> None:
        started: set[int] = set()
        both = asyncio.Event()

        def process(pid: int, birth: str) -> None:
            started.add(pid)
            if len(started) == 2:
                both.set()

        desk = shop.kit.desk(builds=shop.book, process=process)
        running = asyncio.ensure_future(shop.kit.provider(job).run(job, desk))
        await both.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(go())
    assert shop.book.statuses() == {"a": "STOPPED", "b": "STOPPED", "c": "STOPPED"}
    assert shop.kit.agent_lines()[-1] == "Phase is STOPPED"
    for name in "ab":
        assert "State: STOPPED" in shop.book.log(name).read_text()
        assert not leftovers(f"{MARKER}={build_uuid(shop.kit.action_execution_id, name)}")


def test_a_build_that_takes_too_long_times_out_alone(shop: Workshop) -> None:
    project = ProjectFile(projects={"web": ProjectSettings(timeout_minutes=0.01)})
    outcome = shop.run(
        listed("quick", "slow"), "[ $CODEBUILD_BATCH_BUILD_IDENTIFIER = quick ] || sleep 600", project=project
    )
    assert shop.book.statuses() == {"quick": "SUCCEEDED", "slow": "TIMED_OUT"}
    assert outcome.failure is not None
    assert "slow: the build timed out after 0.01 minutes" in outcome.failure.message


def test_artifacts_by_the_names_of_builds_and_combined(shop: Workshop) -> None:
    whole = {
        "artifacts": {
            "files": ["out-*"],
            "secondary-artifacts": {"more": {"files": "more"}, "unwanted": {"files": "more"}},
        },
        "env": {"exported-variables": ["BY", "SAME"]},
    }
    commands = (
        "BY=$CODEBUILD_BATCH_BUILD_IDENTIFIER SAME=1",
        'echo "$BY" | tee out-$BY out-all > more',
    )
    outcome = shop.run(listed("x", "y"), *commands, whole=whole, outputs=("x", "y_more", "z"))
    assert {name: sorted(shop.kit.contents(tree)) for name, tree in outcome.outputs.items()} == {
        "x": ["out-all", "out-x"],
        "y_more": ["more"],
    }
    assert "greenroom: output artifact z: no build is called so (x, y)" in shop.kit.text()
    assert outcome.variables == {"BY": "y", "SAME": "1"}
    assert "builds export different values of BY" in shop.kit.text()
    assert "values of SAME" not in shop.kit.text()
    combined = shop.run(listed("x", "y"), *commands, whole=whole, outputs=("All",), configuration=COMBINED)
    assert shop.kit.contents(combined.outputs["All"]) == {
        "out-x": "x\n",
        "out-y": "y\n",
        "out-all": "y\n",
        "more": "y\n",
    }
    assert "output artifact All: several builds make out-all; that of y counts" in shop.kit.text()
    assert [(one.phase, one.status) for one in combined.phases] == [
        ("DOWNLOAD_BATCHSPEC", "SUCCEEDED"),
        ("IN_PROGRESS", "SUCCEEDED"),
        ("COMBINE_ARTIFACTS", "SUCCEEDED"),
    ]


def test_a_build_may_have_a_buildspec_of_its_own_and_one_that_is_bad_fails_alone(shop: Workshop) -> None:
    builds = [
        {"identifier": "file", "buildspec": "ci/other.yml"},
        {"identifier": "inline", "buildspec": {"version": 0.2, "phases": {"build": {"commands": ["echo inline"]}}}},
        {"identifier": "missing", "buildspec": "ci/nothing.yml", "ignore-failure": True},
        {"identifier": "none", "ignore-failure": True},
    ]
    outcome = shop.run(
        {"build-list": builds},
        files={"ci/other.yml": "version: 0.2\nphases: {build: {commands: [echo file]}}"},
    )
    assert outcome.status is ActionStatus.SUCCEEDED
    assert (shop.said("file"), shop.said("inline")) == (["file"], ["inline"])
    assert "/build/src/ci/nothing.yml: no such file or directory" in shop.book.log("missing").read_text()
    assert "phases is missing" in shop.book.log("none").read_text()
    assert shop.book.builds["missing"].status == "FAILED"


def test_a_retry_keeps_what_succeeded_and_runs_the_rest(shop: Workshop) -> None:
    commands = (
        'echo ran >> "$COUNT/$CODEBUILD_BATCH_BUILD_IDENTIFIER"',
        'case $CODEBUILD_BATCH_BUILD_IDENTIFIER in bad) test -e "$COUNT/mended";; esac',
        "echo $CODEBUILD_BATCH_BUILD_IDENTIFIER > out",
    )
    counts = shop.kit.folder / "counts"
    counts.mkdir()
    settings = ActionSettings(environment={"COUNT": str(counts)})
    more: dict[str, Any] = {"whole": {"artifacts": {"files": "out"}}, "outputs": ("good", "bad"), "settings": settings}
    batch = graph(good="", bad="", after="bad")
    first = shop.run(batch, *commands, **more)
    assert first.status is ActionStatus.FAILED
    (counts / "mended").touch()
    job = shop.job(batch, *commands, **more)
    second = shop.again(job=job)
    assert second.status is ActionStatus.SUCCEEDED
    assert second.summary == "3 builds, 1 kept"
    assert {name: (counts / name).read_text().count("ran") for name in ("good", "bad", "after")} == {
        "good": 1,
        "bad": 2,
        "after": 1,
    }
    assert shop.book.builds["good"].origin == "first"
    assert shop.kit.contents(second.outputs["good"]) == {"out": "good\n"}
    assert "build good: succeeded before with the same input, kept" in shop.kit.text()
    changed = shop.job(batch, *commands, **more, files={"new": "file"})
    assert shop.again(job=changed).summary == "3 builds"


def test_what_the_whole_batch_depends_on(shop: Workshop) -> None:
    def parts(job: Any) -> list[str]:
        return [f"{part.kind} {part.subject} {part.value}" for part in shop.kit.identify(job).parts]

    project = ProjectFile(projects={"web": ProjectSettings(batch=BatchSettings(timeout_minutes=2))})
    one = shop.job(listed("a", "b"), "true", project=project)
    assert shop.kit.identify(one).timeout == 120
    assert parts(one) == parts(shop.job(listed("a", "b"), "true"))
    assert len([text for text in parts(one) if text.startswith("shell ")]) == 1  # what all have is told once
    other = shop.job({"build-list": [{"identifier": "a"}, {"identifier": "b", "buildspec": "nothing.yml"}]}, "true")
    assert parts(other) != parts(one)
    assert any(text.startswith("buildspec b: error stat $CODEBUILD_SRC_DIR/nothing.yml:") for text in parts(other))
    assert parts(shop.job({"build-lists": []}, "true"))[0].startswith("buildspec error batch holds none of")


@pytest.mark.parametrize(
    ("batch", "project", "words"),
    [
        (listed("a", "a"), ProjectSettings(), "identifier a stands at line 1 already"),
        (listed("a", "b"), ProjectSettings(batch=BatchSettings(maximum_builds=1)), "2 builds, and 1 are allowed"),
        (
            listed("a", env={"compute-type": "BUILD_GENERAL1_2XLARGE"}),
            ProjectSettings(batch=BatchSettings(compute_types=("BUILD_GENERAL1_SMALL",))),
            "build a asks for compute-type BUILD_GENERAL1_2XLARGE, and BUILD_GENERAL1_SMALL are allowed",
        ),
        (None, ProjectSettings(), "the buildspec has no batch section"),
    ],
)
def test_what_cannot_be_a_batch_fails_before_anything_runs(
    shop: Workshop, batch: object, project: ProjectSettings, words: str
) -> None:
    outcome = shop.run(batch, "true", project=ProjectFile(projects={"web": project}))
    assert outcome.failure is not None
    assert "Phase: DOWNLOAD_BATCHSPEC, Code: YAML_FILE_ERROR" in outcome.failure.message
    assert words in outcome.failure.message
    assert shop.book.builds == {}
    assert "Phase complete: DOWNLOAD_BATCHSPEC State: FAILED" in shop.kit.text()


REPORT = '<testsuite name="s">%s</testsuite>'
CASE = '<testcase classname="c" name="%s" time="2"/>'


def junit(names: Iterable[str]) -> str:
    return REPORT % "".join(CASE % name for name in names)


def test_a_fan_out_shares_the_tests_out_and_merges_their_reports(shop: Workshop) -> None:
    files = {f"tests/test_{name}.py": "" for name in "abcdefg"}
    run = (
        "codebuild-tests-run --files-search \"codebuild-glob-search '**/test_*.py'\" "
        "--test-command 'printf \"%s\\n\" >seen'"
    )
    make = (
        "{ echo '<testsuite>'; for f in $(cat seen); do echo \"<testcase name='$f' time='2'/>\"; done; "
        "echo '</testsuite>'; } > report.xml"
    )
    whole = {"reports": {"unit": {"files": "report.xml"}}, "artifacts": {"files": "seen"}}
    outcome = shop.run({"build-fanout": {"parallelism": 3}}, run, make, whole=whole, files=files)
    assert outcome.status is ActionStatus.SUCCEEDED
    seen = [(shop.workspace(name) / "build/src/seen").read_text().split() for name in shop.book.builds]
    assert [len(part) for part in seen] == [3, 2, 2]
    assert sum(seen, []) == sorted(files)  # noqa: RUF017
    (report,) = outcome.reports
    assert (report.group, report.status, report.passed, report.seconds) == ("unit", "SUCCEEDED", 7, 6.0)
    details = load(shop.kit.store.read(report.details, FILE))
    assert sorted(case.name for case in details.cases) == sorted(files)


def test_reports_of_other_batches_keep_to_their_builds(shop: Workshop) -> None:
    whole = {"reports": {"unit": {"files": "r.xml"}}}
    outcome = shop.run(listed("x", "y"), f"echo '{junit('ab')}' > r.xml", whole=whole)
    assert [(report.group, report.total) for report in outcome.reports] == [("unit_x", 2), ("unit_y", 2)]


def test_secrets_of_builds_are_in_no_log(shop: Workshop) -> None:
    whole = {"env": {"parameter-store": {"TOKEN": "/app/token"}, "exported-variables": ["OUT"]}}
    outcome = shop.run(
        listed("a"),
        'OUT=fine; echo "it is $TOKEN"; false # parameter-value',
        whole=whole,
        project=ProjectFile(parameters={"/app/token": "parameter-value"}),
    )
    texts = [shop.kit.text(), shop.book.log("a").read_text(), str(outcome)]
    assert "it is ***" in texts[1]
    assert not any("parameter-value" in text for text in texts)


def test_folders_of_builds_that_are_no_more_are_removed(shop: Workshop) -> None:
    shop.run(listed("a", "b"), "true")
    assert shop.workspace("b").exists()
    shop.run(listed("a"), "true")
    assert [path.name for path in shop.workspace("a").parent.iterdir()] == ["a"]


def test_a_build_pauses_and_goes_on_beside_the_others_and_a_later_attempt_takes_up_what_failed(shop: Workshop) -> None:
    commands = ("echo begun >> made", "test $CODEBUILD_BATCH_BUILD_IDENTIFIER = good || cat fix", "cat made")
    job = dataclasses.replace(shop.job(listed("good", "bad", "worse"), *commands), on_failure="pause")
    edited = dataclasses.replace(
        job, inputs=shop.job(listed("good", "bad", "worse"), *commands, files={"fix": "fixed\n"}).inputs
    )
    pauses: list[Pause] = []
    changed = asyncio.Event()
    shop.book.heard = lambda build: changed.set()

    async def pause(found: Pause) -> Resumption:
        pauses.append(found)
        changed.set()
        while len(pauses) < 2 or shop.book.builds["good"].live:  # each stands still by itself
            changed.clear()
            await changed.wait()
        changed.set()
        return Resumption("command" if found.build == "bad" else "fail", edited, "ann")

    outcome = shop.kit.run(job, builds=shop.book, pause=pause)
    assert sorted((found.build, found.phase, found.index, found.status) for found in pauses) == [
        ("bad", "BUILD", 2, 1),
        ("worse", "BUILD", 2, 1),
    ]
    assert shop.book.statuses() == {"good": "SUCCEEDED", "bad": "SUCCEEDED", "worse": "FAILED"}
    assert shop.said("bad")[-2:] == ["fixed", "begun"]
    assert "greenroom shell Stage/Make/bad; go on: greenroom resume" in shop.book.log("bad").read_text()
    assert outcome.stopped_at
    assert outcome.stopped_at.build == "worse"
    assert [name for name, build in shop.book.builds.items() if build.fingerprint] == ["good"]

    first = job.action_execution_id
    good = dataclasses.replace(shop.book.builds["good"], origin=first)
    shop.book = Book(shop.kit.log, 4)
    again = dataclasses.replace(edited, action_execution_id="later", resume="command", resumes=first)
    outcome = shop.kit.run(dataclasses.replace(again, earlier={"of another source": good}), builds=shop.book)
    assert (outcome.status, outcome.tainted) == (ActionStatus.SUCCEEDED, True)
    assert shop.book.builds["good"].reused
    assert shop.said("worse")[-2:] == ["fixed", "begun"]
