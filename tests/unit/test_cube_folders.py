"""A cube's folder: which documents it holds, in MedPerf's layouts and in ours."""

from pathlib import Path

import pytest

from rounds.cubes import read_cube, source_digest
from rounds.errors import SpecError
from tests.engines import PROBE
from tests.unit.builders import write_tree
from tests.unit.cube_documents import MODEL

CONFIG = (PROBE / "container_config.yaml").read_bytes()
CLASSIC = {"mlcube.yaml": MODEL.encode()}
MODERN = {"container_config.yaml": CONFIG}
PARAMETERS = b"threshold: 0.5\n"


class TestDocument:
    @pytest.mark.parametrize("document", [CLASSIC, MODERN])
    def test_is_of_either_kind(self, tmp_path: Path, document: dict[str, bytes]) -> None:
        """A folder with one document is a cube, whichever it is."""
        assert read_cube(write_tree(tmp_path / "model", document)).name == "model"

    def test_is_one(self, tmp_path: Path) -> None:
        """Two documents might promise two things, so neither is taken."""
        folder = write_tree(tmp_path, CLASSIC | MODERN)

        with pytest.raises(
            SpecError, match=r"found container_config\.yaml and mlcube\.yaml in one f"
        ):
            read_cube(folder)

    def test_is_there(self, tmp_path: Path) -> None:
        """A folder without a document is told which would do."""
        with pytest.raises(
            SpecError, match=r"found no file container_config\.yaml, needed it or a classic mlcube"
        ):
            read_cube(tmp_path)


class TestParameters:
    @pytest.mark.parametrize("document", [CLASSIC, MODERN])
    @pytest.mark.parametrize("name", ["parameters.yaml", "workspace/parameters.yaml"])
    def test_lie_in_either_place(
        self, tmp_path: Path, document: dict[str, bytes], name: str
    ) -> None:
        """Beside the document, or below workspace/ as MedPerf's authors keep them."""
        folder = write_tree(tmp_path, document | {name: PARAMETERS})

        assert read_cube(folder).parameters == {"threshold": 0.5}

    def test_lie_in_one_place(self, tmp_path: Path) -> None:
        """Nobody has to guess which of two files was registered."""
        twice = dict.fromkeys(("parameters.yaml", "workspace/parameters.yaml"), PARAMETERS)

        with pytest.raises(
            SpecError, match=r"found parameters\.yaml and workspace/parameters\.yaml"
        ):
            read_cube(write_tree(tmp_path, CLASSIC | twice))


class TestAdditionalFiles:
    @pytest.mark.parametrize(
        "name", ["additional_files.tar.gz", "workspace/additional_files.tar.gz"]
    )
    def test_are_packed_in_either_place(self, tmp_path: Path, name: str) -> None:
        """The tarball's digest is the cube's, wherever it lies."""
        folder = write_tree(tmp_path, CLASSIC | {name: b"weights"})

        assert read_cube(folder).additional_files_sha256 is not None

    def test_are_not_taken_unpacked(self, tmp_path: Path) -> None:
        """Loose weights have no digest to be registered by; the command that packs them is told."""
        folder = write_tree(tmp_path, CLASSIC | {"workspace/additional_files/w.pt": b"weights"})

        with pytest.raises(
            SpecError, match=r"not packed, needed .*; pack them: tar -czf workspace"
        ):
            read_cube(folder)

    def test_may_be_none(self, tmp_path: Path) -> None:
        """A folder that is only kept in version control holds no additional files."""
        folder = write_tree(tmp_path, CLASSIC | {"workspace/additional_files/.gitkeep": b""})

        assert read_cube(folder).additional_files_sha256 is None


class TestSource:
    @pytest.mark.parametrize("name", ["main.py", "mlcube.yaml", "workspace/parameters.yaml"])
    def test_covers_every_document(self, tmp_path: Path, name: str) -> None:
        """A classic document and the workspace's parameters are in the source digest too."""
        tree = CLASSIC | {"main.py": b"pass\n", "workspace/parameters.yaml": PARAMETERS}
        before = source_digest(write_tree(tmp_path, tree))

        after = source_digest(write_tree(tmp_path, {name: tree[name] + b"# more\n"}))

        assert after != before
