"""Who is at the terminal and which registry they mean, and what they typed.

1. What `rounds --profile NAME` names goes first.
2. Then ROUNDS_REGISTRY, ROUNDS_TOKEN_FILE and ROUNDS_SITE_PROFILE, each for itself; an empty one counts as none.
3. Then the active profile, whose token goes to its own registry only.
"""

import os
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from rounds.errors import SpecError

if TYPE_CHECKING:
    from cli.profile_file import NamedProfile
    from rounds.client.registry import RegistryClient
    from rounds.records.base import Record
    from rounds.sites import Site

R = TypeVar("R", bound="Record")
PATIENCE_S: ContextVar[float] = ContextVar("patience_s", default=5.0)
PROFILE: ContextVar[str | None] = ContextVar("profile", default=None)
VARIABLES = ("ROUNDS_REGISTRY", "ROUNDS_TOKEN_FILE", "ROUNDS_SITE_PROFILE")


def signed_in() -> "RegistryClient":
    """The registry of `registry_url`, signed in with the token in `token_file`.

    Raises:
        SpecError: Nothing names one of the two, or the file is not a secret.
    """
    from rounds.client.registry import RegistryClient
    from rounds.secret_files import read_secret

    url = registry_url()
    return RegistryClient(url, read_secret(token_file()), patience_s=PATIENCE_S.get())


def registry_url() -> str:
    """The address of the registry that is meant.

    Raises:
        SpecError: Nothing names it, or the variable holds no address.
    """
    from cli.profile_file import is_address

    if named := _named_profile():
        return named.registry
    if url := os.environ.get("ROUNDS_REGISTRY"):
        if is_address(url):
            return url
        message = (
            "found no address in ROUNDS_REGISTRY, needed one such as https://rounds.example.org"
        )
        raise SpecError(message)
    if active := _active_profile():
        return active.registry
    raise _missing("ROUNDS_REGISTRY", "rounds profile create NAME --registry URL")


def token_file() -> Path:
    """The file of the token for that registry, whether or not it is there yet.

    Raises:
        SpecError: Nothing names it, or only a profile of another registry does.
    """
    if named := _named_profile():
        return named.token_file
    if file := os.environ.get("ROUNDS_TOKEN_FILE"):
        return Path(file)
    active = _active_profile()
    if active is None:
        raise _missing("ROUNDS_TOKEN_FILE", "rounds profile create NAME --registry URL")
    if registry_url().rstrip("/") != active.registry.rstrip("/"):
        message = (
            "found no ROUNDS_TOKEN_FILE in the environment, needed it beside ROUNDS_REGISTRY: "
            "a profile's token goes to its own registry only"
        )
        raise SpecError(message)
    return active.token_file


def this_site() -> "Site":
    """The site at which this terminal stands.

    Raises:
        SpecError: Nothing names its profile, or that is wrong.
    """
    from rounds.sites import open_site, read_profile

    file = _site_profile()
    if file is None:
        raise _missing("ROUNDS_SITE_PROFILE", "rounds profile set --site-profile FILE")
    return open_site(read_profile(file))


def at_site() -> bool:
    """Whether this terminal stands at a site."""
    return _site_profile() is not None


def profile_in_force() -> "NamedProfile | None":
    """The profile of `--profile`, else the active one; None if there is neither.

    Raises:
        SpecError: The profiles' file is wrong, or `--profile` names none of them.
    """
    return _named_profile() or _active_profile()


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


def _site_profile() -> Path | None:
    named = _named_profile()
    if named and named.site_profile:
        return named.site_profile
    if file := os.environ.get("ROUNDS_SITE_PROFILE"):
        return Path(file)
    active = None if named else _active_profile()
    return active.site_profile if active else None


def _named_profile() -> "NamedProfile | None":
    from cli.profile_file import read_profiles

    name = PROFILE.get()
    return None if name is None else read_profiles().named(name)


def _active_profile() -> "NamedProfile | None":
    from cli.profile_file import read_profiles

    profiles = read_profiles()
    return None if profiles.active is None else profiles.named(profiles.active)


def _missing(variable: str, command: str) -> SpecError:
    message = f"found no {variable} in the environment, needed it or a profile; run {command}"
    return SpecError(message)
