"""Pipelines out of Terraform (and OpenTofu): modules in HCL or JSON, and what `terraform show -json` prints."""

from __future__ import annotations

from engine.reading.foreign import Found
from engine.reading.given import Given
from engine.reading.source import Document, Source


def read(document: Document, source: Source, given: Given) -> Found:
    """The pipelines of a module's file, or of a plan or a state."""
    if isinstance(document.data, dict) and "format_version" in document.data:
        from engine.reading.terraform import show_json

        return show_json.read(document.data, source, given)
    from engine.reading.terraform import configuration

    return configuration.read(source, given)
