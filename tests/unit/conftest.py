"""What several tests begin with."""

from pathlib import Path

import pytest

from rounds.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A site's empty folder."""
    return Workspace(tmp_path)
