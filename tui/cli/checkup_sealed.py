"""The doctor's look at artifacts at rest: encrypted or plain, and where the key is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.checkup import Finding

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration
    from tui.cli.settings import Settings

_ADVICE = "`encrypt: true` in greenroom.yaml does so with a key of yours (docs/encryption.md)."


def artifacts(chosen: Settings, state: Path) -> Finding:
    """How the artifacts in a state directory are kept."""
    from engine.journal.errors import JournalError
    from engine.reading.project_file import load_project
    from engine.sealed import is_sealed, key_source, store_of

    wanted = load_project(chosen.directory)[0].encrypt
    try:
        if is_sealed(state):
            sealer = store_of(state).objects.sealer
            told = f"encrypted, key {sealer.id if sealer else ''} from {key_source()}"
            return Finding("artifacts", "ok", told if wanted else f"{told}; plain from the next run on")
        if wanted:
            return Finding("artifacts", "ok", f"encrypted from the next run on, key from {key_source()}")
    except JournalError as problem:
        return Finding("artifacts", "warn", problem.message.rstrip("."), problem.hint)
    if keys := _declared(chosen):
        return Finding("artifacts", "note", f"plain files; on AWS they are encrypted with {', '.join(keys)}", _ADVICE)
    return Finding("artifacts", "note", "plain files, in a folder of yours alone; AWS always encrypts them", _ADVICE)


def _declared(chosen: Settings) -> list[str]:
    """The keys that the pipeline names."""
    from engine.opening import OpenError, open_project
    from tui.cli.opening import engine_options

    try:
        return _keys(open_project(engine_options(chosen)).declaration)
    except (OpenError, OSError):
        return []


def _keys(declaration: PipelineDeclaration) -> list[str]:
    stores = [declaration.artifactStore, *(declaration.artifactStores or {}).values()]
    return list(dict.fromkeys(store.encryptionKey.id for store in stores if store and store.encryptionKey))
