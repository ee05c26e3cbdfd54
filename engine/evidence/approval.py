"""All the evidence for one approval at once: for commands. Screens ask for its parts as they are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from engine.artifacts.store import Store
from engine.evidence import tests, trees
from engine.evidence.deployment import Here, Preview, preview
from engine.evidence.question import ArtifactPair, Question, SourcePair
from engine.evidence.tests import TestChange
from engine.evidence.trees import TreeChange


@dataclass(frozen=True, slots=True)
class Evidence:
    """What differs from the run that was approved last, and what an approval would lead to."""

    question: Question
    sources: dict[str, TreeChange]
    artifacts: dict[str, TreeChange]
    tests: tuple[TestChange, ...]
    deployments: tuple[Preview, ...]


def gather(store: Store, asked: Question, here: Here) -> Evidence:
    """Look at everything. Bounded, but not instant: call it in a thread."""
    return Evidence(
        asked,
        {pair.name: source_change(store, pair) for pair in asked.sources},
        {pair.name: artifact_change(store, pair) for pair in asked.artifacts},
        tuple(tests.compare(store, pair.place, pair.before, pair.now) for pair in asked.tests),
        tuple(preview(store, behind, here) for behind in asked.deployments),
    )


def source_change(store: Store, pair: SourcePair) -> TreeChange:
    """What differs in a source since it was last approved; where it never was, all of it is new."""
    return trees.compare(store, pair.before.tree if pair.before else "", pair.now.tree)


def artifact_change(store: Store, pair: ArtifactPair) -> TreeChange:
    """The same for an artifact."""
    return trees.compare(store, pair.before, pair.now)
