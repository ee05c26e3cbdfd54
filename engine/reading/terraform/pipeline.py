"""`aws_codepipeline` to AWS's long form."""

from __future__ import annotations

import re
from typing import Any

from engine.model.catalog import by_provider, lookup
from engine.model.diagnostics import Severity
from engine.reading.problem import Path, Problem, nearest
from engine.reading.scalars import Symbolic
from engine.reading.terraform import stages
from engine.reading.terraform.evaluate import symbol
from engine.reading.terraform.parts import Part
from engine.reading.terraform.resources import Resource
from engine.reading.terraform.syntax import ObjectOf, Setting
from engine.reading.terraform.values import Symbol, Value, word
from engine.reading.terraform.writer import (
    Spots,
    Writer,
    artifact,
    each,
    filled,
    free,
    known,
    name,
    namespace,
    several,
    whole,
)

_TOP = (
    "name role_arn execution_mode pipeline_type tags tags_all region artifact_store stage trigger trigger_all variable"
    " count for_each depends_on provider lifecycle provisioner timeouts id dynamic"
)
_STAGE = "name action before_entry on_success on_failure dynamic"
_ACTION = (
    "name category owner provider version configuration input_artifacts output_artifacts namespace region role_arn"
    " run_order timeout_in_minutes commands output_variables environment_variable environment_variables dynamic"
)


