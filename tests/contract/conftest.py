"""What several tests begin with."""

import io
import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def site_log() -> Iterator[io.StringIO]:
    """What the site's own log receives."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    log = logging.getLogger("rounds.site")
    log.addHandler(handler)
    yield text
    log.removeHandler(handler)
