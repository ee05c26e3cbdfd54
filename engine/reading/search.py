"""Definition files in a repository, found without reading more than their beginnings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from engine.reading.walk import Entry, files_below

MAX_DEPTH = 4
MAX_FILES = 20_000
_HEAD = 64 * 1024
_MOST = 16 * 1024 * 1024
_SKIPPED = frozenset(
    {
        "node_modules",
        "__pycache__",
        "venv",
        "env",
        "vendor",
        "target",
        "dist",
        "build",
        "site-packages",
        "bower_components",
        "coverage",
        "htmlcov",
    }
)
_SUFFIXES = (".json", ".yaml", ".yml", ".template", ".tf", ".tofu")
_MODULE = (".tf", ".tofu", ".tf.json", ".tofu.json")
_SYNTHESISED = "cdk.out"
_NOT = re.compile(
    r"^(greenroom\.ya?ml|package(-lock)?\.json|tsconfig.*\.json|composer\.(json|lock)|buildspec.*|appspec.*"
    r"|docker-compose.*|compose\..*|pnpm-lock\.yaml|openapi.*|swagger.*|mkdocs\.ya?ml|imagedefinitions\.json)$"
)
_STAGES = re.compile(rb"^[\s{,-]*stages\s*:|\"stages\"\s*:", re.MULTILINE)
_LONG = re.compile(rb"\"?actionTypeId\"?\s*:")
_SHORT = re.compile(rb"^\s*-?\s*\"?(commands|approval|buildspec|deploy|provider|type|actions)\"?\s*:", re.MULTILINE)
_TEMPLATE = re.compile(rb"AWSTemplateFormatVersion|^[\s{,]*\"?Resources\"?\s*:|\"Resources\"\s*:", re.MULTILINE)
_RESOURCE = re.compile(rb"\"?resource\"?\s+\"?aws_codepipeline\"?\s|\"aws_codepipeline\"\s*:")
_CALL = re.compile(rb"^\s*\"?module\"?\s*[\":{]", re.MULTILINE)
_PIPELINE = b"AWS::CodePipeline::Pipeline"
_FOREIGN = re.compile(rb"AWS::CodePipeline|AWSTemplateFormatVersion|^image:|^services:|\bscript:", re.MULTILINE)


def find(directory: Path) -> list[Path]:
    """Definition files under a directory, best first: named for it, near the top, in AWS's own form."""
    ranked = sorted((rank, file) for file in _files(directory) if (rank := _rank(file, directory)) is not None)
    return [file for _, file in ranked]


def in_directory(directory: Path) -> list[Path]:
    """What is meant by a directory instead of a file: its definitions, or a module there that calls modules."""
    found = find(directory)
    if any(file.parent == directory for file in found):
        return found
    return [*islice(_callers(directory), 1)] or found or [directory]


def _callers(directory: Path) -> Iterator[Path]:
    for file in sorted(directory.glob("*.t*f*"), key=lambda each: (each.name != "main.tf", each.name)):
        if file.name.endswith(_MODULE) and file.is_file() and _CALL.search(file.read_bytes()[:_MOST]):
            yield file


def _rank(file: Path, directory: Path) -> tuple[int, int, int, str] | None:
    """How good a candidate is (less is better), None for a file that is none. Templates and modules come last."""
    named = file.stem.lower().replace("_", "-") in ("pipeline", "codepipeline", "code-pipeline")
    try:
        with file.open("rb") as stream:
            head = _plain(stream.read(_HEAD))
            module = file.name.endswith(_MODULE)
            template = bool(_RESOURCE.search(head + stream.read(_MOST))) if module else _is_template(head, stream)
    except OSError:
        return None
    relative = file.relative_to(directory)
    if module and not template:
        return None
    if template:
        return 3 if _SYNTHESISED in relative.parts else 2, len(relative.parts), 0, str(relative)
    long = bool(_LONG.search(head))
    if _FOREIGN.search(head) and not long:
        return None
    if not (named and long) and not (_STAGES.search(head) and (long or _SHORT.search(head) or named)):
        return None  # with the right name and actions it is one even if `stages` is misspelt: reading it says so
    return 0 if named else 1, len(relative.parts), 0 if long else 1, str(relative)


def _plain(head: bytes) -> bytes:
    """A file's beginning in UTF-8, without its mark."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8)


def _is_template(head: bytes, rest: BinaryIO) -> bool:
    """Whether this is a CloudFormation template with a pipeline, which may be far down."""
    if not _TEMPLATE.search(head):
        return False
    before, chunk, read = b"", head, 0
    while chunk:
        if _PIPELINE in before + chunk:
            return True
        read += len(chunk)
        before, chunk = chunk[-len(_PIPELINE) :], rest.read(_HEAD) if read < _MOST else b""
    return False


def _may_be_one(entry: Entry) -> bool:
    name = entry.name.lower()
    if not name.endswith(_SUFFIXES) or _NOT.match(name):
        return False
    return entry.name.endswith(".template.json") or not _is_synthesised(entry)  # the rest are assets and manifests


def _is_entered(entry: Entry) -> bool:
    return entry.name not in _SKIPPED and (not _is_synthesised(entry) or entry.name.startswith("assembly-"))


def _is_synthesised(entry: Entry) -> bool:
    return Path(entry.path).parent.name == _SYNTHESISED


def _files(directory: Path) -> Iterator[Path]:
    """Files that could be definitions."""
    return files_below(directory, _may_be_one, _is_entered, levels=MAX_DEPTH, most=MAX_FILES)
