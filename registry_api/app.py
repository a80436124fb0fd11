"""The composition root: settings in, an application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from registry_api.database import Database
from registry_api.deps import Clock, utc_now
from registry_api.outbox import Deliverer
from registry_api.problems import add_handlers
from registry_api.routers import (
    approvals,
    associations,
    audit,
    benchmarks,
    cells,
    cubes,
    datasets,
    executions,
    health,
    leaderboards,
    people,
)
from registry_api.settings import RegistrySettings

PREFIX = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    people.router,
    cubes.router,
    benchmarks.router,
    cells.router,
    leaderboards.router,
    datasets.router,
    associations.router,
    approvals.router,
    executions.router,
    audit.router,
)


def create_app(settings: RegistrySettings, *, clock: Clock = utc_now) -> FastAPI:
    """The registry on its database, whose tables are made if they are not there.

    While it runs, one thread delivers the outbox and ends what is past its deadline; `clock` tells the
    time to all of it.
    """
    database = Database(settings.database)
    database.create_tables()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with Deliverer(database, settings=settings, clock=clock):
            yield
        database.close()

    app = FastAPI(
        title="Rounds registry",
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = database
    app.state.settings = settings
    app.state.clock = clock
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    add_handlers(app)
    return app
