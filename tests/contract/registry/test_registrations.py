"""Cubes: registered once under a name, once for a content, named by that content."""

import httpx
import pytest

from cube_specs.models import ContainerConfig, ContainerType, CubeKind
from rounds.cubes import Cube, to_record
from rounds.errors import Conflict, IntegrityError, InvalidInput
from rounds.records.cubes import CubeIn, State
from tests.contract.registry.builders import make_cube, sha
from tests.contract.registry.world import World


class TestCubes:
    def test_of_each_kind_and_packing_are_taken(self, world: World) -> None:
        """A preparator, a metrics cube, and models as image, archive and SIF are registered (A3)."""
        wanted = [
            make_cube("prep", CubeKind.PREPARATOR),
            make_cube("judge", CubeKind.METRICS),
            packed("tree", ContainerType.DOCKER_IMAGE, "image"),
            packed("oak", ContainerType.DOCKER_ARCHIVE, "image"),
            packed("elm", ContainerType.SINGULARITY_FILE, "sif"),
        ]

        cubes = [world.admin.register_cube(cube) for cube in wanted]

        found = [world.admin.cube(cube.id) for cube in cubes]
        assert found == cubes
        assert [cube.digest for cube in found] == [cube.digest for cube in wanted]
        assert [cube.artifacts for cube in found] == [cube.artifacts for cube in wanted]

    def test_are_registered_once(self, world: World) -> None:
        """The same name is refused, and the same content with the name that it has (A3)."""
        twin = world.admin.register_cube(make_cube("tree"))

        with pytest.raises(Conflict, match="a cube named tree is registered"):
            world.admin.register_cube(make_cube("tree", source="other"))
        with pytest.raises(Conflict, match="a cube named tree is registered"):
            world.person("maker").register_cube(make_cube("Tree", source="other"))
        with pytest.raises(Conflict, match=f"as cube {twin.id}, tree"):
            world.person("maker").register_cube(make_cube("oak", source="tree"))
        assert len(world.admin.cubes()) == 1

    def test_wrong_digest_is_refused(self, world: World) -> None:
        """A cube is named by its content and nothing else (A5)."""
        cube = make_cube("tree").model_copy(update={"digest": sha("other")})

        with pytest.raises(IntegrityError, match="needed the registered"):
            world.admin.register_cube(cube)

    def test_url_and_hash_come_together(self, world: World) -> None:
        """Additional files have an address and a sha256, or neither (A4)."""
        halves = {"additional_files_url": "https://x/y.tgz"}, {"additional_files_sha256": sha("y")}

        for half in halves:
            with pytest.raises(InvalidInput, match="needed both or none"):
                world.admin.register_cube(make_cube("tree").model_copy(update=half))

        assert world.admin.cubes() == []

    def test_unknown_key_is_refused_without_being_repeated(self, world: World) -> None:
        """What a caller sends by mistake is not in the answer."""
        document = make_cube("tree").model_dump(mode="json") | {"Jane Doe": "secret"}
        headers = {"Authorization": f"Bearer {world.admin_secret}"}

        url = f"{world.served.url}/api/v1/cubes"
        answer = httpx.post(url, json=document, headers=headers)

        assert answer.status_code == 422
        assert "Jane" not in answer.text


def packed(name: str, container_type: ContainerType, artifact: str) -> CubeIn:
    """A model that is delivered in one way, with the digest of what is delivered."""
    config = {**make_cube(name).config, "container_type": container_type}
    cube = Cube(
        name=name,
        kind=CubeKind.MODEL,
        config=ContainerConfig.model_validate(config),
        artifacts={artifact: sha(name)},
    )
    return to_record(cube, state=State.OPERATION)
