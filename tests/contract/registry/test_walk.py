"""Role x route x somebody else's object, over the whole OpenAPI document: no leak, no fault (A31)."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rounds.artifacts import ReleasedMetrics
from rounds.client.registry import RegistryClient
from rounds.errors import Conflict, NotFound
from rounds.records.executions import ClaimIn
from tests.contract.registry.consortium import Consortium
from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.walk import (
    ADMINISTRATORS,
    KNOWN,
    LISTED,
    NAMED_IN_BODY,
    ONES_OWN,
    OPEN,
    Asker,
)
from tests.contract.registry.walking import (
    FAR_BEYOND,
    Walk,
    awaited,
    is_ones_own,
    known_to,
    knows,
    may_list,
    told,
    unknown_status,
)
from tests.contract.registry.wishes import released, scores_sha256
from tests.contract.registry.world import World

SIGNED_IN = [asker for asker in Asker if asker is not Asker.NOBODY]


@pytest.fixture(scope="module", params=KINDS)
def walk(
    request: pytest.FixtureRequest,
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Walk]:
    """A walk through one consortium, built once on each kind of database."""
    folder = tmp_path_factory.mktemp("walk")
    with databases.lent(request.param, folder) as address, ExitStack() as stack:
        served = stack.enter_context(serve_registry(folder, database=address))
        yield Walk(Consortium(World(served=served, stack=stack)).build())


class TestRoutes:
    def test_are_all_in_the_walk(self, walk: Walk) -> None:
        """A route that is new must be put into the walk: it names things by id, or is listed in its table."""
        listed = {f"GET {path}" for path in LISTED}
        tables = OPEN | ONES_OWN | ADMINISTRATORS | NAMED_IN_BODY.keys() | listed

        missing = {each for each in walk.operations if "{" not in each and each not in tables}
        gone = tables - set(walk.operations)

        assert missing == set()
        assert gone == set()

    def test_want_a_token(self, walk: Walk) -> None:
        """Who has no token is told so whatever there is, but for what is open to everyone."""
        first = {f"{noun}_id": 1 for noun in KNOWN}

        answers = {
            each: walk.send(Asker.NOBODY, each, first).status_code for each in walk.operations
        }

        admitted = {each for each, status in answers.items() if status != 401}
        assert admitted == OPEN - {"POST /api/v1/sign-in", "POST /api/v1/sign-in/invitation"} | {
            "GET /api/v1/publications/{publication_id}"
        }


@pytest.mark.parametrize("asker", SIGNED_IN)
class TestThings:
    def test_that_one_may_not_know_of_are_like_none(self, walk: Walk, asker: Asker) -> None:
        """Whoever may not know of a thing is told the same as of an id that does not exist, text and all."""
        aims = [aim for aim in walk.aims() if not knows(asker, aim)]

        of_none = {
            aim.route: told(walk.ask(asker, aim, far=True))
            for aim in {aim.route: aim for aim in aims}.values()
        }
        answers = {aim: told(walk.ask(asker, aim)) for aim in aims}

        assert [
            f"{aim}: {answer}, of none {of_none[aim.route]}"
            for aim, answer in answers.items()
            if answer != of_none[aim.route] or answer[0] != unknown_status(aim.operation)
        ] == []

    def test_that_are_anothers_are_read_and_no_more(self, walk: Walk, asker: Asker) -> None:
        """Whoever may know of a thing that is another's reads it, and is refused everything else."""
        aims = [aim for aim in walk.aims() if knows(asker, aim) and not is_ones_own(asker, aim)]

        answers = {aim: walk.ask(asker, aim).status_code for aim in aims}

        assert [
            f"{aim}: {status}, not {awaited(asker, aim)}"
            for aim, status in answers.items()
            if status != awaited(asker, aim)
        ] == []

    def test_are_listed_to_those_who_may_know_of_them(self, walk: Walk, asker: Asker) -> None:
        """A list holds what its reader may know of and nothing else."""
        paths = [path for path in LISTED if may_list(asker, path)]

        answers = {path: walk.listed(asker, path) for path in paths}

        assert answers == {path: known_to(asker, LISTED[path]) for path in paths}


class TestNamesInPassing:
    def test_approval_of_another_is_like_none(self, walk: Walk) -> None:
        """Who submits under an approval of somebody else's is told the same as under none."""
        world, ids = walk.consortium.world, walk.consortium.ids
        neighbour = world.person("neighbour")
        claim = neighbour.claim(
            ClaimIn(
                benchmark_id=ids["benchmark"]["joined"],
                dataset_id=ids["dataset"]["neighbours"],
                model_id=ids["cube"]["modellers"],
                key="one-more-cell",
            )
        )
        execution, token = claim.execution_id, claim.fencing_token
        scored = scores_sha256(execution)
        neighbour.scored(execution, fencing_token=token, sha256=scored, inputs={})

        told_of = [
            refusal_of(neighbour, released(execution, approval_id), fencing_token=token)
            for approval_id in (ids["approval"]["owners"], ids["approval"]["benchmark"], FAR_BEYOND)
        ]

        assert (
            told_of == ["found no such approval of results, needed one; request their release"] * 3
        )

    def test_publication_is_not_proposed_to_a_sites_worker(self, walk: Walk) -> None:
        """A token that is limited to a site sees nothing of the committee's that its person belongs to."""
        worker = walk.consortium.world.worker("committee", "site-z")

        with pytest.raises(NotFound, match="found no publication"):
            worker.proposed_publication(walk.consortium.ids["publication"]["waiting"])


def refusal_of(client: RegistryClient, scores: ReleasedMetrics, *, fencing_token: int) -> str:
    """Why a submission is refused."""
    with pytest.raises(Conflict, match="approval") as refused:
        client.submit(scores, fencing_token=fencing_token)
    return refused.value.summary
