"""What a call of a webhook leads to: who may call, and which bodies start the pipeline. Pure; the server is elsewhere.

Follows https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookDefinition.html.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from engine.model.pipeline import PipelineDeclaration
from engine.model.project import WebhookFilter, WebhookSettings

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a webhook. Header names are in lower case; `caller` is an IP address."""

    headers: Mapping[str, str]
    body: bytes
    caller: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: the HTTP status, a sentence, and whether the pipeline is to be started."""

    status: int
    text: str
    starts: bool = False


def receive(webhook: WebhookSettings, pipeline: PipelineDeclaration, call: Call) -> Reply:
    """Judge a call."""
    refusal = _authenticate(webhook, call)
    if refusal is not None:
        return refusal
    if call.headers.get("x-github-event") == "ping":
        return Reply(200, "this is only a ping: nothing is started")
    try:
        body = _body(call)
    except ValueError as error:
        return Reply(400, f"the body is no JSON: {error}")
    configuration = _configuration(pipeline, webhook.target_action)
    for filter_ in webhook.filters:
        if why_not := _mismatch(filter_, body, configuration):
            return Reply(200, f"nothing is started: {why_not}")
    return Reply(202, "started", starts=True)


def _authenticate(webhook: WebhookSettings, call: Call) -> Reply | None:
    """None for a caller that is known."""
    match webhook.authentication:
        case "GITHUB_HMAC":
            return _signature(webhook.secret, call)
        case "IP":
            return _address(webhook.allowed_ip_range, call.caller)
        case _:
            return None


def _signature(secret: str | None, call: Call) -> Reply | None:
    if not secret:
        return Reply(500, "the webhook has no secret; give it one in greenroom.yaml: webhooks: {NAME: {secret: ...}}")
    for header, algorithm in (("x-hub-signature-256", "sha256"), ("x-hub-signature", "sha1")):
        given = call.headers.get(header)
        if given is not None:
            expected = f"{algorithm}={hmac.new(secret.encode(), call.body, getattr(hashlib, algorithm)).hexdigest()}"
            if hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
                return None
            return Reply(401, f"the signature in {header} does not fit the body and the secret")
    return Reply(401, "a signature is missing: X-Hub-Signature-256 or X-Hub-Signature")


def _address(allowed: str | None, caller: str) -> Reply | None:
    try:
        network = ipaddress.ip_network(allowed or "", strict=False)
    except ValueError:
        return Reply(500, f"allowed-ip-range {allowed!r} is no range; write e.g. 192.0.2.0/24")
    try:
        inside = ipaddress.ip_address(caller) in network
    except ValueError:
        inside = False
    return None if inside else Reply(403, f"{caller} is not in {network}, from where calls are allowed")


def _body(call: Call) -> object:
    text = call.body
    if call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        payload = parse_qs(text.decode("utf-8", "replace")).get("payload")
        text = payload[0].encode() if payload else text  # curl -d sends JSON under this type, too
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _configuration(pipeline: PipelineDeclaration, target: str) -> Mapping[str, str]:
    """The configuration of the source action that a webhook stands for: the first one where none is named."""
    sources = [a for stage in pipeline.stages for a in stage.actions if a.actionTypeId.category == "Source"]
    named = [action for action in sources if action.name == target] or ([] if target else sources)
    return named[0].configuration if named else {}


def _mismatch(filter_: WebhookFilter, body: object, configuration: Mapping[str, str]) -> str:
    """Why a filter does not hold; empty where it does."""
    import jsonpath  # takes 50 ms, and most pipelines have no webhook

    try:
        found = jsonpath.findall(filter_.json_path, body)  # type: ignore[arg-type]
    except (jsonpath.JSONPathError, RecursionError) as error:
        return f"{filter_.json_path} is no JSONPath ({error})"
    if not found:
        return f"the body has no {filter_.json_path}"
    if filter_.match_equals is None:
        return ""
    wanted = _PLACEHOLDER.sub(lambda key: configuration.get(key[1], key[0]), filter_.match_equals)
    values = [value if isinstance(value, str) else json.dumps(value) for value in found]
    if wanted in values:
        return ""
    return f"{filter_.json_path} is {values[0][:100]}, not {wanted}"
