"""GET /health: needs no token."""

from fastapi import APIRouter

from registry_api.deps import TheCall
from registry_api.services import health
from rounds.records.service import Health

router = APIRouter()


@router.get("/health")
def read(call: TheCall) -> Health:
    """That the registry and its database answer."""
    with call.database.reading() as session:
        return health.read(session)
