"""What ``AWS::NoValue`` stands for: the member or item that has it is not there."""

from __future__ import annotations

NO_VALUE = object()
