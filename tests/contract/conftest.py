"""What several tests begin with."""

import io
import logging
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.contract.registry.databases import Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Fresh databases of both kinds."""
    with ExitStack() as stack:
        yield Databases(tmp_path_factory.mktemp("databases"), stack)


@pytest.fixture
def site_log() -> Iterator[io.StringIO]:
    """What the site's own log receives."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    log = logging.getLogger("rounds.site")
    before, propagated = log.handlers[:], log.propagate
    log.addHandler(handler)
    yield text
    for opened in set(log.handlers).difference(before):
        opened.close()
    log.handlers[:], log.propagate = before, propagated
