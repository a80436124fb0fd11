"""Where the demo keeps everything: one folder, with one below it for each hospital."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import yaml

from rounds.cubes import ADDITIONAL_FILES
from rounds.digests import sha256_file
from rounds.secret_files import write_secret
from site_profiles.models import Engine, Unsafe

CUBES = Path(__file__).parent.parent.parent / "cube_specs" / "cubes"
MIN_CASES = 20
GRACE_S = 6
SILENCE_S = 20


@dataclass(frozen=True, slots=True)
class Place:
    """The demo's folder."""

    root: Path

    @property
    def people(self) -> Path:
        """Each person's token, in a file that only its owner reads."""
        return self.root / "people"

    @property
    def hub(self) -> Path:
        """The committee's own place."""
        return self.root / "hub"

    def reports(self, benchmark_id: int) -> Path:
        """Where the hub leaves a benchmark's leaderboard and report."""
        return self.hub / "workspace" / "reports" / f"benchmark-{benchmark_id}"

    @property
    def mirror(self) -> Path:
        """Additional files by digest, as a hospital would have fetched them."""
        return self.root / "mirror"

    @property
    def image_cache(self) -> Path:
        """Converted images; one for all, since here one person is every site."""
        return self.root / "images"

    def site(self, name: str) -> Path:
        """One hospital's own place."""
        return self.root / "sites" / name

    def fill_mirror(self) -> None:
        """Put each cube's additional files into the mirror, named by their sha256."""
        self.mirror.mkdir(parents=True, exist_ok=True)
        for tarball in sorted(CUBES.glob(f"*/{ADDITIONAL_FILES[0]}")):
            copyfile(tarball, self.mirror / f"{sha256_file(tarball)}.tar.gz")

    def write_site_profile(
        self, name: str, *, engine: Engine, registry_url: str, benchmarks: tuple[int, ...]
    ) -> Path:
        """The site's profile; its key is made on the first day and stays."""
        home = self.site(name)
        key = home / "site.key"
        if not key.exists():
            write_secret(key, secrets.token_hex(32))
        profile = {
            "name": name,
            "engine": engine.value,
            "prefect": "shared",
            "workspace": str(home / "workspace"),
            "mirror": str(self.mirror),
            "image_cache": str(self.image_cache),
            "unsafe": [Unsafe.ROOT_DOCKER.value],
            "key_file": str(key),
            "registry": {"url": registry_url, "token_file": str(home / "worker.token")},
            "limits": {"memory_gib": 1, "cpus": 1, "timeout_s": 120},
            "parallel": 2,
            "release": {"min_cases": MIN_CASES, "benchmarks": list(benchmarks)},
            "grace_s": GRACE_S,
            "silence_s": SILENCE_S,
        }
        return _write(home / "profile.yaml", profile)

    def write_hub_profile(self, registry_url: str) -> Path:
        """The hub's profile."""
        profile = {
            "name": "hub",
            "registry": {"url": registry_url, "token_file": str(self.hub / "worker.token")},
            "workspace": str(self.hub / "workspace"),
            "grace_s": GRACE_S,
            "silence_s": SILENCE_S,
        }
        return _write(self.hub / "profile.yaml", profile)


def _write(path: Path, document: Mapping[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path
