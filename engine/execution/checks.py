"""Rules that nothing is run for: a comparison, the clock, an alarm. The core judges them by state and time alone."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.execution import events as ev
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.execution.variables import UnresolvedVariable, Values
from engine.model.outcome import Failure
from engine.model.pipeline import RuleDeclaration
from engine.model.status import ActionStatus

if TYPE_CHECKING:
    from engine.model.window import Window

UNKNOWN_ALARM = "INSUFFICIENT_DATA"  # what CloudWatch says of an alarm that nobody has told anything
_ALARM_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "EQ": lambda variable, value: variable == value,
    "NE": lambda variable, value: variable != value,
    "CONTAINS": lambda variable, value: value in variable,
    "MATCHES": lambda variable, value: re.fullmatch(value, variable) is not None,
}
_REQUIRED = {
    "VariableCheck": ("Variable", "Value", "Operator"),
    "DeploymentWindow": ("Cron",),
    "CloudWatchAlarm": ("AlarmName",),
}


def begin(
    state: PipelineState, now: float, execution: Execution, identity: str, rule: RuleDeclaration
) -> list[ev.Event]:
    """What follows at once when such a rule's turn has come: it is under way, or it cannot be judged at all."""
    values = Values(state, execution)
    try:
        resolved = {key: values.resolve(text) for key, text in (rule.configuration or {}).items()}
        _examine(rule.ruleTypeId.provider, resolved, now)
    except UnresolvedVariable as missing:
        return [_cannot(identity, f"#{{{missing.reference}}} of rule {rule.name} has no value")]
    except (ValueError, re.error) as problem:
        return [_cannot(identity, f"rule {rule.name}: {problem}")]
    prepared = ev.ActionPrepared(
        identity,
        fingerprint="",
        kind="check",
        configuration={"Rule": rule.ruleTypeId.provider, **resolved},
        deadline=60.0 * (rule.timeoutInMinutes or 0),
        cost=0,
        reusable=False,
    )
    return [prepared, ev.ActionStarted(identity)]


def verdict(state: PipelineState, now: float, run: ActionExecution) -> ev.ActionEnded | None:
    """How a check that is under way ends, once that is certain."""
    configuration = run.prepared.configuration if run.prepared else {}
    match configuration["Rule"]:
        case "VariableCheck":
            return _compared(run, configuration)
        case "DeploymentWindow":
            return _passed(run, "the window is open") if _window(configuration).is_open(_moment(now)) else None
        case _:
            return _alarm(state, now, run, configuration)


def wakes_at(run: ActionExecution) -> float | None:
    """When the clock alone may decide a check that is under way."""
    configuration = run.prepared.configuration if run.prepared else {}
    match configuration["Rule"]:
        case "DeploymentWindow":
            return opens_at(configuration, run.started_at)
        case "CloudWatchAlarm":
            return run.started_at + _patience(configuration)
        case _:
            return None


def waits_for(state: PipelineState, run: ActionExecution) -> str:
    """What a check that is under way waits for, in words; nothing where it is judged at once."""
    configuration = run.prepared.configuration if run.prepared else {}
    if verdict(state, run.started_at, run) is not None:
        return ""
    if configuration["Rule"] == "DeploymentWindow":
        opens = opens_at(configuration, run.started_at)
        when = f" at {_moment(opens):%Y-%m-%d %H:%M} UTC" if opens else ""
        return f"waiting for the deployment window {configuration['Cron']} to open{when}"
    name, wanted = configuration["AlarmName"], " or ".join(_wanted(run, configuration))
    return f"waiting for alarm {name} to be {wanted}: it is {alarm_state(state, name)}"


def alarm_state(state: PipelineState, name: str) -> str:
    """The state that a local alarm has."""
    found = state.alarms.get(name)
    return found.state if found else UNKNOWN_ALARM


# -- what can be judged --------------------------------------------------------------------------------------------


