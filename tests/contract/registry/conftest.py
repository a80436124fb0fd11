"""The registry's resources."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database, of each kind in turn."""
    with databases.lent(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    """A served registry with an administrator and nothing else, on each kind of database."""
    with serve_registry(tmp_path, database=database) as served, ExitStack() as stack:
        yield World(served=served, stack=stack)
