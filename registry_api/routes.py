"""How the registry's routes are declared: each reads its body strictly, and says its answer where it was made.

FastAPI would match every request in a list for each router, and validate a record that is valid in one more
thread: a third of what a list costs.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi import APIRouter, Response
from starlette.routing import Match
from starlette.types import Scope

from registry_api.manners.bodies import StrictRoute
from rounds.records.base import Record, Revised

PREFIX = "/api/v1"


class AnsweringRoute(StrictRoute):
    """A route whose record is the answer's body; of what may change, the revision is the answer's ETag."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Record | Response],
        *,
        status_code: int | None = None,
        **options: Any,  # noqa: ANN401  a route's, passed on as they are
    ) -> None:
        answering = _answering(endpoint, status_code or 200)
        super().__init__(path, answering, status_code=status_code, **options)
        self._beginning = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is this route's; most are told apart by how their paths begin."""
        if scope["path"].startswith(self._beginning) or scope.get("root_path"):
            return super().matches(scope)
        return Match.NONE, {}


def routes(tag: str, *, prefix: str = PREFIX) -> APIRouter:
    """A router for `tag`'s routes below `prefix`; an application takes them into its own list."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=AnsweringRoute)


def _answering(endpoint: Callable[..., Record | Response], status: int) -> Callable[..., Response]:
    @wraps(endpoint)
    def answer(*args: object, **given: object) -> Response:
        said = endpoint(*args, **given)
        if isinstance(said, Response):
            return said
        headers = {"ETag": f'"{said.revision}"'} if isinstance(said, Revised) else None
        return Response(
            said.model_dump_json(), status, headers=headers, media_type="application/json"
        )

    return answer
