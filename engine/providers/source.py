"""Source actions: a directory of this machine stands in for the repository, bucket or registry."""

from __future__ import annotations

from engine.artifacts.store import Store
from engine.model.outcome import Failure, Revision
from engine.model.status import ActionStatus, Fidelity
from engine.providers.contract import Desk, Identity, Job, Outcome, ProviderSpec

# A working tree is what these actions deliver; for the rest a directory is only something in their place.
_EMULATED = ("CodeCommit", "CodeStarSourceConnection", "GitHub", "S3")


def source_spec(owner: str, provider: str, timeout: float = 3600.0) -> ProviderSpec:
    """What a source action of that provider is here."""
    limits = "the directory's present state, uncommitted changes included; no clone reference (no .git)"
    return ProviderSpec(
        category="Source",
        owner=owner,
        provider=provider,
        kind="source",
        fidelity=Fidelity.EMULATED if provider in _EMULATED else Fidelity.SUBSTITUTED,
        on_change="restart",
        timeout=timeout,
        summary="Takes a directory of this machine, with output variables from its git repository",
        limits=limits,
    )


class SourceProvider:
    """Hands out the revision that the execution froze."""

    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    def identify(self, job: Job, store: Store) -> Identity:
        """Nothing besides the revision, which the engine knows."""
        return Identity()

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """The revision's tree as the output artifact, and its variables."""
        names = [artifact.name for artifact in job.action.outputArtifacts]
        revision = next((job.revisions[name] for name in names if name in job.revisions), None)
        if revision is None:
            failure = Failure(
                "RevisionUnavailable",
                f"no directory stands in for source {job.action.name}",
                f"Name one in greenroom.yaml: sources: {{{job.action.name}: ./path}}",
            )
            return Outcome(ActionStatus.FAILED, failure=failure)
        return Outcome(
            ActionStatus.SUCCEEDED,
            outputs=dict.fromkeys(names, revision.tree),
            variables=dict(revision.variables),
            summary=_summary(revision),
            external_id=revision.id,
        )


def _summary(revision: Revision) -> str:
    first = revision.summary.partition("\n")[0]
    return f"{revision.label}: {first}" if first else revision.label
