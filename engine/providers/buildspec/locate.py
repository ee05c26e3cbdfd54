"""Where a build's buildspec comes from: the action, the project or the source."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.store import Store
from engine.providers.buildspec.model import BuildspecError
from engine.providers.contents import resolve

DEFAULT = "buildspec.yml"
NO_FILE = "YAML file does not exist"


@dataclass(frozen=True, slots=True)
class Located:
    """A buildspec's text and its path inside the primary source; the path of an inline one is empty."""

    text: str
    path: str


def is_inline(text: str) -> bool:
    """Whether a setting is a buildspec itself, not the path of one."""
    return "\n" in text or "phases:" in text or text.lstrip().startswith("{")


def locate(
    store: Store, tree: str | None, *settings: str | None, bucket: Callable[[str], Path] | None = None
) -> Located:
    """The first setting that says anything decides: inline text, a path in the primary source, or an object in S3.

    AWS does not publish how it tells the first two apart: text with a line break or a `phases:` is taken for inline.
    `bucket` gives the folder that stands in for a bucket. Raises `BuildspecError`.
    """
    wanted = next((value for value in settings if value and value.strip()), DEFAULT)
    if wanted.strip().startswith("arn:"):
        return _of_bucket(wanted.strip(), bucket)
    if is_inline(wanted):
        return Located(wanted, "")
    path = posixpath.normpath(wanted.strip().removeprefix("./"))
    absent = NO_FILE if path == DEFAULT else f"stat $CODEBUILD_SRC_DIR/{path}: no such file or directory"
    if tree is None:
        raise BuildspecError(absent, hint="The action has no input artifact to read it from.")
    if path.startswith(("../", "/")):
        raise BuildspecError(f"{wanted} lies outside the source", hint="Buildspec paths are relative to the source.")
    node = resolve(store, tree, path)
    if node is None:
        raise BuildspecError(absent, hint=_missing(store, tree, path))
    try:
        return Located(store.file(node).read_text(encoding="utf-8"), path)
    except UnicodeDecodeError as error:
        raise BuildspecError(f"{path} is not UTF-8 text") from error


def _of_bucket(arn: str, bucket: Callable[[str], Path] | None) -> Located:
    """A buildspec that lies in S3, in the folder that stands in for its bucket."""
    name, _, key = arn.partition(":::")[2].partition("/")
    if bucket is None or not name or not key or ".." in key.split("/"):
        raise BuildspecError(f"{arn} is no object in S3", hint="Write arn:aws:s3:::bucket/path/to/buildspec.yml.")
    file = bucket(name) / key
    try:
        return Located(file.read_text(encoding="utf-8"), "")
    except (OSError, UnicodeDecodeError) as error:
        raise BuildspecError(
            NO_FILE,
            hint=f"{arn} would be {file}: put it there, or name its folder under `buckets:` in greenroom.yaml.",
        ) from error


def _missing(store: Store, tree: str, path: str) -> str:
    for ending in (".yaml", ".yml", ".json"):
        other = posixpath.splitext(path)[0] + ending
        if resolve(store, tree, other) is not None:
            return f"The source has {other}, but CodeBuild reads {path}: rename it, or name it as the buildspec."
    return f"No {path} in the primary source. Add one, or name it under `projects:` in greenroom.yaml."
