"""Builds that stand still where a command failed or at a breakpoint, and every way in which they go on."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from engine.execution.pausing import How, Pause
from engine.model.project import ProjectFile
from engine.model.status import ActionStatus
from engine.providers.codebuild import stand
from engine.providers.codebuild.checkpoints import Checkpoints, TooMuch
from engine.providers.contract import Job, Outcome, Resumption
from engine.providers.regained import regained
from engine.providers.shell import shell_in
from engine.runners.shell import Moment, ShellSession
from tests.providers.kit import Kit, spec

Step = Callable[["Bench"], "tuple[How, Job] | How"]


class Bench:
    """A job that is debugged by a script: a step for each time that it is paused."""

    def __init__(self, kit: Kit, text: str, *, files: dict[str, str] | None = None, **job: Any) -> None:
        self.kit = kit
        self.files = {"buildspec.yml": text, **(files or {})}
        self.job = dataclasses.replace(
            kit.job(inputs={"Source": kit.files(self.files)}, **job), on_failure="pause", breakpoints=True
        )
        self.pauses: list[Pause] = []
        self.asked: list[How] = []

    def edited(self, **files: str) -> Job:
        """The job after edits of the source directory; ``a__b`` stands for ``a/b``."""
        self.files |= {name.replace("__", "/").replace("_yml", ".yml"): text for name, text in files.items()}
        return dataclasses.replace(self.job, inputs={"Source": self.kit.files(self.files)})

    def run(self, *steps: Step | How, job: Job | None = None) -> Outcome:
        """Build, and go on as the steps say."""
        self.pauses.clear()
        script: Iterator[Step | How] = iter(steps)

        async def pause(found: Pause) -> Resumption:
            self.pauses.append(found)
            step = next(script)
            given = step if isinstance(step, str) else await asyncio.to_thread(step, self)
            how, now = given if isinstance(given, tuple) else (given, job or self.job)
            return Resumption(how, now, "ann")

        outcome = self.kit.run(job or self.job, pause=pause, go_on=self.asked.append)
        assert next(script, None) is None, "not every step was needed"
        return outcome

    def said(self) -> list[str]:
        """What greenroom says in the log, without its name."""
        return [line[11:] for line in self.kit.agent_lines() if line.startswith("greenroom: ")]

    def write(self, name: str, text: str) -> None:
        (self.kit.source / name).write_text(text)


STEPS = spec(
    install={"commands": ["echo install; export TOOL=here"]},
    build={"commands": ["mkdir -p out; echo one >> out/log; cd out", "cat ../fix", "echo $TOOL; pwd; cat log"]},
    post_build={"commands": ["echo post $CODEBUILD_BUILD_SUCCEEDING"]},
)


def fixed(bench: Bench) -> How:
    bench.write("fix", "fixed\n")
    return "command"


def test_a_failed_command_runs_again_where_the_build_stands(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    outcome = bench.run("command", fixed)
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.stopped_at is None
    assert bench.pauses == [Pause("BUILD", 2, "cat ../fix", "failed", 1, "BUILD-2")] * 2
    where = str(kit.source / "out")
    assert kit.output()[-5:] == ["fixed", "here", where, "one", "post 1"]
    assert kit.text().count("Entering phase BUILD") == 1
    assert (
        bench.said()
        == [
            "paused at BUILD command 2 (exit status 1): cat ../fix; look around: greenroom shell Stage/Make;"
            " go on: greenroom resume",
            "going on with command 2 of BUILD (by ann)",
        ]
        * 2
    )
    assert stand.read_stand(kit.workspace) is None


def test_the_phase_runs_again_with_the_files_of_its_beginning(kit: Kit) -> None:
    bench = Bench(kit, STEPS, files={"fix.old": "x"})

    def meddled(bench: Bench) -> How:
        bench.write("fix", "fixed")
        bench.write("fix.old", "changed")
        return "phase"

    outcome = bench.run(meddled, fixed)
    assert outcome.status is ActionStatus.SUCCEEDED
    assert len(bench.pauses) == 2  # what was put into the workspace by hand went with the rest
    assert (kit.source / "fix.old").read_text() == "x"
    assert (kit.source / "out" / "log").read_text() == "one\n"
    assert "the files are again as they were before command 1 of BUILD" in bench.said()


def test_without_checkpoints_the_phase_finds_the_files_as_they_are(kit: Kit) -> None:
    bench = Bench(kit, STEPS, project=ProjectFile(checkpoints=0))
    assert bench.run("phase", fixed).status is ActionStatus.SUCCEEDED
    assert (kit.source / "out" / "log").read_text() == "one\none\n"
    assert "there is no checkpoint: the files stay as they are" in bench.said()
    assert bench.pauses[0].checkpoint == ""


def test_it_goes_on_as_though_the_command_had_succeeded_and_says_what_aws_would_do(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    assert bench.run("continue").status is ActionStatus.SUCCEEDED
    assert kit.output()[-1] == "post 1"
    assert (
        "going on as though the command had succeeded; on AWS the build fails here (exit status 1) (by ann)"
        in bench.said()
    )


def test_it_fails_as_on_aws(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    outcome = bench.run("fail")
    assert outcome.status is ActionStatus.FAILED
    assert outcome.stopped_at == Pause("BUILD", 2, "cat ../fix", "failed", 1, "BUILD-2")
    assert kit.output()[-1] == "post 0"


def test_it_starts_over_with_what_was_edited(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    outcome = bench.run(lambda bench: ("start", bench.edited(fix="edited")))
    assert outcome.status is ActionStatus.SUCCEEDED
    assert outcome.tainted  # it is of other sources than the run tells
    assert kit.output()[-2:] == ["one", "post 1"]
    bench = Bench(kit, STEPS.replace("../fix", "missing"))
    assert not bench.run("start", "start", "continue").tainted


def test_edits_of_the_source_are_laid_in_and_what_was_built_stays(kit: Kit) -> None:
    bench = Bench(kit, STEPS, files={"gone": "x", "same": "x"})

    def saved(bench: Bench) -> tuple[How, Job]:
        bench.write("same", "meddled with by hand")
        del bench.files["gone"]
        return "command", bench.edited(fix="from the source", deep__er__new="x")

    assert bench.run(saved).status is ActionStatus.SUCCEEDED
    assert "edits laid into the workspace: deep/er/new, fix, gone" in bench.said()
    assert not (kit.source / "gone").exists()
    assert (kit.source / "same").read_text() == "meddled with by hand"
    assert (kit.source / "deep" / "er" / "new").read_text() == "x"


def test_an_edited_buildspec_goes_on_at_the_first_command_that_was_edited(kit: Kit) -> None:
    bench = Bench(kit, STEPS, project=ProjectFile(checkpoints=9))
    text = STEPS.replace("echo one", "echo two").replace("cat ../fix", "echo ok")
    assert bench.run(lambda bench: ("command", bench.edited(buildspec_yml=text))).status is ActionStatus.SUCCEEDED
    assert "command 1 of BUILD is the first that was edited" in bench.said()
    assert (kit.source / "out" / "log").read_text() == "two\n"
    assert kit.output()[-5:] == ["ok", "here", str(kit.source / "out"), "two", "post 1"]


def test_an_edited_buildspec_that_cannot_be_used_leaves_it_standing(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    outcome = bench.run(lambda bench: ("command", bench.edited(buildspec_yml="version: 0.2\nphases: [")), "fail")
    assert outcome.status is ActionStatus.FAILED
    assert any(line.startswith("it cannot go on like that: ") for line in bench.said())


def test_edited_variables_count_from_there_on(kit: Kit) -> None:
    text = "version: 0.2\nenv: {variables: {NAME: old}}\nphases: {build: {commands: [test $NAME = new]}}\n"
    bench = Bench(kit, text)
    outcome = bench.run(lambda bench: ("command", bench.edited(buildspec_yml=text.replace("old", "new"))))
    assert outcome.status is ActionStatus.SUCCEEDED


def test_finally_and_retries_come_before_and_after_a_pause_as_without_one(kit: Kit) -> None:
    phase = {"commands": ["echo try", "false", "echo no"], "finally": ["echo tidy", "false"], "on-failure": "RETRY-1"}
    bench = Bench(kit, spec(build=phase))
    outcome = bench.run("fail", "continue")
    assert [pause.index for pause in bench.pauses] == [2, 5]
    assert kit.output() == ["try", "tidy", "try", "tidy"]
    assert outcome.status is ActionStatus.FAILED
    assert outcome.stopped_at == bench.pauses[0]


# -- breakpoints -----------------------------------------------------------------------------------------------------

BREAK = spec(build={"commands": ["export A=1", "mkdir -p d; cd d; B=2; codebuild-breakpoint; echo on $A", "echo end"]})


def test_a_breakpoint_waits_in_the_middle_of_a_command(kit: Kit) -> None:
    bench = Bench(kit, BREAK)

    def looked(bench: Bench) -> How:
        argv, directory, environment = shell_in(kit.workspace, "echo $A $B $PWD; codebuild-resume; codebuild-resume no")
        done = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout.split() == ["1", "2", str(kit.source / "d")]
        assert done.returncode == 2
        return "continue"

    assert bench.run(looked).status is ActionStatus.SUCCEEDED
    assert bench.pauses == [Pause("BUILD", 2, bench.pauses[0].command, "breakpoint", 0, "BUILD-2")]
    assert kit.output() == ["on 1", "end"]
    assert bench.asked == ["continue"]


@pytest.mark.parametrize(
    ("how", "status", "ends"),
    [("fail", ActionStatus.FAILED, []), ("command", ActionStatus.SUCCEEDED, ["on 1", "end"])],
)
def test_a_command_at_a_breakpoint_can_fail_or_run_again(
    kit: Kit, how: How, status: ActionStatus, ends: list[str]
) -> None:
    bench = Bench(kit, BREAK)
    later: list[How] = ["continue" for _ in ends[:1]]
    assert bench.run(how, *later).status is status
    assert kit.output() == ends


def test_nobody_waits_at_a_breakpoint_where_nobody_debugs(kit: Kit) -> None:
    kit.build(BREAK)
    assert kit.output() == [
        "codebuild-breakpoint: passed by, for nobody debugs this build (run --on-failure=pause, or breakpoints: on)",
        "on 1",
        "end",
    ]


def test_it_goes_on_where_the_environment_is_another_users(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = ShellSession.moment

    def refused(session: ShellSession) -> Moment:
        if "Phase complete: POST_BUILD" not in kit.text():
            raise PermissionError(13, "not yours")
        return moment(session)

    monkeypatch.setattr(ShellSession, "moment", refused)
    bench = Bench(kit, STEPS.replace("../fix", "$CODEBUILD_SRC_DIR/fix"))
    assert bench.run(fixed).status is ActionStatus.SUCCEEDED


# -- later attempts --------------------------------------------------------------------------------------------------


def again(bench: Bench, how: Literal["command", "phase"] = "command", **files: str) -> Job:
    """The job of an attempt that takes up the last one."""
    job = dataclasses.replace(
        bench.edited(**files), resume=how, resumes=bench.job.action_execution_id, action_execution_id="later"
    )
    return dataclasses.replace(job, on_failure="continue")


def test_a_later_attempt_takes_up_what_failed(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    bench.job = dataclasses.replace(bench.job, on_failure="continue")
    failed = bench.run()
    assert failed.stopped_at == Pause("BUILD", 2, "cat ../fix", "failed", 1)
    argv, directory, environment = shell_in(kit.workspace, "echo $TOOL $CODEBUILD_BUILD_SUCCEEDING $PWD")
    seen = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=True).stdout
    assert seen.split() == ["here", "1", str(kit.source / "out")]
    outcome = bench.run(job=again(bench, fix="fixed"))
    assert outcome.status is ActionStatus.SUCCEEDED
    assert kit.output() == ["fixed", "here", str(kit.source / "out"), "one", "post 1"]
    assert bench.said() == [
        "edits laid into the workspace: fix",
        "taking up the attempt that stopped at BUILD command 2 (exit status 1): cat ../fix, from command 2 of BUILD",
    ]
    assert "Entering phase INSTALL" not in kit.text()


def test_it_takes_up_the_phase_and_a_second_failure_can_be_taken_up_again(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    bench.run("fail")
    later = again(bench, "phase")
    assert bench.run(job=later).status is ActionStatus.FAILED
    assert (kit.source / "out" / "log").read_text() == "one\n"
    last = dataclasses.replace(again(bench, fix="x"), resumes="later", action_execution_id="last")
    assert bench.run(job=last).status is ActionStatus.SUCCEEDED


def test_a_later_attempt_finds_the_checkpoints_of_an_earlier_one(kit: Kit) -> None:
    bench = Bench(kit, STEPS, files={"same": "same"})

    def edited(bench: Bench) -> tuple[How, Job]:
        bench.write("same", "meddled")
        return "fail", bench.job

    bench.run(edited)
    (kit.source / "same").unlink()
    assert bench.run(job=again(bench, "phase", fix="x")).status is ActionStatus.SUCCEEDED
    assert (kit.source / "out" / "log").read_text() == "one\n"
    assert (kit.source / "same").read_text() == "same"
    assert "the files are again as they were before command 1 of BUILD" in bench.said()
    assert not list(kit.workspace.glob("checkpoints*"))


def test_nothing_is_taken_up_from_another_attempt_than_the_last(kit: Kit) -> None:
    bench = Bench(kit, STEPS, files={"fix": "x"})
    assert bench.run(job=again(bench)).status is ActionStatus.SUCCEEDED
    assert "nothing is left of the attempt to be taken up; starting from the start" in bench.said()
    assert "Entering phase INSTALL" in kit.text()


async def ended_while_it_stands(bench: Bench) -> None:
    standing = asyncio.Event()

    async def for_ever(found: Pause) -> Resumption:
        standing.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(bench.kit.provider(bench.job).run(bench.job, bench.kit.desk(pause=for_ever)))
    await standing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_build_that_is_ended_while_it_stands_still_can_be_taken_up(kit: Kit) -> None:
    bench = Bench(kit, STEPS)
    await ended_while_it_stands(bench)
    later = again(bench, fix="fixed")
    outcome = await kit.provider(later).run(later, kit.desk())
    assert outcome.status is ActionStatus.SUCCEEDED
    assert (kit.source / "out" / "log").read_text() == "one\n"


async def test_one_that_was_ended_at_a_breakpoint_goes_on_behind_it(kit: Kit) -> None:
    async def never(found: Pause) -> Resumption:
        raise AssertionError(f"paused once more at {found}")

    bench = Bench(kit, BREAK)
    await ended_while_it_stands(bench)
    later = dataclasses.replace(again(bench), on_failure="pause")
    outcome = await kit.provider(later).run(later, kit.desk(pause=never))
    assert outcome.status is ActionStatus.SUCCEEDED
    assert kit.output() == ["on 1", "end"]
    assert bench.said()[-1] == "going on behind the breakpoint at which the earlier attempt stood"


SECRET = "hunter2-and-more"


@pytest.mark.parametrize("restarted", [False, True])
def test_secrets_are_on_no_disk_while_it_stands_still_and_are_there_again_afterwards(
    kit: Kit, restarted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "version: 0.2\nenv: {secrets-manager: {PASS: s}}\nphases:\n  build:\n    commands:\n"
        '      - export URL="http://me:$PASS@here"\n'
        '      - test -f fix\n      - echo "<$PASS>"; echo ${#PASS} ${#URL}\n'
    )
    bench = Bench(kit, text, project=ProjectFile(secrets={"s": SECRET}))

    def looked(bench: Bench) -> How:
        assert not [path for path in kit.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
        argv, directory, environment = shell_in(kit.workspace, "echo $URL")
        seen = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=True).stdout
        assert seen.strip() == f"http://me:{SECRET}@here"  # as on AWS, whoever debugs has what the build has
        return "fail"

    bench.run(looked)
    assert not [path for path in kit.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    if restarted:
        monkeypatch.setattr(stand, "_REMEMBERED", {})
    known = regained(kit.workspace, lambda: bench.job.project)  # asked for anew, never kept
    assert known.values == {"PASS": SECRET} | ({} if restarted else {"URL": f"http://me:{SECRET}@here"})
    argv, directory, environment = shell_in(kit.workspace, "echo $PASS ${URL-unset}; env", known)
    assert SECRET not in str(argv)
    done = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{SECRET} {'unset' if restarted else f'http://me:{SECRET}@here'}\n")
    assert "GREENROOM_VALUE" not in done.stdout
    told = "URL: held a secret, which is not kept, so it is not set here\n"
    assert done.stderr == (told if restarted else "")
    if restarted:  # and nothing gives it a value any more
        gone = regained(kit.workspace, ProjectFile).lost
        assert sorted(gone) == ["PASS", "URL"]
        assert gone["PASS"].endswith("secret: s")
        assert sorted(regained(kit.workspace, lambda: None).lost) == ["PASS", "URL"]
    bench.run(job=again(bench, fix=""))
    lengths = f"{len(SECRET)} {0 if restarted else len(SECRET) + 15}"
    assert kit.output() == ["<***>", lengths]
    lost = [line for line in bench.said() if line.startswith("URL held a secret")]
    assert bool(lost) is restarted


def test_a_secret_that_was_changed_meanwhile_counts_from_the_start_for_nothing_would_mask_it(kit: Kit) -> None:
    text = (
        "version: 0.2\nenv: {variables: {NAME: old}, secrets-manager: {PASS: s}}\nphases:\n  build:\n    commands:\n"
        '      - test -f fix\n      - echo "$NAME ${#PASS}"\n'
    )
    bench = Bench(kit, text, project=ProjectFile(secrets={"s": SECRET}))
    new = "another-value-of-the-secret"

    def edited(how: How) -> Step:
        def step(bench: Bench) -> tuple[How, Job]:
            job = bench.edited(buildspec_yml=text.replace("old", "new"), **({"fix": ""} if how == "start" else {}))
            return how, dataclasses.replace(job, project=ProjectFile(secrets={"s": new}))

        return step

    assert bench.run(edited("command"), edited("start")).status is ActionStatus.SUCCEEDED
    assert "PASS: a new secret value, which counts from the start (resume --from start)" in bench.said()
    assert kit.output() == [f"new {len(new)}"]
    assert not [path for path in kit.folder.rglob("*") if path.is_file() and new.encode() in path.read_bytes()]


# -- checkpoints -----------------------------------------------------------------------------------------------------


def test_going_back_brings_every_kind_of_file_back(kit: Kit) -> None:
    commands = [
        "mkdir dir; echo a > dir/a; ln -s a dir/link; echo x > made; chmod +x made; mkdir empty",
        "rm -r dir empty; echo y >> made; chmod -x made; echo more > dir; echo new > kept; rm lost; mkfifo p; false",
    ]
    text = spec(build={"commands": commands})
    bench = Bench(kit, text, files={"kept": "kept", "lost": "lost"}, project=ProjectFile(checkpoints=5))
    changed = text.replace("rm -r dir empty", "find . -type f | sort; cat made kept lost dir/link; test -x made")

    def edited(bench: Bench) -> tuple[How, Job]:
        (kit.source / "p").unlink()
        return "phase", bench.edited(buildspec_yml=changed.replace("mkdir dir;", "mkdir dir; :;"))

    bench.run(edited, "fail")
    assert kit.output()[:-1] == ["./buildspec.yml", "./dir/a", "./kept", "./lost", "./made", "x", "keptlosta"]


def test_what_is_too_much_is_refused(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    points = Checkpoints(tmp_path / "points", (work,), 2, most_files=3, most_bytes=10)
    points.begin()
    for name in "ab":
        (work / name).write_text("123456")
    with pytest.raises(TooMuch, match="MiB"):
        points.take("BUILD-1", first=True)
    for name in "cd":
        (work / name).write_text("")
    with pytest.raises(TooMuch, match="3 files"):
        points.take("BUILD-2", first=False)


def test_what_lies_beside_the_build_is_none_of_its_files(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / ".src.spare").mkdir(parents=True)
    (work / "src").mkdir()
    points = Checkpoints(tmp_path / "points", (work,), 2, beside=".src.")
    points.begin()
    points.take("BUILD-1", first=True)
    (work / ".src.spare" / "file").write_text("x")
    (work / "src" / ".src.file").write_text("x")
    points.restore("BUILD-1")
    assert (work / ".src.spare" / "file").exists()
    assert not (work / "src" / ".src.file").exists()


def test_only_the_last_checkpoints_are_kept_and_the_phases_first(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    points = Checkpoints(tmp_path / "points", (work,), 2)
    points.begin()
    for number in range(1, 6):
        (work / "file").write_text(f"{number}" * number)
        points.take(f"BUILD-{number}", first=number == 1)
    assert [number for number in range(1, 6) if points.has(f"BUILD-{number}")] == [1, 4, 5]
    assert len(list((tmp_path / "points").iterdir())) == 3
    points.restore("BUILD-1")
    assert (work / "file").read_text() == "1"
    points.restore("BUILD-4")
    assert (work / "file").read_text() == "4444"
