"""What a cube needs beside its config: images and additional files, from the site's mirror or fetched by its rules."""

from dataclasses import dataclass, field
from pathlib import Path

from cube_specs.models import ContainerType
from rounds.cubes import Cube
from rounds.errors import IntegrityError
from rounds.fetching.fetcher import Fetcher
from rounds.images.store import ImageStore, Kind
from site_profiles.fetching import Fetching

# How an image that has an address is kept, and which of the cube's digests names it.
_FETCHED = {
    ContainerType.DOCKER_ARCHIVE: (Kind.ARCHIVE, "image"),
    ContainerType.SINGULARITY_FILE: (Kind.SIF, "sif"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """The site's `mirror`, filled by hand, its workers' own `cache`, and the rules of what they may fetch."""

    mirror: Path = field(repr=False)
    cache: Path = field(repr=False)
    rules: Fetching = field(default_factory=Fetching)

    @property
    def images(self) -> ImageStore:
        """The images that are at this site."""
        return ImageStore(mirror=self.mirror, cache=self.cache)

    def bring_image(self, cube: Cube) -> None:
        """Fetch a cube's archive or SIF if its config names an address and no such file is at this site.

        Raises:
            SpecError, IntegrityError, Unreachable, RunnerError: As `Fetcher.fetch_checked`.
        """
        kind, artifact = _FETCHED.get(cube.config.container_type, (Kind.ARCHIVE, ""))
        digest = cube.artifacts.get(artifact)
        if digest is not None and cube.config.image.startswith(("https://", "http://")):
            self.images.fetch(cube.config.image, digest, Fetcher(rules=self.rules), kind=kind)

    def find_tarball(self, cube: Cube) -> Path:
        """The tarball of a cube's additional files, its bytes not looked at yet if it is the mirror's.

        Raises:
            IntegrityError: It is not there, and there is nowhere to fetch it from; or what came is another.
            SpecError, Unreachable, RunnerError: As `Fetcher.fetch`.
        """
        name = f"{cube.additional_files_sha256}.tar.gz"
        if (there := self.mirror / name).exists():
            return there
        if cube.additional_files_url is None or not self._may_fetch:
            message = "the site's mirror lacks a cube's additional files; put <sha256>.tar.gz there"
            raise IntegrityError(f"{message}, or list their host under `fetch`", detail=str(there))
        target = self.cache / name
        sha256 = cube.additional_files_sha256 or ""
        Fetcher(rules=self.rules).fetch(cube.additional_files_url, target, sha256=sha256)
        return target

    @property
    def _may_fetch(self) -> bool:
        return bool(self.rules.hosts or self.rules.unsafe_private_hosts)
