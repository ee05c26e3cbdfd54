"""Runs that commits, branches and tags of a real repository start."""

from __future__ import annotations

import json
import shutil

from engine.execution import requests as rq
from engine.execution.state import Execution
from tests.engine.place import Place, Stage
from tests.triggers.conftest import Repository, Told


def ended(stage: Stage, number: int) -> Execution:
    """The execution of that number, once it is over."""
    stage.until(lambda state: state.latest and state.latest.number >= number and not state.active)
    found = stage.state.find(f"#{number}")
    assert found is not None
    return found


def test_a_commit_to_the_followed_branch_starts_a_run_of_exactly_that_commit(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        repository.write(b_txt="not to be committed\n")
        repository.write(a_txt="two\n")
        repository.git("add", "a.txt")
        repository.git("commit", "-qm", "second\n\nmore")
        repository.write(a_txt="three, not committed\n")
        run = ended(stage, 2)
        commit = repository.git("rev-parse", "HEAD").strip()
        assert "two\n" in stage.log("Build/Show")
        assert (run.trigger, run.revisions["Src"].id, run.revisions["Src"].label) == ("WebhookV2", commit, commit[:7])
        assert run.revisions["Src"].variables["BranchName"] == "main"
        assert run.revisions["Src"].variables["CommitMessage"] == "second\n\nmore"
        detail = json.loads(run.detail)
        assert detail["branch-name"] == "main"
        assert detail["commit-id"] == commit
        assert detail["full-repository-name"] == "me/shop"
        assert detail["commit-message"] == "second"


def test_what_is_not_committed_is_not_run_by_hand_either(repository: Repository) -> None:
    repository.write(a_txt="not committed\n")
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        assert "one\n" in stage.log("Build/Show")
        assert "not committed" not in stage.log("Build/Show")


def test_saves_start_nothing_while_commits_are_waited_for(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        repository.write(a_txt="saved\n")
        repository.commit("the run that it waits for", c_txt="c\n")
        ended(stage, 2)
        assert len(stage.state.executions) == 2


def test_another_branch_starts_nothing_and_that_is_told(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        told = Told(stage)
        repository.git("checkout", "-qb", "topic")
        assert told.next() == (
            "push to branch topic starts nothing: it follows branch main; this is a push to branch topic"
        )
        repository.commit("on a topic", a_txt="two\n")
        assert "push to branch topic starts nothing" in told.next()
        repository.git("checkout", "-q", "main")
        repository.commit("on main", b_txt="b\n")
        ended(stage, 2)
        assert "one\n" in stage.log("Build/Show")


def test_a_tag_trigger(repository: Repository) -> None:
    repository.pipeline({"push": [{"tags": {"includes": ["v*"]}}]})
    first = repository.commit("with a trigger")
    repository.commit("later", a_txt="later\n")
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        repository.git("tag", "-am", "one", "v1", first)
        run = ended(stage, 2)
        assert run.revisions["Src"].id == first
        assert json.loads(run.detail)["tag-name"] == "v1"
        assert "one\n" in stage.log("Build/Show")


def test_file_paths(repository: Repository) -> None:
    repository.pipeline({"push": [{"branches": {"includes": ["main"]}, "filePaths": {"includes": ["src/**"]}}]})
    repository.commit("with a trigger")
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        told = Told(stage)
        repository.commit("docs", docs__a_txt="a\n")
        assert told.next() == "push to branch main starts nothing: docs/a.txt matches none of src/**"
        repository.commit("code", src__a_txt="a\n")
        ended(stage, 2)


def test_a_commit_in_another_worktree_counts(repository: Repository) -> None:
    repository.pipeline({"push": [{"branches": {"includes": ["topic"]}}]})
    repository.commit("with a trigger")
    repository.git("worktree", "add", "-q", "../other", "-b", "topic")
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        other = repository.directory.parent / "other"
        (other / "a.txt").write_text("elsewhere\n")
        repository.git("-C", str(other), "commit", "-qam", "elsewhere")
        ended(stage, 2)
        assert "elsewhere\n" in stage.log("Build/Show")


def test_commits_of_a_pause_start_when_it_ends(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        stage.ask(rq.SetWatch(True, "lunch"))
        repository.commit("while paused", a_txt="two\n")
        stage.ask(rq.SetWatch(False))
        ended(stage, 2)
        assert "two\n" in stage.log("Build/Show")


def test_a_session_that_begins_in_a_pause_misses_no_commit(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        stage.ask(rq.SetWatch(True, "lunch"))
    repository.pipeline(BranchName="production")
    repository.git("branch", "production")
    with repository.session(watch=True, trigger="commit") as stage:
        repository.pipeline(BranchName="elsewhere")
        told = Told(stage)
        while "follows branch elsewhere" not in told.next():
            pass  # the first look was before this one
        repository.git("branch", "elsewhere")
        stage.ask(rq.SetWatch(False))
        ended(stage, 2)


def test_branches_in_packed_refs(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        repository.git("pack-refs", "--all")
        repository.commit("after packing", a_txt="two\n")
        ended(stage, 2)
        assert len(stage.state.executions) == 2


def test_manual_starts_nothing_by_itself(repository: Repository) -> None:
    with repository.session(watch=True, trigger="manual") as stage:
        stage.run()
        repository.commit("a commit", a_txt="two\n")
        definition = repository.directory / "pipeline.json"
        definition.write_text(definition.read_text().replace('"Show"', '"Look"'))
        stage.until(lambda state: state.version == 2)
        stage.run()
        assert [run.number for run in stage.state.executions.values()] == [1, 2]
        assert "two\n" in stage.log("Build/Look")


def test_the_project_file_says_what_starts_a_run(repository: Repository) -> None:
    repository.project("trigger: commit\n")
    with repository.session(watch=True) as stage:
        stage.run()
        repository.commit("second", a_txt="two\n")
        assert ended(stage, 2).trigger == "WebhookV2"


def test_that_no_commit_can_start_it_is_told_at_once(repository: Repository) -> None:
    repository.pipeline(DetectChanges="false")
    with repository.session(watch=True, trigger="commit") as stage:
        assert Told(stage).next() == (
            "no commit of source Src starts anything: DetectChanges: it is false and no trigger is declared"
        )


def test_a_branch_that_is_not_here_is_told_at_once(repository: Repository) -> None:
    repository.pipeline(BranchName="production")
    with repository.session(watch=True, trigger="commit") as stage:
        assert Told(stage).next() == "source Src follows branch production, which is not here"


def test_a_directory_without_a_repository_is_told_at_once(repository: Repository) -> None:
    shutil.rmtree(repository.directory / ".git")
    with repository.session(watch=True, trigger="commit") as stage:
        assert Told(stage).next() == "source Src is in no git repository: no commit of it starts anything"
        stage.run()
        assert "one\n" in stage.log("Build/Show")


def test_a_start_that_is_refused_is_told(repository: Repository) -> None:
    with repository.session(watch=True, trigger="commit") as stage:
        stage.run()
        told = Told(stage)
        file = repository.directory / "pipeline.json"
        definition = json.loads(file.read_text())
        definition["pipeline"]["variables"] = [{"name": "needed"}]
        file.write_text(json.dumps(definition))
        stage.until(lambda state: state.version == 2)
        repository.commit("with a variable that nobody gives")
        assert told.next().startswith("push to branch main starts nothing: ")
        assert len(stage.state.executions) == 1


def test_a_project_in_a_linked_worktree(repository: Repository) -> None:
    repository.pipeline(BranchName="side")
    repository.commit("follows another branch")
    repository.git("worktree", "add", "-q", "../linked", "-b", "side")
    linked = Place(repository.directory.parent / "linked")
    with linked.session(watch=True, trigger="commit") as stage:
        stage.run()
        linked.write(a_txt="linked\n")
        repository.git("-C", str(linked.directory), "commit", "-qam", "in the worktree")
        ended(stage, 2)
        assert "linked\n" in stage.log("Build/Show")


def test_a_project_below_the_top_of_its_repository(repository: Repository) -> None:
    service = Place(repository.directory / "service")
    service.write(a_txt="service\n")
    shutil.copy(repository.directory / "pipeline.json", service.directory)
    service.project("sources: {Src: .}\n")
    repository.commit("with a service")
    with service.session(watch=True, trigger="commit") as stage:
        stage.run()
        assert "service\n" in stage.log("Build/Show")
        repository.commit("second", service__a_txt="second\n")
        ended(stage, 2)
        assert "second\n" in stage.log("Build/Show")
