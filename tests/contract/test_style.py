"""The house keeps its own rules."""

import ast
import re

import pytest

from tests.contract.repository import (
    PACKAGES,
    ROOT,
    called,
    functions,
    imported,
    parse,
    python_files,
    run,
    shown,
)

OURS = (*PACKAGES, "benchmarks", "tests")
TABLES = "registry_api/models.py"
MAY_CATCH_ALL = {"tasks/guard.py", "cli/main.py"}
BANNER = re.compile(r"#\s*([-=#*~])\1{2,}")
DEEPER = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches everything."""
    kinds = ast.walk(handler.type) if handler.type else [ast.Name("Exception")]
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep blocks are nested below a node; an `elif` is as deep as its `if`."""
    deepest = level
    for name, child in ast.iter_fields(node):
        for inner in child if isinstance(child, list) else [child]:
            if not isinstance(inner, ast.AST):
                continue
            chained = isinstance(node, ast.If) and name == "orelse" and isinstance(inner, ast.If)
            step = isinstance(inner, DEEPER) and not chained
            deepest = max(deepest, depth(inner, level + step))
    return deepest


class TestTools:
    @pytest.mark.parametrize(
        "arguments", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy", ".")]
    )
    def test_have_nothing_to_say(self, arguments: tuple[str, ...]) -> None:
        """Ruff finds no fault and no other layout, mypy no wrong type, in the whole repository."""
        ended = run("-m", *arguments)

        assert ended.returncode == 0, ended.stdout + ended.stderr


class TestPackages:
    def test_say_what_they_are_for(self) -> None:
        """Each `__init__.py` is a docstring of at most ten lines and no code."""
        files = [path for path in python_files(*OURS) if path.name == "__init__.py"]

        wrong = [
            shown(path)
            for path in files
            if len(path.read_text(encoding="utf-8").splitlines()) > 10
            or len(parse(path).body) != 1
            or not ast.get_docstring(parse(path))
        ]

        assert wrong == []

    def test_are_packages(self) -> None:
        """Every folder of modules has its contract."""
        folders = {path.parent for path in python_files(*PACKAGES)}

        wrong = {shown(folder) for folder in folders if not (folder / "__init__.py").exists()}

        programs = ("cube_specs/cubes/", "cube_specs/templates/")
        assert {name for name in wrong if not name.startswith(programs)} == set()


class TestSizes:
    def test_of_files(self) -> None:
        """No file is longer than 250 lines but that of the tables, which foreign keys make one thing."""
        sizes = {
            shown(path): len(path.read_text(encoding="utf-8").splitlines())
            for path in python_files(*OURS)
            if shown(path) != TABLES
        }

        assert {name: size for name, size in sizes.items() if size > 250} == {}

    def test_of_functions(self) -> None:
        """No function is longer than 60 lines, from its `def` to its end."""
        sizes = {
            f"{shown(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
            for path in python_files(*OURS)
            for node in functions(path)
        }

        assert {name: size for name, size in sizes.items() if size > 60} == {}

    def test_of_nesting(self) -> None:
        """No block is nested deeper than three levels in its function."""
        depths = {
            f"{shown(path)}:{node.lineno} {node.name}": depth(node)
            for path in python_files(*PACKAGES)
            for node in functions(path)
        }

        assert {name: found for name, found in depths.items() if found > 3} == {}


class TestWords:
    def test_any_is_not_said_in_the_domain(self) -> None:
        """`Any` has no place in contracts and in `rounds`."""
        wrong = {
            shown(path)
            for path in python_files("rounds", "cube_specs", "site_profiles")
            if "typing.Any" in imported(path)
        }

        assert wrong == set()

    def test_errors_are_caught_by_name(self) -> None:
        """Only the guard and the command's outermost line catch everything."""
        wrong = {
            shown(path)
            for path in python_files(*PACKAGES)
            for node in ast.walk(parse(path))
            if isinstance(node, ast.ExceptHandler) and is_broad(node)
        }

        assert wrong <= MAY_CATCH_ALL

    def test_no_banners_and_nothing_to_do(self) -> None:
        """Sections need no banner, and what is left to do is an issue."""
        unfinished = re.compile("TO" + "DO|FIX" + "ME")

        wrong = [
            f"{shown(path)}:{number}"
            for path in python_files(*OURS)
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if BANNER.search(line) or unfinished.search(line)
        ]

        assert wrong == []


class TestTests:
    def test_state_their_rule(self) -> None:
        """Every test has a docstring."""
        wrong = [
            f"{shown(path)}:{node.lineno} {node.name}"
            for path in python_files("tests")
            for node in functions(path)
            if node.name.startswith("test_") and not ast.get_docstring(node)
        ]

        assert wrong == []

    def test_say_which_message_they_await(self) -> None:
        """Every `pytest.raises` has a `match`."""
        wrong = [
            f"{shown(path)}:{call.lineno}"
            for path in python_files("tests")
            for name, call in called(path)
            if name == "raises" and "match" not in {keyword.arg for keyword in call.keywords}
        ]

        assert wrong == []

    def test_use_real_things(self) -> None:
        """No test imports a mocking library."""
        wrong = {
            shown(path)
            for path in python_files("tests")
            for name in imported(path)
            if "mock" in name.lower().split(".")
        }

        assert wrong == set()


class TestLock:
    def test_names_no_index(self) -> None:
        """The lock holds versions and hashes, and no address from which they come."""
        text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

        assert "://" not in text
        assert "--hash=sha256:" in text
