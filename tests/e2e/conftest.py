"""One run of the whole story, everything left up, for the tests that look at it afterwards."""

from collections.abc import Iterator

import pytest
from rich.console import Console

from deployments.demo.cast import Cast
from deployments.demo.run import played
from site_profiles.models import Engine


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The cast after the story, with registry, Prefect server and workers up."""
    root = tmp_path_factory.mktemp("story")
    with played(root, engine=Engine.PROCESS, console=Console(force_terminal=False)) as cast:
        yield cast
