"""Whether it lives, whether it is ready, what it is, and its measurements. Only the last needs a token."""

from fastapi import Response

from registry_api.deps import TheCall
from registry_api.manners.handshake import MINIMUM_CLIENT, REGISTRY_VERSION
from registry_api.manners.metrics import render_metrics
from registry_api.routes import routes
from registry_api.services import health
from rounds.records.service import Health, Version

router = routes("health", prefix="")


@router.get("/health")
def read() -> Health:
    """That the process answers."""
    return Health(status="ok")


@router.get("/ready")
def ready(call: TheCall) -> Health:
    """That its database answers too, with the tables that this version needs, and its duties go on."""
    return call.glance(health.ready, duties_alive=call.office.duties.are_alive)


@router.get("/version")
def version() -> Version:
    """What it is, and how old a client may be."""
    return Version(version=REGISTRY_VERSION, minimum_client=MINIMUM_CLIENT)


@router.get("/metrics", response_class=Response)
def measurements(call: TheCall) -> Response:
    """Measurements in Prometheus' text format; administrators only."""
    call.read(health.need_administrator)
    return Response(render_metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
