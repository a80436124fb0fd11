"""The composition root: settings in, an application out."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from registry_api.credentials.oidc import OidcVerifier
from registry_api.deps import Clock, Office, Sweeper, utc_now
from registry_api.duties import Duties
from registry_api.manners.logs import configure_logging
from registry_api.manners.stack import add_manners
from registry_api.openapi import DescribedApi
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
    organisations,
    people,
    results,
    sign_ins,
)
from registry_api.routes import PREFIX
from registry_api.settings import RegistrySettings, settings_from
from registry_api.storage.database import Database

THREADS = 8
ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    sign_ins.router,
    people.router,
    organisations.router,
    cubes.router,
    benchmarks.router,
    cells.router,
    leaderboards.router,
    datasets.router,
    associations.router,
    approvals.router,
    executions.router,
    results.router,
    audit.router,
)


def app_from_environment() -> FastAPI:
    """The registry as ROUNDS_REGISTRY_* say, its log lines as JSON on stderr."""
    configure_logging()
    return create_app(settings_from())


def create_app(settings: RegistrySettings, *, clock: Clock = utc_now) -> FastAPI:
    """The registry on its database, whose tables are there already.

    While it runs, one thread does its duties; `clock` tells the time to all of it.
    """
    database = Database(settings.database, connections=THREADS + 4)
    duties = Duties(database, settings=settings, clock=clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # More threads than this only wait for one another, and each may hold a connection.
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        gc.freeze()  # what is loaded by now stays: no collection looks through it again
        with duties:
            yield
        database.close()

    app = DescribedApi(
        title="Rounds registry",
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.office = Office(
        database=database,
        settings=settings,
        clock=clock,
        sweeper=Sweeper(database=database),
        duties=duties,
        verifier=OidcVerifier(settings.oidc) if settings.oidc else None,
    )
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    add_handlers(app)
    add_manners(app, settings)
    return app
