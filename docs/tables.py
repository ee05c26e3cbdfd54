"""Writes the pages that are generated: `support.md` from the provider registry, `project-file.md` from the models,
`advice.md` from the advice itself.
`buildspec.md` is written from the reader's own table of keys.

Run `python docs/tables.py` after a change there; a test compares the pages with what this would write.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine.model.project import (
    ActionSettings,
    BatchSettings,
    DockerSettings,
    EventSettings,
    FunctionSettings,
    NotificationSettings,
    ProjectFile,
    ProjectSettings,
    ServiceSettings,
    SourceSettings,
    WatchSettings,
)
from engine.providers.buildspec.keys import SECTIONS, Section
from engine.providers.registry import all_specs
from engine.reading.advice import all_advice
from engine.reports.formats import BEYOND_AWS, COVERAGE, TESTS

HERE = Path(__file__).parent
_LEGEND = """\
*exact*: as AWS does it. *emulated*: AWS's behaviour, on this machine. *substituted*: something local stands in. \
*stubbed*: not run here; the action is marked so, never green, and `--strict` refuses it. `commands` in \
[greenroom.yaml](project-file.md) can stand in for any action but sources and approvals."""


def support() -> str:
    """The support table."""
    lines = ["# What runs here, and how true it is", "", _LEGEND, ""]
    lines += ["| action type | fidelity | reuse | what happens here | differs from AWS |", "|---|---|---|---|---|"]
    for spec in sorted(all_specs(), key=lambda spec: (spec.fidelity == "stubbed", spec.category, spec.provider)):
        name = f"{spec.category} / {spec.owner} / {spec.provider}"
        summary = spec.summary if spec.fidelity != "stubbed" else "–"
        lines.append(f"| {name} | {spec.fidelity} | {spec.kind} | {summary} | {spec.limits or '–'} |")
    return "\n".join(lines) + "\n"


def project_file() -> str:
    """Every key of greenroom.yaml."""
    lines = [
        "# greenroom.yaml",
        "",
        "How this machine stands in for AWS; every key is optional. The file lies in the project's directory, beside"
        " `.env` (environment of every action) and `.secrets` (values for parameters and secrets), which are read where"
        " they are and masked wherever they would be written. `greenroom schema` prints its JSON Schema.",
        "",
        *_section("Keys", ProjectFile),
        *_section("`sources.NAME`", SourceSettings, "A plain string is the directory."),
        *_section("`actions.NAME`", ActionSettings),
        *_section("`projects.NAME`", ProjectSettings),
        *_section("`projects.NAME.services.NAME`", ServiceSettings),
        *_section("`projects.NAME.batch`", BatchSettings),
        *_section("`functions.NAME`", FunctionSettings),
        *_section("`notifications`", NotificationSettings, "[More](notifications.md)."),
        *_section("`events`", EventSettings, "[More](notifications.md)."),
        *_section("`docker`", DockerSettings, "[More](docker.md)."),
        *_section("`watch`", WatchSettings),
    ]
    return "\n".join(lines).rstrip() + "\n"


