"""Who is at the terminal: read once from the environment."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rounds.errors import SpecError

if TYPE_CHECKING:
    from rounds.client.registry import RegistryClient
    from rounds.sites import Site


def signed_in() -> "RegistryClient":
    """The registry at ROUNDS_REGISTRY, signed in with the token in the file ROUNDS_TOKEN_FILE.

    Raises:
        SpecError: One of the variables is missing, or the file is not a secret.
    """
    from rounds.client.registry import RegistryClient
    from rounds.secret_files import read_secret

    secret = read_secret(Path(_variable("ROUNDS_TOKEN_FILE")))
    return RegistryClient(_variable("ROUNDS_REGISTRY"), secret, patience_s=20)


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


def _variable(name: str) -> str:
    if name not in os.environ:
        message = f"found no {name} in the environment, needed it; the README shows how to set it"
        raise SpecError(message)
    return os.environ[name]
