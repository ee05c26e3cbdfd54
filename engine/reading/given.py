"""What a template is evaluated with: the values that people give, and how this machine answers for an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.model.project import ActionTypeSettings


@dataclass(frozen=True, slots=True)
class Given:
    """Values from outside a template.

    `parameters` are template parameters (or Terraform variables) by name, and win over `files`, which are files of such
    values, later ones over earlier ones. `store` and `secrets` are Parameter Store and Secrets Manager values by name;
    `action_types` custom action types by Category/Provider/Version.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    store: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    action_types: Mapping[str, ActionTypeSettings] = field(default_factory=dict)
    region: str = "us-east-1"
    account: str = "000000000000"


NOTHING_GIVEN = Given()