class PipelineWriter:
    """Writes one pipeline."""

    def __init__(self, resource: Resource, spots: Spots, advised: set[str]) -> None:
        self.writer = Writer(spots, advised)
        self.resource = resource

    def write(self) -> dict[str, Any]:
        """The declaration in AWS's long form."""
        part, writer, data = self.resource, self.writer, dict[str, Any]()
        whole_of_it = writer.mark((), part.at)
        writer.stands_for_all(part, "pipelines", whole_of_it)
        self._refuse_others(part, _TOP)
        writer.put(data, (), part, "name", "name", name)
        writer.put(data, (), part, "role_arn", "roleArn", self.role)
        if (role := part.setting("role_arn")) and "roleArn" not in data:
            data["roleArn"] = self.role(symbol(role.value))
        writer.put(data, (), part, "execution_mode", "executionMode", known)
        writer.put(data, (), part, "pipeline_type", "pipelineType", known)
        if "pipeline_type" not in part.body.settings:
            data["pipelineType"] = "V1"  # the provider's default
        elif "pipelineType" not in data:
            data["pipelineType"] = "V2"  # whatever it may be, this refuses nothing
        self._stores(data)
        self._variables(data)
        guesses = self._triggers(data)
        data["stages"] = [self._stage(stage, ("stages", number)) for number, stage in enumerate(self._stages())]
        stages.settle(data["stages"])
        stages.aim(data, guesses)
        return data

    def _stages(self) -> list[Part]:
        """The stages; of an unknown number two, since a pipeline has no fewer."""
        found = list(self.resource.parts("stage"))
        if len(found) < 2:
            found = list(self.resource.parts("stage", least=True))
        if len(found) == 1 and found[0].open is not None:
            found *= 2
        return found

    def role(self, value: Value) -> Any:
        """A role of which only the name is missing is still one."""
        if not isinstance(value, Symbol):
            return filled(value)
        if re.fullmatch(r"arn:[\w-]+:iam::[0-9]{12}:role/.+", value.text):
            return free(value)
        return Symbolic(f"arn:aws:iam::{self.resource.given.account}:role/{word(value.text)}")

    def _stores(self, data: dict[str, Any]) -> None:
        found = [(part, self._store(part, ("artifactStore",))) for part in self.resource.parts("artifact_store")]
        if not found:
            return
        regional = [(part, store) for part, store in found if part.value("region") not in (None, "")]
        if len(found) == 1 and not regional:
            data["artifactStore"] = found[0][1]
            return
        stores: dict[str, Any] = {}
        for part, _ in found:
            region = part.value("region")
            key = self.resource.given.region if region in (None, "") else word(str(region), 30)
            if isinstance(region, Symbol) and len(key) < 4:
                key = f"{key}-region"
            stores[key] = self._store(part, ("artifactStores", key))
        data["artifactStores"] = stores

    def _store(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        self.writer.put(data, path, part, "type", "type", known)
        data.setdefault("type", "S3") if isinstance(part.value("type"), Symbol) else None
        self.writer.put(data, path, part, "location", "location", _bucket)
        for key in part.parts("encryption_key"):
            inner = data["encryptionKey"] = dict[str, Any]()
            self.writer.mark((*path, "encryptionKey"), key.at)
            self.writer.put(inner, (*path, "encryptionKey"), key, "id", "id", filled)
            self.writer.put(inner, (*path, "encryptionKey"), key, "type", "type", known)
            inner.setdefault("type", "KMS") if isinstance(key.value("type"), Symbol) else None
        return data

    def _variables(self, data: dict[str, Any]) -> None:
        rows: list[dict[str, Any]] = []
        for part in self.resource.parts("variable"):
            path: Path = ("variables", len(rows))
            row = dict[str, Any]()
            self.writer.stands_for_all(part, "variables", self.writer.mark(path, part.at))
            self.writer.put(row, path, part, "name", "name", namespace)
            self.writer.put(row, path, part, "default_value", "defaultValue", filled)
            self.writer.put(row, path, part, "description", "description", filled)
            rows.append(row)
        if rows:
            data["variables"] = rows

    def _triggers(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Write the triggers; returns those that there may not be."""
        guesses: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for part in self.resource.parts("trigger"):
            path: Path = ("triggers", len(rows))
            row = dict[str, Any]()
            self.writer.stands_for_all(part, "triggers", self.writer.mark(path, part.at))
            self.writer.put(row, path, part, "provider_type", "providerType", known)
            for git in part.parts("git_configuration"):
                row["gitConfiguration"] = self._git(git, (*path, "gitConfiguration"))
            rows.append(row)
            if part.guess:
                guesses.append(row)
        if rows:
            data["triggers"] = rows
        return guesses

    def _git(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        self.writer.put(data, path, part, "source_action_name", "sourceActionName", name)
        for kind, key in (("push", "push"), ("pull_request", "pullRequest")):
            rows = [self._filter(each, (*path, key, number)) for number, each in enumerate(part.parts(kind))]
            if rows:
                data[key] = rows
        return data

    def _filter(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        self.writer.put(data, path, part, "events", "events", several(free))
        for kind, key in (("branches", "branches"), ("file_paths", "filePaths"), ("tags", "tags")):
            for inner in part.parts(kind):
                patterns = data[key] = dict[str, Any]()
                self.writer.mark((*path, key), inner.at)
                self.writer.put(patterns, (*path, key), inner, "includes", "includes", several(free))
                self.writer.put(patterns, (*path, key), inner, "excludes", "excludes", several(free))
        return data

    def _stage(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.stands_for_all(part, "stages", self.writer.mark(path, part.at))
        self._refuse_others(part, _STAGE)
        self._name(data, path, part)
        actions = enumerate(list(part.parts("action")) or part.parts("action", least=True))
        data["actions"] = [self._action(action, (*path, "actions", number)) for number, action in actions]
        for kind, key in (("before_entry", "beforeEntry"), ("on_success", "onSuccess"), ("on_failure", "onFailure")):
            for conditions in part.parts(kind):
                data[key] = self._conditions(conditions, (*path, key), failure=key == "onFailure")
        return data

    def _name(self, data: dict[str, Any], path: Path, part: Part) -> None:
        """The name; where alternatives stand side by side because nobody knows which holds, names may be equal."""
        self.writer.put(data, path, part, "name", "name", name)
        if part.guess and isinstance(data.get("name"), str):
            data["name"] = Symbolic(data["name"])

    def _conditions(self, part: Part, path: Path, *, failure: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        if failure:
            self.writer.put(data, path, part, "result", "result", known)
            for retry in part.parts("retry_configuration"):
                inner = data["retryConfiguration"] = dict[str, Any]()
                self.writer.mark((*path, "retryConfiguration"), retry.at)
                self.writer.put(inner, (*path, "retryConfiguration"), retry, "retry_mode", "retryMode", known)
        rows = list(part.parts("condition"))
        if rows or not failure:
            data["conditions"] = [
                self._condition(row, (*path, "conditions", number)) for number, row in enumerate(rows)
            ]
        return data

    def _condition(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        self.writer.put(data, path, part, "result", "result", known)
        data["rules"] = [self._rule(rule, (*path, "rules", number)) for number, rule in enumerate(part.parts("rule"))]
        return data

    def _rule(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        put = self.writer.put
        put(data, path, part, "name", "name", name)
        for kind in part.parts("rule_type_id"):
            inner = data["ruleTypeId"] = dict[str, Any]()
            self.writer.mark((*path, "ruleTypeId"), kind.at)
            for key in ("category", "owner", "provider", "version"):
                put(inner, (*path, "ruleTypeId"), kind, key, key, known)
        self.writer.mapping(data, path, part, "configuration", "configuration", free)
        put(data, path, part, "commands", "commands", each(free))
        self._artifacts(data, path, part, "input_artifacts", "inputArtifacts")
        self._besides(data, path, part)
        return data

    def _action(self, part: Part, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self.writer.stands_for_all(part, "actions", self.writer.mark(path, part.at))
        self._refuse_others(part, _ACTION)
        self._name(data, path, part)
        data["actionTypeId"] = self._type(part, (*path, "actionTypeId"), first=path[1] == 0)
        self.writer.put(data, path, part, "run_order", "runOrder", whole)
        missing = self.writer.mapping(data, path, part, "configuration", "configuration", free)
        self.writer.put(data, path, part, "commands", "commands", each(free))
        self.writer.put(data, path, part, "output_variables", "outputVariables", several(free))
        self._environment(data, path, part)
        self._artifacts(data, path, part, "input_artifacts", "inputArtifacts")
        self._artifacts(data, path, part, "output_artifacts", "outputArtifacts")
        self.writer.put(data, path, part, "namespace", "namespace", namespace)
        self._besides(data, path, part)
        if data["actionTypeId"].get("owner") == "Custom" and isinstance(data.get("roleArn"), Symbolic):
            del data["roleArn"]  # an action of one's own has none
        stages.without_guesses(data)
        stages.fill_in(data, {key: free(value) for key, value in missing.items()}, _open(part.setting("configuration")))
        return data

    def _besides(self, data: dict[str, Any], path: Path, part: Part) -> None:
        self.writer.put(data, path, part, "region", "region", known)
        self.writer.put(data, path, part, "role_arn", "roleArn", self.role)
        self.writer.put(data, path, part, "timeout_in_minutes", "timeoutInMinutes", whole)

    def _environment(self, data: dict[str, Any], path: Path, part: Part) -> None:
        rows: list[dict[str, Any]] = []
        for variable in (*part.parts("environment_variable"), *part.parts("environment_variables")):
            place: Path = (*path, "environmentVariables", len(rows))
            row = dict[str, Any]()
            self.writer.mark(place, variable.at)
            self.writer.put(row, place, variable, "name", "name", free)
            self.writer.put(row, place, variable, "value", "value", free)
            self.writer.put(row, place, variable, "type", "type", known)
            rows.append(row)
        if rows:
            data["environmentVariables"] = rows

    def _artifacts(self, data: dict[str, Any], path: Path, part: Part, attribute: str, key: str) -> None:
        self.writer.put(data, path, part, attribute, key, each(artifact))
        if isinstance(data.get(key), list):
            data[key] = [{"name": item} for item in data[key]]

    def _type(self, part: Part, path: Path, *, first: bool) -> dict[str, Any]:
        """An action type of which parts are unknown becomes one that takes anything: nothing of it can be checked."""
        data: dict[str, Any] = {}
        self.writer.mark(path, part.at)
        for key in ("category", "owner", "provider", "version"):
            self.writer.put(data, path, part, key, key, known)
        keys = [key for key in ("category", "owner", "provider", "version") if part.setting(key)]
        if all(key in data and not isinstance(part.value(key), Symbol) for key in keys):
            return data
        if "provider" in data:
            same = by_provider(data["provider"])
            fits = [spec for spec in same if data.get("category", spec.category) == spec.category]
            data.setdefault("category", fits[0].category if fits else "Source" if first else "Build")
            data.setdefault("owner", fits[0].owner if fits else "Custom")
        else:
            data.setdefault("category", "Source" if first else "Build")
            provider = part.setting("provider")
            name = str(symbol(provider.value)) if provider else "unknown"
            data["provider"] = word(name, 35).replace(".", "-").replace("@", "-")
            data["owner"] = "Custom"
        data.setdefault("version", "1")
        spec = lookup(data["category"], data["owner"], data["provider"], data["version"])
        return data if spec else {**data, "owner": "Custom"}

    def _refuse_others(self, part: Part, known_here: str) -> None:
        """Arguments that the provider does not have. A warning: it gets new ones from time to time."""
        names = known_here.split()
        settings = ((each.name, each.at) for each in part.body.settings.values())
        for kind, at in (*settings, *((block.kind, block.at) for block in part.body.blocks)):
            if kind not in names and (match := nearest(kind, names)):
                where = self.writer.mark(("\0", kind, at.line), at)
                message = f"Unsupported argument: an argument named {kind!r} is not expected here"
                self.writer.problems.append(
                    Problem("GR202", where, message, f"did you mean {match!r}?", Severity.WARNING)
                )


def _open(setting: Setting | None) -> str:
    """The expression that a configuration comes from, if not all of it is written out."""
    return "" if setting is None or isinstance(setting.value, ObjectOf) else setting.value.text


def _bucket(value: Value) -> Any:
    if not isinstance(value, Symbol):
        return filled(value)
    bare = re.sub(r"[^A-Za-z0-9.-]+", "-", word(value.text)).strip("-.")[:63]
    return Symbolic(bare if len(bare) > 2 else f"bucket-{bare}")
