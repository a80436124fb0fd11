"""A site put together from its profile: workspace, engine, key and registry client."""

import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rounds.calls import RunContext
from rounds.cancelling import is_cancelled
from rounds.client.registry import RegistryClient
from rounds.digests import sha256_bytes
from rounds.documents import read_document
from rounds.errors import SpecError
from rounds.grants import Grants
from rounds.runners.base import RUN_LABEL, SITE_LABEL, never
from rounds.runners.choose import runner_for
from rounds.secret_files import read_secret
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from site_profiles.models import HubProfile, RegistryAccess, SiteProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One hospital at work. `key` makes keyed digests and never leaves."""

    profile: SiteProfile
    workspace: Workspace
    context: RunContext
    key: bytes = field(repr=False)
    registry: RegistryClient

    @property
    def label(self) -> str:
        """What marks whatever the site's engine runs."""
        return label_of(self.workspace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The committee's place at work."""

    profile: HubProfile
    workspace: Workspace
    registry: RegistryClient


def read_profile(path: Path) -> SiteProfile:
    """A site's profile from its YAML file.

    Raises:
        SpecError: The file is missing, or a field is missing, unknown or wrong.
    """
    if not path.exists():
        message = "found no site profile, needed the file that ROUNDS_SITE_PROFILE names"
        raise SpecError(message, detail=str(path))
    return read_document(SiteProfile, path)


def open_site(profile: SiteProfile, *, run: str | None = None) -> Site:
    """The site of a profile, ready to work; its cubes are marked with the id of the flow run, if it is one.

    Raises:
        SpecError: A secret's file is missing or others can read it.
    """
    workspace = Workspace(profile.workspace)
    cache = profile.image_cache or profile.workspace / "images"
    supplies = Supplies(mirror=profile.mirror, cache=cache, rules=profile.fetch)
    context = RunContext(
        workspace=workspace,
        runner=runner_for(profile.engine, supplies, frozenset(profile.unsafe)),
        limits=profile.limits,
        grants=Grants(cubes=profile.grants, gpus=profile.gpus),
        supplies=supplies,
        labels={SITE_LABEL: label_of(workspace), **({RUN_LABEL: run} if run else {})},
        is_cancelled=partial(is_cancelled, workspace, run) if run else never,
        parallel=profile.parallel,
    )
    return Site(
        profile=profile,
        workspace=workspace,
        context=context,
        key=read_secret(profile.key_file).encode(),
        registry=open_registry(profile.registry),
    )


def label_of(workspace: Workspace) -> str:
    """The mark of a site on its engine: a digest, since the engine shows it to whoever asks."""
    return sha256_bytes(str(workspace.root.absolute()).encode())


def read_hub(path: Path) -> HubProfile:
    """The hub's profile from its YAML file.

    Raises:
        SpecError: The file is missing, or a field is missing, unknown or wrong.
    """
    if not path.exists():
        message = "found no hub profile, needed the file that ROUNDS_HUB_PROFILE names"
        raise SpecError(message, detail=str(path))
    return read_document(HubProfile, path)


def open_hub(profile: HubProfile) -> Hub:
    """The hub of a profile, ready to work.

    Raises:
        SpecError: The token's file is missing or others can read it.
    """
    return Hub(
        profile=profile,
        workspace=Workspace(profile.workspace),
        registry=open_registry(profile.registry),
    )


def open_registry(access: RegistryAccess) -> RegistryClient:
    """A client of the registry, with the token from its 0600 file.

    Raises:
        SpecError: The token's file is missing or others can read it.
    """
    return RegistryClient(access.url, read_secret(access.token_file), patience_s=access.patience_s)


def log_to_site(workspace: Workspace) -> None:
    """Send the log `rounds.site`, which may hold details, to a file of this workspace and to no other file."""
    log = logging.getLogger("rounds.site")
    log.propagate = False
    file = (workspace.folder("logs") / "site.log").absolute()
    files = [handler for handler in log.handlers if isinstance(handler, logging.FileHandler)]
    if any(Path(handler.baseFilename) == file for handler in files):
        return
    for handler in files:
        log.removeHandler(handler)
        handler.close()
    handler = logging.FileHandler(file)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
