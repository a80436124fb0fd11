"""What the registry service needs to know, read once from the command line or the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rounds.errors import SpecError


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """Where the database lies, how long a lease lasts, and which Prefect is told.

    Without `prefect_api_url` what Prefect should be told stays in the outbox. `tick_s` is how often the
    deliverer looks for retries and deadlines when no write has woken it.
    """

    database: Path
    prefect_api_url: str | None = None
    lease_s: float = 120.0
    tick_s: float = 1.0


def settings_from(
    environment: Mapping[str, str] = os.environ, *, database: Path | None = None
) -> RegistrySettings:
    """The settings of ROUNDS_REGISTRY_DATABASE, _PREFECT and _LEASE_S; `database` goes before the first.

    Raises:
        SpecError: No database is named, or the lease is no positive number.
    """
    named = environment.get("ROUNDS_REGISTRY_DATABASE")
    if database is None and not named:
        message = "found no database, needed --database or ROUNDS_REGISTRY_DATABASE"
        raise SpecError(message)
    return RegistrySettings(
        database=database or Path(named or ""),
        prefect_api_url=environment.get("ROUNDS_REGISTRY_PREFECT") or None,
        lease_s=_seconds(environment.get("ROUNDS_REGISTRY_LEASE_S") or "120"),
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        message = f"ROUNDS_REGISTRY_LEASE_S is '{text}', needed a positive number of seconds"
        raise SpecError(message)
    return seconds
