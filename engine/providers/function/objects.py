"""The job's artifacts as S3 objects: inputs to be read, outputs to be written."""

from __future__ import annotations

import hashlib
import shutil
import threading
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from engine.artifacts.archive import export_zip, import_zip
from engine.artifacts.store import Store


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact at its place. `tree` is an input's content, None for an output."""

    name: str
    bucket: str
    key: str
    tree: str | None = None


class Objects:
    """What can be had and put under which bucket and key. `folder` holds the files; used by several threads."""

    def __init__(self, artifacts: Iterable[Artifact], store: Store, folder: Path) -> None:
        self._artifacts = {(one.bucket, one.key): one for one in artifacts}
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()
        self._uploads: dict[str, tuple[Artifact, dict[int, Path]]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, bucket: str, key: str) -> Artifact | None:
        """The artifact there."""
        return self._artifacts.get((bucket, key))

    def file(self, artifact: Artifact) -> Path | None:
        """The object's file; None for an output that nobody has written yet. Raises `TreeMissing`."""
        file = self._place(artifact)
        with self._lock:
            if artifact.tree is not None and not file.exists():
                export_zip(self._store, artifact.tree, file)
        return file if file.exists() else None

    def put(self, artifact: Artifact, content: BufferedIOBase) -> str:
        """Write an output. Returns its ETag."""
        draft, tag = self._draft(content)
        draft.replace(self._place(artifact))
        return tag

    def begin_upload(self, artifact: Artifact) -> str:
        """An upload in parts begins. Returns its id."""
        upload = uuid.uuid4().hex
        with self._lock:
            self._uploads[upload] = (artifact, {})
        return upload

    def put_part(self, upload: str, number: int, content: BufferedIOBase) -> str:
        """Write one part. Returns its ETag. Raises `KeyError` for an unknown upload."""
        parts = self._uploads[upload][1]
        draft, tag = self._draft(content)
        with self._lock:
            parts[number] = draft
        return tag

    def complete_upload(self, upload: str) -> str:
        """Put the parts together. Returns the ETag. Raises `KeyError`."""
        with self._lock:
            artifact, parts = self._uploads.pop(upload)
        whole = self._folder / uuid.uuid4().hex
        with whole.open("wb") as out:
            for number in sorted(parts):
                with parts[number].open("rb") as part:
                    shutil.copyfileobj(part, out)
                parts[number].unlink()
        whole.replace(self._place(artifact))
        return f'"{upload}-{len(parts)}"'

    def outputs(self) -> dict[str, str]:
        """The outputs that were written, as trees by artifact name. Raises `ArchiveError` for what is no zip."""
        found = {one.name: self.file(one) for one in self._artifacts.values() if one.tree is None}
        return {name: import_zip(self._store, file) for name, file in found.items() if file}

    def _draft(self, content: BufferedIOBase) -> tuple[Path, str]:
        draft, digest = self._folder / uuid.uuid4().hex, hashlib.md5(usedforsecurity=False)
        with draft.open("wb") as out:
            while data := content.read(1 << 20):
                digest.update(data)
                out.write(data)
        return draft, f'"{digest.hexdigest()}"'

    def _place(self, artifact: Artifact) -> Path:
        name = hashlib.sha256(f"{artifact.bucket}/{artifact.key}".encode()).hexdigest()[:20]
        return self._folder / f"{name}.zip"


def locations(artifacts: Iterable[Artifact], revisions: Mapping[str, str]) -> list[dict[str, object]]:
    """The artifacts as a job has them."""
    return [
        {
            "name": one.name,
            "revision": revisions.get(one.name),
            "location": {"type": "S3", "s3Location": {"bucketName": one.bucket, "objectKey": one.key}},
        }
        for one in artifacts
    ]
