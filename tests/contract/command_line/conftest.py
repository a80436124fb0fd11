"""What the tests of the command begin with."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal whose registry is down."""
    return Terminal(tmp_path / "home")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A served registry with an administrator and nothing else."""
    with serve_registry(tmp_path) as served, ExitStack() as stack:
        yield World(served=served, stack=stack)
