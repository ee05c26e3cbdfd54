"""Every key of a buildspec: in which versions it exists, and what greenroom does with it.

The reader warns of keys that are not here; the page `docs/buildspec.md` is written from here.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.providers.buildspec.model import PHASES

Support = Literal["as on AWS", "differs", "read only"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `here` is what becomes of it; with `differs`, in what way; with `read only`, why nothing is done."""

    name: str
    here: str
    support: Support = "as on AWS"
    versions: str = "0.1, 0.2"


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of one place. `path` is empty for the top; capitals stand for a name of one's own."""

    path: str
    keys: tuple[Key, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What may be written there."""
        return tuple(key.name for key in self.keys)


def _new(name: str, here: str, support: Support = "as on AWS") -> Key:
    return Key(name, here, support, "0.2")


TOP = Section(
    "",
    (
        Key("version", "0.1 or 0.2; anything else is refused"),
        _new(
            "run-as",
            "in a container any user of the image; on this machine, where greenroom runs as root, any user of it, and "
            "otherwise you, which the log says",
            "differs",
        ),
        Key("env", "see below"),
        Key("environment_variables", "the env of 0.1: `plaintext` holds variables", versions="0.1"),
        _new("proxy", "nothing is uploaded, so nothing needs a proxy; builds see your proxy variables", "read only"),
        _new("batch", "run where the action says BatchEnabled, and by `greenroom build`; see below"),
        Key("phases", "see below"),
        _new("reports", "see below"),
        Key("artifacts", "see below"),
        Key("cache", "see below"),
    ),
)
ENV = Section(
    "env",
    (
        _new(
            "shell",
            "sh, bash or any shell of this machine; where none is named, sh, or bash for an image of Amazon Linux and "
            "where nobody names an image and the commands need it; PowerShell where it has `pwsh`; cmd is refused",
            "differs",
        ),
        Key("variables", "literal text; nothing in it is expanded"),
        Key(
            "parameter-store",
            "values come from greenroom.yaml, `.secrets`, the environment, the keyring or AWS: [secrets](secrets.md)",
        ),
        _new("secrets-manager", "as parameters do; JSON key, version stage and id as on AWS"),
        _new("exported-variables", "output variables of the action"),
        _new(
            "git-credential-helper",
            "git uses this machine's own helpers, and the log says which, or that there are none; a container has none",
            "differs",
        ),
    ),
)
PROXY = Section(
    "proxy",
    (
        _new("upload-artifacts", "nothing is uploaded", "read only"),
        _new("logs", "no log is uploaded", "read only"),
    ),
)
PHASE = Section(
    "phases.PHASE",
    (
        _new("run-as", "as at the top", "differs"),
        _new("on-failure", "ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex, RETRY-count-regex; patterns are Go's"),
        _new(
            "runtime-versions",
            "of install: taken from asdf, mise, pyenv, nvm and their like, or from PATH; what this machine does not "
            "have is said in the log, and the build goes on; in a container, what the image has. A runtime that the "
            "project's image would not know is refused",
            "differs",
        ),
        Key("commands", "a list, or one string"),
        _new("finally", "runs whatever came before"),
    ),
)
REPORT = Section(
    "reports.GROUP",
    (
        _new("files", "globs"),
        _new("file-format", "all of AWS's, in any spelling, and LCOV", "differs"),
        _new("base-directory", "may be a glob"),
        _new("discard-paths", "has no effect: reports are kept case by case, not file by file", "differs"),
    ),
)
_COLLECTED = (
    Key("files", "globs, or one string; a name alone, without wildcards, is a file, not a folder"),
    Key("name", "expanded by the shell; `greenroom build --artifacts` uses it, a pipeline does not, as on AWS"),
    Key("discard-paths", "all files at the top; of equal names the last one wins"),
    Key("base-directory", "may be a glob, and may name variables"),
    _new("exclude-paths", "globs relative to the base directory"),
    _new("enable-symlinks", "links are kept as links; otherwise they are followed"),
    _new("s3-prefix", "`greenroom build --artifacts` uses it, a pipeline does not, as on AWS"),
)
ARTIFACTS = Section(
    "artifacts", (*_COLLECTED, _new("secondary-artifacts", "by the names of the action's output artifacts"))
)
SECONDARY = Section("artifacts.secondary-artifacts.NAME", _COLLECTED)
CACHE = Section(
    "cache",
    (
        Key(
            "paths",
            "globs below the source, kept between runs under the cap of .greenroom; of absolute paths this machine's "
            "own folders serve",
            "differs",
        ),
        _new("key", "with `$(codebuild-hash-files …)` and other substitutions"),
        _new("fallback-keys", "five at most, the beginning of a key each"),
        _new("action", "restore or save; both by default"),
    ),
)
BATCH = Section(
    "batch",
    (
        _new("fast-fail", "the first build that fails ends those that run and keeps the others from starting"),
        _new("build-list", "all beside each other, as many at a time as there are jobs (`--jobs`)"),
        _new("build-graph", "each once those in its `depend-on` are over and did not fail, or may (`ignore-failure`)"),
        _new(
            "build-matrix", "a build for each combination; AWS does not document their names, the values make them here"
        ),
        _new("build-fanout", "`parallelism` builds, each with its share of the tests (`codebuild-tests-run`)"),
    ),
)

_BUILD = (
    _new("identifier", "letters, digits and underscores, each once: CODEBUILD_BATCH_BUILD_IDENTIFIER"),
    _new("buildspec", "a path within the source, or a buildspec itself; the batch's own by default"),
    _new("debug-session", "`greenroom shell Stage/Action/identifier` opens a shell in any build", "differs"),
    _new("env", "see below"),
    _new("ignore-failure", "its failure does not fail the batch, and what depends on it runs"),
)
_COMPUTE = _new("compute-type", "the limits of the container, as with the project's; checked against `compute-types`")
_FLEET = _new("fleet", "there are no fleets here; the log says so", "read only")
_IMAGE = _new(
    "image", "with the docker runner, as the project's image; on this machine the log says that it is not used"
)
_PRIVILEGED = _new("privileged-mode", "with the docker runner, as the project's")
_TYPE = _new("type", "the log says that this machine's own is used", "read only")
_VARIABLES = _new("variables", "over those of the buildspec, the project and the action")
_BUILD_ENV = (_COMPUTE, _FLEET, _IMAGE, _PRIVILEGED, _TYPE, _VARIABLES)
LIST_BUILD = Section("batch.build-list[]", _BUILD)
GRAPH_BUILD = Section(
    "batch.build-graph[]",
    (*_BUILD, _new("depend-on", "identifiers; circles and names that do not exist are refused, with their line")),
)
LIST_ENV = Section("batch.build-list[].env", _BUILD_ENV)
GRAPH_ENV = Section("batch.build-graph[].env", _BUILD_ENV)
MATRIX = Section(
    "batch.build-matrix",
    (_new("static", "what all builds have"), _new("dynamic", "what varies; all combinations are built")),
)
STATIC = Section(
    "batch.build-matrix.static",
    (_new("ignore-failure", "failures do not fail the batch"), _new("env", "see below")),
)
STATIC_ENV = Section("batch.build-matrix.static.env", (_PRIVILEGED, _TYPE, _IMAGE, _COMPUTE, _VARIABLES))
DYNAMIC = Section("batch.build-matrix.dynamic", (_new("buildspec", "a list of paths"), _new("env", "see below")))
DYNAMIC_ENV = Section(
    "batch.build-matrix.dynamic.env",
    (_new("compute-type", "a list"), _new("image", "a list"), _new("variables", "a list of values for each")),
)
FANOUT = Section(
    "batch.build-fanout",
    (
        _new("parallelism", "how many builds: BuildFanoutShard1 and so on; their test reports are merged"),
        _new("ignore-failure", "failures do not fail the batch"),
    ),
)
BATCH_PARTS = (
    *(BATCH, LIST_BUILD, LIST_ENV, GRAPH_BUILD, GRAPH_ENV),
    *(MATRIX, STATIC, STATIC_ENV, DYNAMIC, DYNAMIC_ENV, FANOUT),
)

SECTIONS = (TOP, ENV, PROXY, PHASE, REPORT, ARTIFACTS, SECONDARY, CACHE, *BATCH_PARTS)


def unknown(keys: Iterable[str], section: Section, prefix: str) -> Iterable[str]:
    """A warning for each key that does not exist in a place, with the nearest one that does."""
    for key in keys:
        if key in section.names:
            continue
        if place := home(key):
            yield f"{prefix}{key}: no such key here; ignored. It belongs {place}."
        else:
            yield f"{prefix}{key}: no such key in a buildspec; ignored. {nearest(key, section.names)}".rstrip()


def home(key: str) -> str:
    """Where a key has its place, in words, if there is but one; keys are often indented too far, or not far enough."""
    if key in PHASES:
        return "under phases"
    places = [
        (TOP, "to the top of the file"),
        (ENV, "under env"),
        (PHASE, "to a phase"),
        (ARTIFACTS, "under artifacts"),
    ]
    found = [words for section, words in places if key in section.names]
    return found[0] if len(found) == 1 else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """``Did you mean …?``, or nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {near[0]}?" if near else ""
