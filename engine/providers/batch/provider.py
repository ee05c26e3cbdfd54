"""What the CodeBuild action does where `BatchEnabled` is true: StartBuildBatch instead of StartBuild.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
"""

from __future__ import annotations

from engine.artifacts.store import Store
from engine.model.outcome import Part
from engine.providers.batch.members import Members, identity, located, members, settings_of
from engine.providers.batch.run import BatchRun
from engine.providers.buildspec.model import BuildspecError, found_at
from engine.providers.codebuild.means import Means
from engine.providers.codebuild.refused import refused
from engine.providers.contract import Desk, Identity, Job, Outcome
from engine.providers.threads import to_the_end


def identify(job: Job, store: Store, project: str) -> Identity:
    """What the result of the whole batch depends on."""
    minutes = limits.timeout_minutes if (limits := settings_of(job, project).batch) else None
    try:
        return identity(_members(job, store, project), timeout=60 * minutes if minutes else 0.0)
    except BuildspecError as error:
        return Identity(parts=(Part("buildspec", "error", str(error)),), reads=job.settings.globs)


async def run(job: Job, desk: Desk, project: str, means: Means) -> Outcome:
    """Run it; a batch section that cannot be used fails DOWNLOAD_BATCHSPEC."""
    try:
        found = await to_the_end(lambda: _members(job, desk.store, project))
    except BuildspecError as error:
        return await refused(error, job, desk, project, means.clock, phase="DOWNLOAD_BATCHSPEC")
    return await BatchRun(found, job, desk, means, lambda now: _members(now, desk.store, project)).run()


def _members(job: Job, store: Store, project: str) -> Members:
    place = located(job, store, project)
    with found_at(place.path):
        return members(job, store, project, place)
