"""The templates of `rounds cube create` are delivered, and run as they are."""

import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from rounds.authoring.templates import TEMPLATES, Template, create_cube
from tests.contract.repository import ROOT, shown


class TestTemplates:
    def test_are_in_the_wheel(self) -> None:
        """Whoever installs Rounds has every file of them, hidden ones too."""
        files = {shown(path) for path in TEMPLATES.rglob("*") if path.is_file()}
        needed = {name for name in files if "__pycache__" not in name}

        found = {
            str(included.distribution_path)
            for included in WheelBuilder(str(ROOT)).recurse_included_files()
        }

        assert len(needed) > 20
        assert needed - found == set()

    @pytest.mark.parametrize("kind", list(Template))
    def test_pass_their_own_tests(self, kind: Template, tmp_path: Path) -> None:
        """The author's first `pytest` is green, without a container and without Rounds."""
        create_cube(kind, tmp_path / "my-cube")

        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=tmp_path / "my-cube",
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

        assert ended.returncode == 0, ended.stdout
        assert " passed" in ended.stdout
