"""Imports go one way."""

import pytest

from tests.contract.repository import python_files, run, shown

LINT = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"


class TestLayers:
    def test_hold(self) -> None:
        """Every contract of import-linter in pyproject.toml is kept."""
        ended = run("-c", LINT)

        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert " 0 broken" in ended.stdout

    @pytest.mark.parametrize("package", ["rounds", "cube_specs", "site_profiles"])
    def test_the_domain_loads_no_framework(self, package: str) -> None:
        """Importing every module of the domain loads none of prefect, fastapi, sqlmodel and typer."""
        programs = ("cube_specs/cubes/", "cube_specs/templates/")
        files = [path for path in python_files(package) if not shown(path).startswith(programs)]
        modules = [shown(path).removesuffix(".py").replace("/", ".") for path in files]
        names = ", ".join(module.removesuffix(".__init__") for module in modules)
        found = "{'prefect', 'fastapi', 'sqlmodel', 'typer', 'registry_api'} & set(sys.modules)"

        ended = run("-c", f"import sys, {names}; sys.exit(str({found} or ''))")

        assert ended.stderr.strip() == ""

    def test_the_command_starts_without_the_engine(self) -> None:
        """Printing help loads neither Prefect nor the registry."""
        found = "{'prefect', 'fastapi', 'sqlmodel', 'registry_api', 'polars'} & set(sys.modules)"

        ended = run("-c", f"import sys, cli.main; sys.exit(str({found} or ''))")

        assert ended.stderr.strip() == ""
