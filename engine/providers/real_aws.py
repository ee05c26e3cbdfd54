"""Values from a real account: Parameter Store and Secrets Manager, only for those who ask for that in greenroom.yaml.

Needs the extra ``aws``; credentials, profile and endpoint are those that AWS's own tools would take. A value is kept in
memory for five minutes, as long as AWS's own caching clients keep it.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable
from typing import Any

INSTALL = "pip install 'greenroom[aws]'"
_FRESH = 300.0
_SILENCE = 10.0  # seconds in which a service that could not be reached is not asked again: each try may take long
_ABSENT = frozenset({"ParameterNotFound", "ParameterVersionNotFound", "ResourceNotFoundException"})
_LOCK = threading.Lock()
_answers: dict[tuple[str, ...], tuple[float, str]] = {}
_silent: dict[tuple[str, str], tuple[float, str]] = {}  # services that nobody reaches, and why
_clients: dict[tuple[str, str], Any] = {}


class Unanswered(Exception):
    """AWS gave no value for another reason than that there is none; the text is AWS's, or says what to do."""


def parameter(name: str, region: str) -> str | None:
    """A parameter's value, decrypted; None where there is no such parameter. Raises `Unanswered`."""
    return _asked(
        ("ssm", _region(name, region), name),
        lambda client: client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"],
    )


def secret(name: str, region: str, *, stage: str = "", version: str = "") -> str | None:
    """A secret's text, in the version that is asked for; None where there is no such secret. Raises `Unanswered`."""
    which = ({"VersionStage": stage} if stage else {}) | ({"VersionId": version} if version else {})

    def ask(client: Any) -> str:
        answer = client.get_secret_value(SecretId=name, **which)
        if "SecretString" not in answer:
            raise Unanswered("it holds bytes, not text, which CodeBuild cannot take either")
        return str(answer["SecretString"])

    return _asked(("secretsmanager", _region(name, region), name, stage, version), ask)


def forget() -> None:
    """Ask anew next time, by new clients."""
    with _LOCK:
        _answers.clear()
        _silent.clear()
        _clients.clear()


def _asked(key: tuple[str, ...], ask: Callable[[Any], str]) -> str | None:
    with _LOCK:  # making a client is not safe in threads, and whoever comes second finds the answer
        known = _answers.get(key)
        if known is not None and time.monotonic() - known[0] < _FRESH:
            return known[1]
        if importlib.util.find_spec("boto3") is None:
            raise Unanswered(f"that needs the extra: {INSTALL}")
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        since, why = _silent.get((key[0], key[1]), (0.0, ""))
        if why and time.monotonic() - since < _SILENCE:
            raise Unanswered(why)
        try:
            value = ask(_client(key[0], key[1]))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise Unanswered(str(error)) from error
        except ParamValidationError as error:  # a name that cannot be one
            raise Unanswered(str(error)) from error
        except BotoCoreError as error:  # no credentials, no network
            _silent[key[0], key[1]] = time.monotonic(), str(error)
            raise Unanswered(str(error)) from error
        _answers[key] = (time.monotonic(), value)
        return value


def _client(service: str, region: str) -> Any:
    found = _clients.get((service, region))
    if found is None:
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        found = _clients[service, region] = boto3.session.Session().client(service, region_name=region, config=patience)
    return found


def _region(name: str, region: str) -> str:
    """An ARN tells its own region."""
    return name.split(":")[3] or region if name.startswith("arn:") and name.count(":") >= 5 else region
