"""The few calls to Prefect's REST API that the outbox makes, and what their answers mean."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, TypeVar

import httpx
from pydantic import BaseModel, Field, JsonValue, ValidationError

from rounds.records.service import NoticeStatus

M = TypeVar("M", bound=BaseModel)

TIMEOUT_S = 10.0
REVIEW = "review/hub"
# What a proxy or Prefect itself answers when it cannot be asked now; Prefect's own client waits then too.
NOT_NOW = frozenset({408, 429, 502, 503, 504})
ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CANCELLING", "CRASHED"})
FORM: dict[str, JsonValue] = {"run_input": {"code": ""}}


class PrefectAway(Exception):
    """Nobody is there who could answer: no connection, no answer in time, or one that says `not now`."""


class PrefectUnreadable(Exception):
    """Prefect answered, and the answer cannot be read: that may be due to the one thing that was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What becomes of an outbox row: `delivered`, `gone`, or `waiting` to be tried again."""

    status: NoticeStatus
    said: str = ""


DELIVERED = Answer(status=NoticeStatus.DELIVERED)


class _Deployment(BaseModel):
    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]


class _Details(BaseModel):
    reason: str | None = None


class _Resumption(BaseModel):
    status: str
    details: _Details = _Details()


class _Run(BaseModel):
    state_type: str | None = None


class PrefectApi:
    """Prefect at one address.

    Every method raises `PrefectAway` if nobody is there, so that the caller may wait without counting, and
    `PrefectUnreadable` if the answer cannot be read, which counts.
    """

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=TIMEOUT_S)

    def close(self) -> None:
        """Give up the connection."""
        self._http.close()

    def emit(self, event: dict[str, JsonValue]) -> Answer:
        """Record one event; its id makes a second delivery harmless."""
        return _plain(self._ask("POST", "/events", [event]))

    def start_review(self, approval_id: int) -> Answer:
        """Start the hub's review of an approval, once however often it is asked."""
        found = self._ask("GET", f"/deployments/name/{REVIEW}")
        if not found.is_success:
            return _plain(found)
        deployment = _read(_Deployment, found)
        body: dict[str, JsonValue] = {
            "parameters": {"approval_id": approval_id},
            "idempotency_key": f"review-{approval_id}-0",
            "name": f"review-{approval_id}-0",
            "state": {"type": "SCHEDULED"},
        }
        return _plain(self._ask("POST", f"/deployments/{deployment.id}/create_flow_run", body))

    def resume(self, flow_run_id: str) -> Answer:
        """Wake a run. The HTTP code says little: ACCEPT, REJECT and ABORT are in the body."""
        answer = self._ask("POST", f"/flow_runs/{flow_run_id}/resume", FORM)
        if not answer.is_success:
            return self._if_ended(flow_run_id, f"HTTP {answer.status_code}")
        resumption = _read(_Resumption, answer)
        reason = resumption.details.reason or ""
        if resumption.status == "ACCEPT":
            return DELIVERED
        if resumption.status == "REJECT" and "schema not found" in reason.lower():
            return Answer(status=NoticeStatus.WAITING, said="the form is not stored yet")
        return self._if_ended(flow_run_id, f"{resumption.status} {reason}"[:200])

    def _if_ended(self, flow_run_id: str, said: str) -> Answer:
        answer = self._ask("GET", f"/flow_runs/{flow_run_id}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return Answer(status=NoticeStatus.GONE, said=f"{said}; there is no such run")
        state = _read(_Run, answer).state_type if answer.is_success else "unknown"
        status = NoticeStatus.GONE if state in ENDED else NoticeStatus.WAITING
        return Answer(status=status, said=f"{said}; the run is {state}")

    def _ask(self, method: str, path: str, body: JsonValue = None) -> httpx.Response:
        try:
            with self._http.stream(method, path, json=body) as answer:
                if answer.status_code in NOT_NOW:
                    raise PrefectAway(f"HTTP {answer.status_code}")
                return _received(answer)
        except httpx.TransportError as error:
            raise PrefectAway(type(error).__name__) from error


def _received(answer: httpx.Response) -> httpx.Response:
    try:
        answer.read()
    except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
        raise PrefectUnreadable(f"an answer with {type(error).__name__}") from error
    return answer


def _read(model: type[M], answer: httpx.Response) -> M:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise PrefectUnreadable(f"an answer that is no {model.__name__.lstrip('_')}") from error


def _plain(answer: httpx.Response) -> Answer:
    if answer.is_success:
        return DELIVERED
    return Answer(status=NoticeStatus.WAITING, said=f"HTTP {answer.status_code}")
