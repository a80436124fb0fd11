"""Errors as application/problem+json: one table from the error tree to HTTP, and never an input's value."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from registry_api.services.answers import GivenBefore
from rounds.errors import (
    Code,
    Conflict,
    EgressDenied,
    Forbidden,
    IntegrityError,
    InvalidInput,
    ManualWork,
    NotFound,
    RegistryError,
    RoundsError,
    RunnerError,
    SignInNeeded,
    SpecError,
    Unreachable,
)
from rounds.records.service import Problem

STATUS_OF: dict[type[RoundsError], HTTPStatus] = {
    RoundsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SpecError: HTTPStatus.UNPROCESSABLE_ENTITY,
    IntegrityError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RunnerError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ManualWork: HTTPStatus.CONFLICT,
    EgressDenied: HTTPStatus.CONFLICT,
    RegistryError: HTTPStatus.INTERNAL_SERVER_ERROR,
    SignInNeeded: HTTPStatus.UNAUTHORIZED,
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unreachable: HTTPStatus.SERVICE_UNAVAILABLE,
}
CODE_OF_STATUS = {404: Code.NOT_FOUND, 405: Code.INVALID_INPUT, 422: Code.INVALID_INPUT}
STATUS_OF_CODE = {
    Code.CHANGED_MEANWHILE: HTTPStatus.PRECONDITION_FAILED,
    Code.REVISION_NEEDED: HTTPStatus.PRECONDITION_REQUIRED,
    Code.TOO_MANY_TRIES: HTTPStatus.TOO_MANY_REQUESTS,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.CLIENT_TOO_OLD: HTTPStatus.UPGRADE_REQUIRED,
}
EXTRA = "extra_forbidden"


def add_handlers(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(RoundsError, _refused)
    app.add_exception_handler(GivenBefore, _given_before)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(OverflowError, _too_large)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(PoolTimeout, _database_away)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RoundsError):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, type(error).__name__, Code.UNEXPECTED)
    status = STATUS_OF_CODE.get(error.code, STATUS_OF[type(error)])
    return _problem(status, error.summary, error.code)


async def _given_before(_request: Request, error: Exception) -> Response:
    if not isinstance(error, GivenBefore):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, type(error).__name__, Code.UNEXPECTED)
    return Response(
        error.body,
        status_code=error.status,
        media_type="application/json",
        headers={"Idempotency-Replayed": "true"},
    )


async def _malformed(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    lines = [f"{_place(fault['type'], fault['loc'])}: {fault['msg']}" for fault in found[:5]]
    detail = "; ".join(lines) or "the request is malformed"
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, Code.INVALID_INPUT)


async def _no_route(_request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus(500)
    answer = _problem(status, status.phrase, CODE_OF_STATUS.get(status, Code.UNEXPECTED))
    if isinstance(error, HTTPException):
        answer.headers.update(error.headers or {})
    return answer


async def _too_large(_request: Request, _error: Exception) -> Response:
    detail = "found a number too large to be an id, needed a smaller one"
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, Code.INVALID_INPUT)


async def _database_away(_request: Request, _error: Exception) -> Response:
    detail = "the registry's database is busy or away; try again"
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, Code.UNREACHABLE)


async def _unexpected(_request: Request, error: Exception) -> Response:
    detail = f"unexpected {type(error).__name__}; the registry's log has the rest"
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, Code.UNEXPECTED)


def _place(kind: str, location: tuple[int | str, ...]) -> str:
    """Where a fault is, by our own fields' names only: deeper keys are the caller's words."""
    named = location[:-1] if kind == EXTRA else location
    return ".".join(str(part) for part in named[:2])


def _problem(status: HTTPStatus, detail: str, code: Code) -> Response:
    problem = Problem(
        type="about:blank", title=status.phrase, status=status, detail=detail, code=code
    )
    return Response(
        problem.model_dump_json(),
        status_code=status,
        media_type="application/problem+json",
        headers={"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None,
    )
