"""A flow whose body, like a task's, lets only site-safe text reach Prefect."""

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect import Flow, flow
from prefect.settings import get_current_settings

from flows.cancelling import end_cubes
from rounds.errors import InvalidInput, SpecError
from tasks.guard import site_safe

P = ParamSpec("P")
R = TypeVar("R")


def site_flow(function: Callable[P, R]) -> Flow[P, R]:
    """`function` as a guarded flow of the same name, whose parameters are whole numbers.

    Before the body runs the guard refuses a worker that sends logs to the Prefect server, and any
    parameter that is no id. Prefect's own validation is off: its message would hold the bad value.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with site_safe():
            _refuse_api_logs()
            _check_ids(inspect.signature(function).bind(*args, **kwargs).arguments)
            return function(*args, **kwargs)

    decorate = flow(
        name=function.__name__,
        validate_parameters=False,
        persist_result=False,
        log_prints=False,
        on_cancellation=[end_cubes],
    )
    return decorate(guarded)


def _refuse_api_logs() -> None:
    if get_current_settings().logging.to_api.enabled:
        message = (
            "found that this worker sends logs to the Prefect server, needed none sent;"
            " set PREFECT_LOGGING_TO_API_ENABLED=false"
        )
        raise SpecError(message)


def _check_ids(arguments: dict[str, object]) -> None:
    for name, value in arguments.items():
        if type(value) is not int or value < 1:
            raise InvalidInput(f"found no id in parameter {name}, needed a whole number from 1")
