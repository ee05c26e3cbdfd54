"""What a deployment would do to its target, as far as that can be known before it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from engine.artifacts.store import Store
from engine.artifacts.tree import Entry
from engine.evidence.question import Behind
from engine.evidence.template import ResourceChange, resources
from engine.evidence.text import LARGEST, TextDiff, unified
from engine.evidence.trees import MOST, FileChange, TreeChange, compare, listing
from engine.model.project import ProjectFile
from engine.providers.s3 import bucket_folder
from engine.providers.stub import would

HASHED = 64 << 20  # bytes of a target that are read to find what is the same; beyond that, sizes decide


@dataclass(frozen=True, slots=True)
class Here:
    """This machine, as far as a preview has to know it: the project's directory, greenroom's own, the settings."""

    root: Path
    state: Path
    project: ProjectFile


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deployment would do. `target` says to what, `notes` what else is to be known.

    `files` is what would come and change in a target that consists of files. For a template: `resources` are what
    differs from the one that was last approved (None: it could not be read), `template` is its text's difference.
    """

    place: str
    provider: str
    target: str
    artifacts: tuple[str, ...] = ()
    files: TreeChange | None = None
    same: int = 0
    resources: tuple[ResourceChange, ...] | None = None
    template: TextDiff | None = None
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The whole of it in a line."""
        if self.files is not None and not self.files.lost:
            return _counted(new=self.files.added, overwritten=self.files.changed, unchanged=self.same) or "no file"
        if self.template is not None and self.resources is not None:
            kinds = [str(change.kind) for change in self.resources]
            counts = {kind: kinds.count(kind) for kind in ("added", "changed", "removed")}
            return _counted(**counts) or "the template is unchanged"
        return ", ".join(self.artifacts) or "no artifact"


def _counted(**counts: int) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def preview(store: Store, behind: Behind, here: Here) -> Preview:
    """What this deployment would do."""
    made = tuple(_artifact(name, behind) for name in behind.inputs)
    provider = behind.action.actionTypeId.provider
    notes = tuple(f"#{{{reference}}} is not known yet" for reference in behind.open_variables)
    found = Preview(behind.place, provider, _target(behind), made, notes=notes)
    settings = here.project.action(behind.stage, behind.action.name)
    if settings.skip:
        return _noted(found, f"not run here: {settings.skip}")
    if settings.commands:
        return _noted(found, f"commands of greenroom.yaml stand in for it: {'; '.join(settings.commands)}")
    if provider == "S3":
        return _s3(store, behind, here, found)
    if named := settings.directory or behind.configuration.get("Directory", ""):
        return _folder(store, behind, (here.root / Path(named).expanduser()).absolute(), found)
    if "TemplatePath" in behind.configuration:
        return _template(store, behind, found)
    return found


def _noted(found: Preview, *notes: str, **more: object) -> Preview:
    return replace(found, notes=(*found.notes, *notes), **more)  # type: ignore[arg-type]


def _artifact(name: str, behind: Behind) -> str:
    if behind.inputs[name]:
        same = behind.inputs[name] == behind.before.get(name)
        return f"{name} (unchanged since the last approval)" if same else name
    return f"{name} (still to be made by {behind.makers.get(name) or 'nobody'})"


def _target(behind: Behind) -> str:
    configuration = behind.configuration
    if behind.action.actionTypeId.provider == "S3":
        return f"s3://{configuration.get('BucketName', '?')}/{configuration.get('ObjectKey', '')}".rstrip("/")
    if "StackName" in configuration:
        return f"stack {configuration['StackName']}"
    return would(behind.action.actionTypeId, configuration)


# -- a bucket -----------------------------------------------------------------------------------------------------


def _s3(store: Store, behind: Behind, here: Here, found: Preview) -> Preview:
    configuration = behind.configuration
    bucket, key = configuration.get("BucketName", ""), configuration.get("ObjectKey", "").strip("/")
    tree = next(iter(behind.inputs.values()), "")
    settings = here.project.action(behind.stage, behind.action.name)
    folder = bucket_folder(bucket, settings, here.project, root=here.root, state=here.state)
    if not tree or not bucket or "#{" in bucket + key:
        return found
    place = f"stands in for the bucket: {folder}"
    if configuration.get("Extract", "").lower() != "true":
        there = (folder / key).is_file()
        return _noted(found, f"one zip of {next(iter(behind.inputs))}, {'over the old one' if there else 'new'}", place)
    if "{" in key:  # {datetime} and {uuid} lead to a new place each time
        return _noted(found, place, files=_all_new(store, tree))
    entries = listing(store, tree)
    if entries is None:
        return _noted(found, files=TreeChange(lost=True))
    changes, same = _against(folder / key, entries)
    removed = "what is there besides stays: this action removes nothing"
    return _noted(found, place, removed, files=changes, same=same)


def _folder(store: Store, behind: Behind, folder: Path, found: Preview) -> Preview:
    """A deployment into a folder of this machine."""
    found = replace(found, target=str(folder))
    tree = next(iter(behind.inputs.values()), "")
    entries = listing(store, tree)
    if not tree:
        return found
    if entries is None:
        return replace(found, files=TreeChange(lost=True))
    changes, same = _against(folder, entries)
    return _noted(found, "what is there besides stays", files=changes, same=same)


def _all_new(store: Store, tree: str) -> TreeChange:
    return compare(store, "", tree)


def _against(folder: Path, entries: list[Entry]) -> tuple[TreeChange, int]:
    """Files that would be new or overwritten in a folder, and how many are the same already."""
    files: list[FileChange] = []
    same = added = changed = 0
    left = HASHED
    for entry in entries:
        try:
            size = (folder / entry.path).stat().st_size
        except OSError:
            added += 1
            files.append(FileChange("added", entry.path, 0, entry.size))
            continue
        left -= size
        if size == entry.size and (left < 0 or entry.kind == "link" or _digest(folder / entry.path) == entry.digest):
            same += 1
        else:
            changed += 1
            files.append(FileChange("changed", entry.path, size, entry.size))
    return TreeChange(tuple(files[:MOST]), added, 0, changed), same


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


# -- a template -----------------------------------------------------------------------------------------------------


def _template(store: Store, behind: Behind, found: Preview) -> Preview:
    """CloudFormation: ``TemplatePath`` is ``Artifact::path``."""
    artifact, _, path = behind.configuration["TemplatePath"].partition("::")
    new = _content(store, behind.inputs.get(artifact, ""), path)
    mode = behind.configuration.get("ActionMode", "")
    notes = [f"{mode} with {path} of {artifact}"] if mode else []
    if mode == "DELETE_ONLY":
        return _noted(found, *notes, "the whole stack is removed")
    if new is None:
        still = f"{artifact} is still to be made" if not behind.inputs.get(artifact) else f"{path} is not in {artifact}"
        return _noted(found, *notes, still)
    old = _content(store, behind.before.get(artifact, ""), path)
    if old is None:
        notes.append("nothing to compare with: everything in the template is new")
    notes += _capabilities(behind)
    return _noted(found, *notes, resources=resources(old or b"", new), template=unified(old or b"", new))


def _capabilities(behind: Behind) -> Iterator[str]:
    for key in ("Capabilities", "ParameterOverrides", "TemplateConfiguration"):
        if value := behind.configuration.get(key):
            yield f"{key}: {value}"


def _content(store: Store, tree: str, path: str) -> bytes | None:
    try:
        if not tree or store.find(tree, path).size > LARGEST:
            return None
        return store.read(tree, path)
    except (KeyError, OSError, ValueError):
        return None