_BUILDSPEC = """\
# Buildspecs

Every key of a buildspec, 0.1 and 0.2, and what becomes of it here. *as on AWS*: the same behaviour on this machine. \
*differs*: done, in the way that is said. *read only*: read and checked, and the log says that nothing is done. Any \
other key is named in the log, with the nearest one that exists. What CodeBuild refuses is refused in its own words.
"""
_BEHAVIOUR = """\
## What else is as on AWS

- **Commands.** In 0.2 each command has a shell of its own; directory, exports and plain assignments carry over to the
  next one and to later phases, functions, `set -e` and arrays do not. In 0.1 nothing carries over.
- **Phases.** A failed INSTALL or PRE_BUILD ends the build; after a failed BUILD, POST_BUILD and the artifacts still
  come. `finally` runs after its phase in any case. A phase with ABORT ends the build, with CONTINUE the next one runs;
  the build has failed either way. RETRY runs the phase again, three times or as often as it says, where its pattern
  is found in the error. AWS does not say which patterns it takes; here they are Go's, as its agent's are likely to be:
  what Go refuses, lookarounds and references to groups, is refused, and none can hold a build up.
- **The file** is `buildspec.yml` of the primary input, or what the action or the project names: a path, the text
  itself, or an object in S3, which is read from the folder that stands in for the bucket (`buckets`).
- **Programs.** Builds find `codebuild-hash-files`, `codebuild-glob-search`, `codebuild-tests-run`,
  `codebuild-breakpoint` and `codebuild-resume` on their PATH.
- **Artifacts.** One output artifact is made of the top-level section, several of the secondary ones by name. No file at
  all fails the build, a single missing one does not.
- **Parameters and secrets** get their values from greenroom.yaml, `.secrets`, the environment, the keyring or AWS:
  [secrets.md](secrets.md). What is missing is listed before anything starts.
- **Masking.** Values of parameters and secrets are `***` in the log of the build that uses them, however short, as on
  AWS; the journal and other logs hide those of five characters and more: shorter ones (`true`, `8080`) would blacken
  everything. Hidden are the value, each of its lines from four characters on, and what base64, with and without line
  breaks, URL encoding, JSON and shell quoting make of it, wherever the output is cut into pieces.
- **Batches** run with `BatchEnabled`; [batches.md](batches.md) tells how.

## What differs

- **AWS.** Builds get a region, harmless credentials and `AWS_ENDPOINT_URL`, an address on this machine that answers
  every call with an error that says so. `aws: real` in greenroom.yaml lets them use your account instead. SDKs of
  before 2023 do not know that variable; their calls leave the machine, with credentials that AWS refuses.
- **Runtimes.** Nothing is installed: a version that asdf, mise, pyenv, nvm, rbenv, sdkman and the like have is put in
  front of PATH, otherwise PATH decides, and the log tells where that is not what was asked for.
- **The cache** is kept whenever the buildspec has one, whatever the project says, after builds that succeed. What a
  `key` of its own brought back is not saved again.
- **Reports** are read after a failed phase, too. Failed tests fail no build; a report whose files are not there, or
  cannot be read, fails UPLOAD_ARTIFACTS, as on AWS. All cases are kept, not just AWS's 500. Auto-discovery finds what
  the build itself wrote, not what came with its source or lies in `node_modules`; CODEBUILD_CONFIG_AUTO_DISCOVER and
  ..._DIR steer it.
- **Users.** Where greenroom runs as root, `run-as` switches to another user of this machine: the build's files become
  that user's, and greenroom's own folders let that user pass. Where the way to them is closed further up, and for
  everybody but root, commands run as you and the log says so.
- **GitHub Actions** in a phase (`steps`) do not run; such a buildspec is refused, as on AWS without a GitHub token.
- **PowerShell** runs where this machine has `pwsh`, also for projects with an image of Windows; otherwise such a build
  is refused. cmd is refused always.
"""


def buildspec() -> str:
    """Every key of a buildspec."""
    lines = [_BUILDSPEC]
    for section in SECTIONS:
        lines += _keys(section)
    lines += ["## Report formats", "", "| format | tells of | on AWS |", "|---|---|---|"]
    for name in TESTS + COVERAGE:
        lines.append(f"| `{name}` | {_subject(name)} | {'no' if name in BEYOND_AWS else 'yes'} |")
    return "\n".join([*lines, "", _BEHAVIOUR]).rstrip() + "\n"


def _subject(name: str) -> str:
    return "coverage" if name in COVERAGE else "tests"


def _keys(section: Section) -> list[str]:
    title = f"`{section.path}`" if section.path else "Top level"
    rows = [f"| `{key.name}` | {key.versions} | {key.support} | {key.here} |" for key in section.keys]
    return [f"## {title}", "", "| key | versions | support | here |", "|---|---|---|---|", *rows, ""]


def _section(title: str, model: type[BaseModel], more: str = "") -> list[str]:
    about = " ".join((model.__doc__ or "").split())
    rows = [_row(field.alias or name, field) for name, field in model.model_fields.items()]
    return [
        f"## {title}",
        "",
        " ".join(filter(None, (about, more))),
        "",
        "| key | default | meaning |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _row(name: str, field: FieldInfo) -> str:
    meaning = (field.description or "See below.").replace("|", "\\|")
    return f"| `{name}` | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required" if field.is_required() else "–"
    return (
        "–"
        if value in (None, {}, ()) or isinstance(value, BaseModel)
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def advice() -> str:
    """Every piece of advice."""
    lines = [
        "# Advice",
        "",
        "`greenroom validate --advise` says what could be better about a pipeline that has no errors: good practice"
        " that AWS and its users teach. It never changes the exit code, and nothing but that command gives it. What"
        " does not suit you is turned off by its code: `--silence GR631`, or for good `silence: [GR631]` in"
        " [greenroom.yaml](project-file.md).",
        "",
        "| code | good practice | otherwise | how |",
        "|---|---|---|---|",
        *(
            f"| {each.code} | {each.title} ([AWS]({each.reference})) | {each.why} | {each.fix} |"
            for each in all_advice()
        ),
    ]
    return "\n".join(lines) + "\n"


PAGES = {"support.md": support, "project-file.md": project_file, "buildspec.md": buildspec, "advice.md": advice}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), encoding="utf-8")
