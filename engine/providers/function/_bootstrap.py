"""Runs a Python handler once, as Lambda's runtime does. It is a program of its own and imports nothing of greenroom.

Arguments: the folder of the code, the handler, the event's file, a file for the error, the request id, the deadline.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

FAILED = 70
Handler = Callable[[object, "Context"], object]


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, request_id: str, deadline: float) -> None:
        environment = os.environ
        self.aws_request_id = request_id
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = environment["GREENROOM_FUNCTION_ARN"]
        self.client_context = None
        self.tenant_id = None
        self.identity = Identity()
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class RequestFilter(logging.Filter):
    def __init__(self, request_id: str) -> None:
        super().__init__()
        self._request_id = request_id

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self._request_id
        return True


def prepare_logging(request_id: str) -> None:
    line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    formatter = logging.Formatter(line, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    handler.addFilter(RequestFilter(request_id))
    logging.getLogger().addHandler(handler)


class HandlerProblem(Exception):
    """There is no handler to call. Its arguments: AWS's name of the error, and the message."""


def find(name: str) -> Handler:
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise HandlerProblem("Runtime.MalformedHandlerName", f"Bad handler '{name}': not a module and a function")
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise HandlerProblem("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise HandlerProblem("Runtime.UserCodeSyntaxError", message) from error
    try:
        found: Handler = getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise HandlerProblem("Runtime.HandlerNotFound", message) from None
    return found


def own_frames(error: BaseException) -> list[str]:
    """The traceback without this file's frames."""
    frames = traceback.extract_tb(error.__traceback__)
    return traceback.format_list([frame for frame in frames if frame.filename != __file__])


def fail(error_file: str, kind: str, message: str, trace: list[str]) -> NoReturn:
    sys.stdout.write(f"[ERROR] {kind}: {message}\n")
    if trace:
        sys.stdout.write(f"Traceback (most recent call last):\n{''.join(trace).rstrip()}\n")
    sys.stdout.flush()
    Path(error_file).write_text(json.dumps({"errorType": kind, "errorMessage": message}), encoding="utf-8")
    os._exit(FAILED)


def main() -> None:
    root, handler, event_file, error_file, request_id, deadline = sys.argv[1:]
    del sys.argv[1:]
    os.chdir(root)
    sys.path[0] = root
    event = json.loads(Path(event_file).read_text(encoding="utf-8"))
    Path(event_file).unlink()
    prepare_logging(request_id)
    try:
        json.dumps(find(handler)(event, Context(request_id, float(deadline))))
    except HandlerProblem as problem:
        fail(error_file, problem.args[0], problem.args[1], [])
    except Exception as error:
        fail(error_file, type(error).__name__, str(error), own_frames(error))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # Lambda freezes what still runs


if __name__ == "__main__":
    main()
