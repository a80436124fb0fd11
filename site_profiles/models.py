"""A site's profile: engine, limits, release policy, and where its secrets lie (never the secrets)."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from site_profiles.fetching import Fetching
from site_profiles.grants import Digest, Gpus, Grant


class Engine(StrEnum):
    """What runs the cubes."""

    DOCKER = "docker"
    APPTAINER = "apptainer"
    PROCESS = "process"


class Unsafe(StrEnum):
    """What a site has to grant by name, since it weakens what holds a cube.

    `root_docker`: Docker's daemon runs as root, and who reaches it is root. The others: the engine has no
    control groups, so that nothing holds a cube to that limit of the profile.
    """

    ROOT_DOCKER = "root_docker"
    UNLIMITED_MEMORY = "unlimited_memory"
    UNLIMITED_PROCESSES = "unlimited_processes"
    UNLIMITED_CPU = "unlimited_cpu"


class PrefectServer(StrEnum):
    """Whose the Prefect server is: only the site's own may be shown what awaits release."""

    OWN = "own"
    SHARED = "shared"


class Strict(BaseModel):
    """Base of the documents here: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Strict):
    """What one cube call may use, and what it may leave: `output_gib` and `output_files` bound all its outputs together.

    None is started while the workspace's disk has less than `free_gib` left.
    """

    memory_gib: float = Field(default=4, gt=0)
    cpus: float = Field(default=1, gt=0)
    pids: int = Field(default=256, gt=0)
    timeout_s: float = Field(default=3600, gt=0)
    tmp_gib: float = Field(default=1, gt=0)
    output_gib: float = Field(default=500, gt=0)
    output_files: int = Field(default=500_000, gt=0)
    free_gib: float = Field(default=1, ge=0)


class ReleasePolicy(Strict):
    """What the site lets out, whoever asks. There is no default: a site states its minimum.

    `min_cases` is the smallest number of cases a released score may rest on; `benchmarks` the ids whose
    results may leave at all (an empty list allows none).
    """

    min_cases: int = Field(ge=1)
    benchmarks: tuple[int, ...]


class RegistryAccess(Strict):
    """Where the registry is, and the 0600 file with the worker's token (which cannot decide)."""

    url: str
    token_file: Path
    patience_s: float = Field(default=300, ge=0)


class SiteProfile(Strict):
    """One hospital, as its workers see it.

    Of one evaluation's models, and of one preparation's steps, `parallel` run at once, each within `limits`.
    A preparation sleeps at most `manual_days` while people have work on it.
    `grace_s` is how long a review waits awake before it sleeps, `silence_s` how long a run may go
    without a process before `sync` calls it crashed. What workers fetch and convert is kept in
    `image_cache`, which only the site may write; it is in the workspace if not named. `grants` names cubes by
    their digests, `gpus` what those may have that ask for GPUs.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    engine: Engine
    prefect: PrefectServer
    workspace: Path
    mirror: Path
    image_cache: Path | None = None
    key_file: Path
    registry: RegistryAccess
    limits: Limits = Limits()
    parallel: int = Field(default=1, ge=1, le=64)
    manual_days: float = Field(default=90, gt=0, le=3650)
    unsafe: tuple[Unsafe, ...] = ()
    grants: dict[Digest, Grant] = Field(default_factory=dict)
    gpus: Gpus = "none"
    fetch: Fetching = Fetching()
    release: ReleasePolicy
    grace_s: float = Field(default=20, ge=0)
    silence_s: float = Field(default=60, gt=0)


class HubProfile(Strict):
    """The committee's own place: its registry, and the workspace where it leaves reports."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    registry: RegistryAccess
    workspace: Path
    grace_s: float = Field(default=20, ge=0)
    silence_s: float = Field(default=60, gt=0)
