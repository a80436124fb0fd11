"""How far a preparation has come, as the registry hears it: a status always, percentages by consent and from enough cases on."""

from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from rounds.artifacts import Progress
from rounds.departure import ProgressTeller, reported
from rounds.errors import RunnerError
from rounds.records.datasets import PreparationStatus
from rounds.sites import Site
from tests.unit.builders import make_dataset
from tests.unit.little_site import LittleRegistry, make_site, refuse

CONSENTED = make_dataset(progress_consent=True)
HALF = Progress(n_cases=10, percentages={"outline": 50})


def hear(_: dict[str, JsonValue]) -> httpx.Response:
    """The registry's answer to a report."""
    return httpx.Response(200, json=CONSENTED.model_dump(mode="json"))


@pytest.fixture
def registry() -> LittleRegistry:
    """A registry that takes every report."""
    return LittleRegistry({"/datasets/4/progress": hear})


@pytest.fixture
def site(tmp_path: Path, registry: LittleRegistry) -> Site:
    """A site whose policy asks for ten cases."""
    return make_site(tmp_path, registry)


def told(registry: LittleRegistry) -> list[tuple[JsonValue, JsonValue]]:
    """Every report's status and percentages."""
    return [(body["status"], body["percentages"]) for _, body in registry.asked]


class TestTelling:
    def test_tells_once_in_a_while(self, site: Site, registry: LittleRegistry) -> None:
        """Of many changes in a moment the first is told."""
        teller = ProgressTeller(CONSENTED, site)

        for percentage in range(50, 100):
            teller.tell(Progress(n_cases=10, percentages={"outline": percentage}))

        assert told(registry) == [("running", {"outline": 50})]

    def test_keeps_a_few_cases_home(self, site: Site, registry: LittleRegistry) -> None:
        """Below the policy's minimum a percentage would count cases: none leaves."""
        ProgressTeller(CONSENTED, site).tell(Progress(n_cases=9, percentages={"outline": 50}))

        assert told(registry) == []

    def test_keeps_percentages_home_without_consent(
        self, site: Site, registry: LittleRegistry
    ) -> None:
        """An owner who did not consent is heard of by status alone."""
        ProgressTeller(make_dataset(progress_consent=False), site).tell(HALF)

        assert told(registry) == [("running", None)]

    def test_goes_on_without_the_registry(self, tmp_path: Path) -> None:
        """A registry that is away stops no preparation."""
        lonely = make_site(tmp_path, LittleRegistry({"": refuse(503, "away")}))

        ProgressTeller(CONSENTED, lonely).tell(HALF)


class TestReported:
    def test_says_that_people_have_work(self, site: Site, registry: LittleRegistry) -> None:
        """Running, then manual: not failed, and not waiting for release."""
        with reported(CONSENTED, site) as ending:
            ending.is_manual = True

        assert [status for status, _ in told(registry)] == [
            PreparationStatus.RUNNING,
            PreparationStatus.MANUAL,
        ]

    def test_says_that_it_failed(self, site: Site, registry: LittleRegistry) -> None:
        """Whatever is raised, the last word is that it failed."""
        with pytest.raises(RunnerError, match="gave up"), reported(CONSENTED, site):
            raise RunnerError("the cube gave up")

        assert [status for status, _ in told(registry)] == ["running", "failed"]
