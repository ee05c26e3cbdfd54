"""Writes the pages that are generated: `support.md` from the provider registry, `project-file.md` from the models.

Run `python docs/tables.py` after a change there; a test compares the pages with what this would write.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine.model.project import (
    ActionSettings,
    EventSettings,
    FunctionSettings,
    NotificationSettings,
    ProjectFile,
    ProjectSettings,
    SourceSettings,
    WatchSettings,
)
from engine.providers.registry import all_specs

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
        *_section("`functions.NAME`", FunctionSettings),
        *_section("`notifications`", NotificationSettings, "[More](notifications.md)."),
        *_section("`events`", EventSettings, "[More](notifications.md)."),
        *_section("`watch`", WatchSettings),
    ]
    return "\n".join(lines).rstrip() + "\n"


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


PAGES = {"support.md": support, "project-file.md": project_file}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), encoding="utf-8")
