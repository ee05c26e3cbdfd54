"""Amazon ECR as one build sees it: what it logs in to and pushes stays in the engine that its `docker` talks to."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
from pathlib import Path

from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.local_aws import LocalAws
from engine.providers.codebuild.no_aws import is_local
from engine.providers.contract import Job
from engine.providers.pushed import Pushed, Shelf, read

LABEL = "com.greenroom.build"
"""On the containers, networks and volumes that a build makes itself: they end with it, as on AWS."""

_PROGRAMS = Path(__file__).parent / "programs"


class Ecr:
    """The images of one build. Use `begin` before its first command, `harvest` whenever they are asked for, `end`."""

    def __init__(self, job: Job, layout: Layout) -> None:
        self._shelf = Shelf(job.state)
        self._workspace = layout.workspace.absolute()
        self._account = job.project.account
        self._region = job.action.region or job.project.region
        self._by = f"{_name(job)}#{job.action_execution_id}"
        self._record = layout.pushed
        self._used = layout.pushed.with_name(f"{layout.pushed.name}.used")
        # What commands in the place of another action start may be what they are for.
        whole = job.action.actionTypeId.provider in ("CodeBuild", "Commands") and not job.settings.commands
        self._label = f"{LABEL}={self._workspace}" if whole else ""
        # Every source is a folder called src, after which Compose would name what it makes: two builds would share it.
        place = hashlib.sha256(os.fsencode(self._workspace)).hexdigest()[:8]
        self._compose = f"src-{place}" if whole else ""
        self._state = job.state.absolute()
        self._entry: Path | None = None
        self._seen: set[Pushed] = set()

    def begin(self) -> None:
        """Let the build's programs know what is there."""
        known = self._shelf.images()
        self._seen = set(known)
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._record.write_text("".join(one.line for one in known), encoding="utf-8")

    def expect_containers(self) -> dict[str, str]:
        """The build can make containers: what it leaves is removed even if greenroom is killed. Returns variables."""
        if not self._label:
            return {}
        from engine.runners.docker.ledger import note_made

        labels = [self._label, f"com.docker.compose.project={self._compose}"]
        self._entry = note_made(self._state, labels, self._used)
        return {"COMPOSE_PROJECT_NAME": self._compose}

    def harvest(self) -> None:
        """Write down what was pushed since."""
        new = [one for one in read(self._record) if one not in self._seen]
        self._seen.update(new)
        # What another engine has, Podman's own or one that the build chose, cannot be looked for later.
        self._shelf.add(dataclasses.replace(one, by=self._by if _is_here(one.name) else "") for one in new)

    def end_containers(self) -> None:
        """Remove what the build started and did not stop. An engine that is gone is left to the next start."""
        entry, self._entry = self._entry, None
        if entry is None:
            return
        from engine.runners.docker.ledger import clear

        with contextlib.suppress(OSError):
            made_any = clear(entry, chown=False)
            if made_any and os.getuid():
                from engine.runners.docker.adopting import adopt

                adopt(self._workspace, (os.getuid(), os.getgid()))

    def aws(self) -> LocalAws:
        """The calls to AWS that have an answer."""
        return LocalAws(self._account, self._region, self._shelf, self.harvest, _tag)

    def instead(self, here: Path) -> dict[str, str]:
        """Programs that stand in front of the real ones, from the folder `here`."""
        text = (_PROGRAMS / "docker.sh").read_text(encoding="utf-8")
        filled = _filled(text, HERE=str(here), RECORD=str(self._record), LABEL=self._label)
        return dict.fromkeys(("docker", "docker-compose", "podman"), filled)

    def last(self) -> dict[str, str]:
        """Programs for where there is no real one."""
        text = (_PROGRAMS / "aws.sh").read_text(encoding="utf-8")
        return {"aws": _filled(text, ACCOUNT=self._account, REGION=self._region)}


def lost(job: Job) -> str:
    """An image that the action's last run pushed and that the engine does not have any more; empty for none."""
    if not is_local(job.project):
        return ""
    wanted = Shelf(job.state).last_by(_name(job))
    if not wanted:
        return ""
    return next((one.name for one in wanted if _is_here(one.name) is False), "")


def _is_here(name: str) -> bool | None:
    """Whether the engine has an image; None where it cannot be asked."""
    from docker.errors import ImageNotFound

    from engine.runners.docker.daemon import EngineError, connect, told

    try:
        daemon = connect()
        with told(daemon.address):
            try:
                daemon.client.images.get(name)
            except ImageNotFound:
                return False
    except EngineError:
        return None
    return True


def _name(job: Job) -> str:
    return f"{job.pipeline}/{job.stage}/{job.action.name}"


def _filled(text: str, **values: str) -> str:
    import shlex

    for name, value in values.items():
        text = text.replace(f"@{name}@", shlex.quote(value), 1)
    return text


def _tag(digest: str, name: str) -> None:
    """Give an image another name; an engine that is not there, or elsewhere than the build's, changes nothing."""
    from engine.runners.docker.daemon import connect, told

    with contextlib.suppress(OSError):
        daemon = connect()
        with told(daemon.address):
            repository, _, tag = name.rpartition(":")
            daemon.client.images.get(digest).tag(repository, tag)
