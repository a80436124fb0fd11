"""A small application with the registry's manners."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, JsonValue

from registry_api.manners.bodies import StrictRoute
from registry_api.manners.metrics import render_metrics
from registry_api.manners.stack import add_manners
from registry_api.problems import add_handlers
from registry_api.settings import RegistrySettings

SECRET = "patient-0815"
SETTINGS = RegistrySettings(database="unused", max_body_bytes=1000)
LARGE_BODIES = RegistrySettings(database="unused", max_body_bytes=4 << 20)

router = APIRouter(prefix="/things", route_class=StrictRoute)


class Thing(BaseModel):
    """What is posted."""

    name: JsonValue


@dataclass
class Door:
    """Where a request waits until the test lets it go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)


@router.post("", status_code=201)
def add(body: Thing) -> Thing:
    """What was posted."""
    return body


@router.get("/{thing_id}")
def read(thing_id: int, request: Request) -> int:
    """The id; the log learns of user 7."""
    request.state.user_id = 7
    return thing_id


@router.get("/{thing_id}/page")
def show(thing_id: int) -> Response:
    """A page with its own caching and content policy."""
    own = {"Cache-Control": "max-age=60", "Content-Security-Policy": "default-src 'self'"}
    return Response(f"<p>{thing_id}", media_type="text/html", headers=own)


@router.get("/{thing_id}/fault")
def fail(thing_id: int) -> None:
    """An unexpected error."""
    message = f"{SECRET} in {thing_id}"
    raise ValueError(message)


@router.get("/{thing_id}/wait")
def wait(thing_id: int, request: Request) -> int:
    """The id, once the door is open."""
    door: Door = request.app.state.door
    door.reached.set()
    door.opened.wait(10)
    return thing_id


@router.get("/{thing_id}/stream")
def stream(thing_id: int, request: Request) -> StreamingResponse:
    """The id, and once the door is open the end."""
    door: Door = request.app.state.door

    def parts() -> Iterator[str]:
        yield f"{thing_id}\n"
        door.opened.wait(10)
        yield "end\n"

    return StreamingResponse(parts())


async def read_size(request: Request) -> int:
    """How large the body is."""
    return len(await request.body())


@router.post("/{thing_id}/weigh")
def weigh(thing_id: int, size: Annotated[int, Depends(read_size)]) -> tuple[int, int]:
    """The id and the size of a body that only a dependency reads."""
    return thing_id, size


def make_plain_app() -> FastAPI:
    """The application without its manners."""
    app = FastAPI(openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    app.state.door = Door()
    app.include_router(router, prefix="/api/v1")
    app.add_api_route("/metrics", lambda: Response(render_metrics()))
    add_handlers(app)
    return app


def make_app(settings: RegistrySettings = SETTINGS) -> FastAPI:
    """The application with its manners."""
    app = make_plain_app()
    add_manners(app, settings)
    return app
