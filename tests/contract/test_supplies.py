"""What a cube needs beside its config: from the mirror, or from where its owner says, if the site's rules allow that."""

import gzip
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from cube_specs.models import ContainerType, CubeKind
from rounds.additional_files import find_additional_files
from rounds.cubes import Cube
from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError, SpecError
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from site_profiles.fetching import Fetching
from tests.contract.fetching_hosts import HERE, Host, host, offer
from tests.unit.little_site import make_cube


def make_tarball(name: str = "weights.json") -> bytes:
    """A gzipped tar of one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = 1
        archive.addfile(member, io.BytesIO(b"w"))
    return gzip.compress(file.getvalue())


def supplies_of(root: Path, *servers: Host) -> Supplies:
    """The supplies of a site that may fetch from these servers of this machine."""
    places = tuple(f"{HERE}:{server.server_port}" for server in servers)
    rules = Fetching(unsafe_private_hosts=places, unsafe_http_hosts=places)
    return Supplies(mirror=root / "mirror", cache=root / "cache", rules=rules)


def model_with(content: bytes, server: Host) -> Cube:
    """A model whose additional files are `content`, to be had from the server."""
    cube = make_cube(CubeKind.MODEL, additional_files_sha256=sha256_bytes(content))
    return replace(cube, additional_files_url=f"http://{HERE}:{server.server_port}/files")


class TestTarball:
    def test_is_fetched_once(self, tmp_path: Path) -> None:
        """What the mirror lacks is fetched from where its owner says, unpacked, and found again."""
        content, workspace = make_tarball(), Workspace(tmp_path / "site")
        with host(offer(content)) as server:
            cube, supplies = model_with(content, server), supplies_of(tmp_path, server)

            folders = {
                find_additional_files(cube, supplies=supplies, workspace=workspace)
                for _ in range(2)
            }

        assert [(folder / "weights.json").read_bytes() for folder in folders] == [b"w"]
        assert len(server.seen) == 1

    def test_is_taken_from_the_mirror_first(self, tmp_path: Path) -> None:
        """A site that has the file asks nobody for it."""
        content, workspace = make_tarball(), Workspace(tmp_path / "site")
        (tmp_path / "mirror").mkdir()
        (tmp_path / "mirror" / f"{sha256_bytes(content)}.tar.gz").write_bytes(content)
        with host(offer(content)) as server:
            cube, supplies = model_with(content, server), supplies_of(tmp_path, server)

            find_additional_files(cube, supplies=supplies, workspace=workspace)

        assert server.seen == []

    def test_is_the_wanted_one(self, tmp_path: Path) -> None:
        """Other bytes than the registered sha256 names are not unpacked, and not kept."""
        workspace = Workspace(tmp_path / "site")
        with host(offer(make_tarball("other"))) as server:
            cube, supplies = model_with(make_tarball(), server), supplies_of(tmp_path, server)

            with pytest.raises(IntegrityError, match="has sha256"):
                find_additional_files(cube, supplies=supplies, workspace=workspace)

        assert not list((tmp_path / "cache").glob("*.tar.gz"))

    def test_is_not_fetched_from_a_host_that_is_not_listed(self, tmp_path: Path) -> None:
        """A cube's owner cannot send a site's worker to a machine inside the hospital."""
        content = make_tarball()
        with host(offer(content)) as inside, host(offer(content)) as listed:
            supplies = supplies_of(tmp_path, listed)

            with pytest.raises(SpecError, match="needed"):
                find_additional_files(
                    model_with(content, inside),
                    supplies=supplies,
                    workspace=Workspace(tmp_path / "site"),
                )

        assert inside.seen == []

    def test_is_asked_for_where_nothing_may_be_fetched(self, tmp_path: Path) -> None:
        """A site without rules is told both ways; nobody is asked."""
        content = make_tarball()
        with (
            host(offer(content)) as server,
            pytest.raises(IntegrityError, match="or list their host under `fetch`"),
        ):
            find_additional_files(
                model_with(content, server),
                supplies=supplies_of(tmp_path),
                workspace=Workspace(tmp_path / "site"),
            )

        assert server.seen == []


class TestImage:
    def test_is_fetched_under_its_digest(self, tmp_path: Path) -> None:
        """A SIF with an address is fetched once, by its sha256, into the site's cache."""
        content = b"a SIF, as far as anybody here looks"
        digest = sha256_bytes(content)
        with host(offer(content)) as server:
            cube = make_cube(CubeKind.MODEL)
            config = cube.config.model_copy(
                update={
                    "container_type": ContainerType.SINGULARITY_FILE,
                    "image": f"http://{HERE}:{server.server_port}/model.sif",
                }
            )
            supplies = supplies_of(tmp_path, server)

            for _ in range(2):
                supplies.bring_image(replace(cube, config=config, artifacts={"sif": digest}))

        assert supplies.images.sif(digest) == tmp_path / "cache" / f"{digest}.sif"
        assert len(server.seen) == 1

    def test_of_a_registry_is_not_fetched(self, tmp_path: Path) -> None:
        """An image that is named as registries name it is the engine's to find."""
        supplies = supplies_of(tmp_path)

        supplies.bring_image(make_cube(CubeKind.MODEL))

        assert not (tmp_path / "cache").exists()
