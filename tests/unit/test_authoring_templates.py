"""New cubes are copied from templates, and nothing that is there is written over."""

from pathlib import Path

import pytest

from rounds.authoring.templates import TEMPLATES, Template, create_cube
from rounds.cubes import read_cube
from rounds.errors import SpecError


class TestCreate:
    @pytest.mark.parametrize("kind", list(Template))
    def test_writes_a_cube_called_as_its_folder(self, kind: Template, tmp_path: Path) -> None:
        """The cube is of its kind, and its name stands wherever the template's stood."""
        folder = tmp_path / "heart-rate"

        names = create_cube(kind, folder)

        cube = read_cube(folder)
        assert (cube.kind.value, cube.name) == (kind.value, "heart-rate")
        assert cube.config.image == "rounds/heart-rate:1"
        assert {"Dockerfile", "README.md", "main.py", "tests/test_main.py"} <= set(names)
        assert f"my-{kind}" not in "".join((folder / name).read_text() for name in names)

    @pytest.mark.parametrize("kind", list(Template))
    def test_leaves_behind_what_runs_of_the_template_left(
        self, kind: Template, tmp_path: Path
    ) -> None:
        """Only files that somebody wrote are copied, small enough to be read in minutes."""
        names = create_cube(kind, tmp_path / "x")

        assert not [name for name in names if "pycache" in name or name.endswith(".pyc")]
        assert len((TEMPLATES / kind / "main.py").read_text().splitlines()) < 130

    def test_takes_an_empty_folder(self, tmp_path: Path) -> None:
        """A folder that was made for it is taken."""
        (tmp_path / "x").mkdir()

        assert create_cube(Template.MODEL, tmp_path / "x")

    @pytest.mark.parametrize("there", ["file", "folder", "link"])
    def test_writes_over_nothing(self, there: str, tmp_path: Path) -> None:
        """A folder that holds something, a file or a link is left as it is."""
        (tmp_path / "other").mkdir()
        if there == "folder":
            (tmp_path / "x").mkdir()
            (tmp_path / "x" / "main.py").write_text("mine")
        elif there == "file":
            (tmp_path / "x").write_text("mine")
        else:
            (tmp_path / "x").symlink_to(tmp_path / "other")

        with pytest.raises(SpecError, match="found something there already"):
            create_cube(Template.MODEL, tmp_path / "x")

        assert list((tmp_path / "other").iterdir()) == []
        assert there != "folder" or [p.name for p in (tmp_path / "x").iterdir()] == ["main.py"]

    @pytest.mark.parametrize("name", ["My-Model", "-x", "x y", "é", "a" * 101])
    def test_refuses_what_can_be_no_images_name(self, name: str, tmp_path: Path) -> None:
        """The image is tagged by the folder's name, so that must be one that Docker takes."""
        with pytest.raises(SpecError, match="found a folder's name that can be no image's"):
            create_cube(Template.MODEL, tmp_path / name)

        assert list(tmp_path.iterdir()) == []
