"""Which route answered, as its template: what may be logged and counted of a path."""

from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Scope

UNMATCHED = "unmatched"


class Templates:
    """The templates of the routes that an application has at its first request, with their routers' prefixes."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: Mapping[int, str] = {}

    def of(self, scope: Scope) -> str:
        """The template of the route that took the request, such as `/api/v1/cubes/{cube_id}`; else UNMATCHED."""
        route = scope.get("route", scope.get("endpoint"))
        if route is None:
            return UNMATCHED
        if not self._known:
            self._known = self._read()
        return self._known.get(id(route), UNMATCHED)

    def _read(self) -> dict[int, str]:
        # By identity: routes cannot be hashed. FastAPI names the route in the scope, Starlette its endpoint.
        known: dict[int, str] = {}
        for context in iter_route_contexts(self._app.routes):
            known[id(context.original_route)] = context.path or UNMATCHED
            known[id(context.endpoint)] = context.path or UNMATCHED
        return known
