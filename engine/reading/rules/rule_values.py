"""The `configuration` of a condition's rules: values with which it can be judged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline, Rule, rules_of
from engine.reading.problem import Problem, did_you_mean
from engine.reading.rules.rule import STAGE, found, rule
from engine.reading.scalars import Symbolic, int_of

_OPERATORS = ("EQ", "NE", "CONTAINS", "MATCHES")
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


@rule("GR357", "the values of a rule's configuration are such that it can be judged", STAGE, Severity.WARNING)
def values(pipeline: Outline) -> Iterator[Problem]:
    """Values that the rule could do nothing with when its stage is reached."""
    for stage in pipeline.stages:
        for each in rules_of(stage):
            for key, message, hint in _wrong(each):
                value = each.configuration.get(key, "")
                if value and "#{" not in value and not isinstance(value, Symbolic):
                    text = f"Rule {each.name} of stage {stage.name}: {message}"
                    yield found((*each.path, "configuration", key), text, hint)


def _wrong(each: Rule) -> Iterator[tuple[str, str, str]]:
    """Key, what is wrong with its value, and how to mend it."""
    has = each.configuration
    if each.provider == "VariableCheck" and (operator := has.get("Operator", "")) not in _OPERATORS:
        hint = did_you_mean(operator, _OPERATORS, f"one of {', '.join(_OPERATORS)}")
        yield "Operator", f"{operator!r} is no Operator", hint
    elif each.provider == "CloudWatchAlarm":
        for state in re.split(r"[\s,;]+", has.get("AlarmStates", "").strip("[]")):
            if state.strip("\"'") not in ("", *_STATES):
                yield "AlarmStates", f"{state!r} is no state of an alarm", f"known: {', '.join(_STATES)}"
        if int_of(has.get("WaitTime", "0")) is None:
            yield "WaitTime", f"WaitTime {has['WaitTime']!r} is no number of minutes", ""
    elif each.provider == "DeploymentWindow" and (complaint := _window(has.get("Cron", ""), has.get("TimeZone", ""))):
        yield "Cron", complaint, "for example 0 0 9-17 ? * MON-FRI *"


def _window(expression: str, zone: str) -> str:
    """What is wrong with a window, empty where nothing is."""
    from engine.model.window import parse_window

    try:
        parse_window(expression, zone or "UTC")
    except ValueError as error:
        return str(error)
    return ""
