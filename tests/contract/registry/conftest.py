"""The registry's resources."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A served registry with an administrator and nothing else."""
    with serve_registry(tmp_path) as served, ExitStack() as stack:
        yield World(served=served, stack=stack)
