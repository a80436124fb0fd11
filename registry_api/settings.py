"""What the registry service needs to know, read once from the command line or the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from registry_api.credentials.oidc import OidcSettings
from registry_api.manners.origins import check_origins
from rounds.errors import SpecError

PREFIX = "ROUNDS_REGISTRY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """Where the database lies, how long a lease lasts, whom the registry trusts and whom it tells.

    `database` is a SQLite file's path or a PostgreSQL address. Without `prefect_api_url` what Prefect
    should be told stays in the outbox; without `oidc` only local accounts sign in. `tick_s` is how often
    the duties look for retries and deadlines when no write has woken them, `breath_s` how long they rest after
    each round, so that many writes in a short time wake them once. `behind_tls` says that a
    proxy in front ends TLS. `cors_origins` are the only web origins that browsers let in.
    """

    database: str
    prefect_api_url: str | None = None
    lease_s: float = 120.0
    tick_s: float = 1.0
    breath_s: float = 0.5
    oidc: OidcSettings | None = None
    max_body_bytes: int = 1 << 20
    behind_tls: bool = False
    cors_origins: tuple[str, ...] = ()


def settings_from(
    environment: Mapping[str, str] = os.environ, *, database: str | None = None
) -> RegistrySettings:
    """The settings of ROUNDS_REGISTRY_*; `database` goes before ROUNDS_REGISTRY_DATABASE.

    Raises:
        SpecError: No database is named, the lease is no positive number, or a setting contradicts itself.
    """
    named = {
        key.removeprefix(PREFIX): value
        for key, value in environment.items()
        if key.startswith(PREFIX) and value
    }
    if database is None and "DATABASE" not in named:
        message = "found no database, needed --database or ROUNDS_REGISTRY_DATABASE"
        raise SpecError(message)
    origins = tuple(named.get("CORS_ORIGINS", "").split())
    check_origins(origins)
    return RegistrySettings(
        database=database or named["DATABASE"],
        prefect_api_url=named.get("PREFECT"),
        lease_s=_seconds(named.get("LEASE_S", "120")),
        oidc=_oidc(named),
        behind_tls=named.get("BEHIND_TLS") == "1",
        cors_origins=origins,
    )


def _oidc(named: Mapping[str, str]) -> OidcSettings | None:
    issuer, audience = named.get("OIDC_ISSUER"), named.get("OIDC_AUDIENCE")
    if issuer is None and audience is None:
        return None
    if issuer is None or audience is None:
        message = "found one of ROUNDS_REGISTRY_OIDC_ISSUER and _OIDC_AUDIENCE, needed both or none"
        raise SpecError(message)
    return OidcSettings(
        issuer=issuer,
        audience=audience,
        jwks_url=named.get("OIDC_JWKS_URL"),
        email_claim=named.get("OIDC_EMAIL_CLAIM", "email"),
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