def _examine(provider: str, configuration: dict[str, str], now: float) -> None:
    """Raises `ValueError` or `re.error` with a sentence for people where the rule makes no sense."""
    if provider not in _REQUIRED:
        raise ValueError(f"there is no rule provider {provider}")
    if absent := [key for key in _REQUIRED[provider] if not configuration.get(key)]:
        raise ValueError(f"{provider} needs {', '.join(absent)}")
    match provider:
        case "VariableCheck":
            _examine_comparison(configuration)
        case "DeploymentWindow":
            window = _window(configuration)
            if not window.is_open(_moment(now)) and opens_at(configuration, now) is None:
                raise ValueError(f"the window {configuration['Cron']} never opens again")
        case _:
            _patience(configuration)
            if unknown := [state for state in _named_states(configuration) if state not in _ALARM_STATES]:
                raise ValueError(f"AlarmStates has {', '.join(unknown)}; there are {', '.join(_ALARM_STATES)}")


def _examine_comparison(configuration: dict[str, str]) -> None:
    if configuration["Operator"] not in _OPERATORS:
        raise ValueError(f"there is no Operator {configuration['Operator']}; there are {', '.join(_OPERATORS)}")
    if configuration["Operator"] == "MATCHES":
        re.compile(configuration["Value"])


# -- verdicts ------------------------------------------------------------------------------------------------------


def _compared(run: ActionExecution, configuration: dict[str, str]) -> ev.ActionEnded:
    variable, value, operator = (configuration[key] for key in ("Variable", "Value", "Operator"))
    told = f"{_short(variable)} {operator} {_short(value)}"
    if _OPERATORS[operator](variable, value):
        return _passed(run, told)
    return _failed(run, f"it does not hold that {told}")


def _alarm(
    state: PipelineState, now: float, run: ActionExecution, configuration: dict[str, str]
) -> ev.ActionEnded | None:
    name = configuration["AlarmName"]
    current = alarm_state(state, name)
    if current in _wanted(run, configuration):
        return _passed(run, f"alarm {name} is {current}")
    if now - run.started_at < _patience(configuration):
        return None
    return _failed(run, f"alarm {name} is {current}, not {' or '.join(_wanted(run, configuration))}")


def _wanted(run: ActionExecution, configuration: dict[str, str]) -> tuple[str, ...]:
    """The states in which the rule holds; without AlarmStates those in which the stage's end would be true."""
    if named := _named_states(configuration):
        return named
    return ("ALARM",) if run.condition == "ON_FAILURE" else ("OK", "INSUFFICIENT_DATA")


def _named_states(configuration: dict[str, str]) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\s,;\[\]\"']+", configuration.get("AlarmStates", "")))


def _patience(configuration: dict[str, str]) -> float:
    """Seconds that a state change is waited for. Raises `ValueError`."""
    text = configuration.get("WaitTime", "") or "0"
    try:
        return 60 * max(0.0, float(text))
    except ValueError:
        raise ValueError(f"WaitTime {text} is no number of minutes") from None


def _window(configuration: dict[str, str]) -> Window:
    return _parsed(configuration["Cron"], configuration.get("TimeZone") or "UTC")


@functools.lru_cache(64)
def _parsed(cron: str, zone: str) -> Window:
    from engine.model.window import parse_window  # time zones are for those who have windows

    return parse_window(cron, zone)


def opens_at(configuration: dict[str, str], after: float) -> float | None:
    """When a window opens next, in seconds since the epoch."""
    return _opens(configuration["Cron"], configuration.get("TimeZone") or "UTC", after)


@functools.lru_cache(64)
def _opens(cron: str, zone: str, after: float) -> float | None:
    found = _parsed(cron, zone).opens(_moment(after))
    return found.timestamp() if found else None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _short(text: str) -> str:
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"


def _passed(run: ActionExecution, summary: str) -> ev.ActionEnded:
    return ev.ActionEnded(run.id, ActionStatus.SUCCEEDED, summary=summary)


def _failed(run: ActionExecution, why: str) -> ev.ActionEnded:
    return ev.ActionEnded(run.id, ActionStatus.FAILED, failure=Failure("JobFailed", why), summary=why)


def _cannot(identity: str, why: str) -> ev.ActionEnded:
    return ev.ActionEnded(identity, ActionStatus.FAILED, failure=Failure("ConfigurationError", why), summary=why)
