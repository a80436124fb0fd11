"""Who is at the terminal: read once from the environment, and what they typed."""

import os
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import typer

from rounds.errors import SpecError

if TYPE_CHECKING:
    from rounds.client.registry import RegistryClient
    from rounds.records.base import Record
    from rounds.sites import Site

R = TypeVar("R", bound="Record")
PATIENCE_S: ContextVar[float] = ContextVar("patience_s", default=5.0)


def signed_in() -> "RegistryClient":
    """The registry at ROUNDS_REGISTRY, signed in with the token in the file ROUNDS_TOKEN_FILE.

    Raises:
        SpecError: One of the variables is missing or no address, or the file is not a secret.
    """
    from rounds.client.registry import RegistryClient
    from rounds.secret_files import read_secret

    url = _variable("ROUNDS_REGISTRY")
    if not _is_address(url):
        message = (
            "found no address in ROUNDS_REGISTRY, needed one such as https://rounds.example.org"
        )
        raise SpecError(message)
    secret = read_secret(Path(_variable("ROUNDS_TOKEN_FILE")))
    return RegistryClient(url, secret, patience_s=PATIENCE_S.get())


def this_site() -> "Site":
    """The site whose profile ROUNDS_SITE_PROFILE names.

    Raises:
        SpecError: The variable is missing, or the profile is wrong.
    """
    from rounds.sites import open_site, read_profile

    return open_site(read_profile(Path(_variable("ROUNDS_SITE_PROFILE"))))


def at_site() -> bool:
    """Whether this terminal stands at a site."""
    return "ROUNDS_SITE_PROFILE" in os.environ


def typed(record: type[R], **values: object) -> R:
    """The record that a command's arguments make.

    Raises:
        typer.BadParameter: One of them cannot be what the record asks for.
    """
    from pydantic import ValidationError

    try:
        return record.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise typer.BadParameter(f"{where}: {first['msg']}") from error


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _variable(name: str) -> str:
    if not os.environ.get(name):
        message = f"found no {name} in the environment, needed it; your role's page in docs/ has it"
        raise SpecError(message)
    return os.environ[name]
