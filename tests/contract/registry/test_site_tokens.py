"""A token that is limited to a site: it works on that site's datasets, and reads at most beside."""

from collections.abc import Callable

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import Forbidden, NotFound
from rounds.records.approvals import ApprovalKind, Item, Suspension
from rounds.records.benchmarks import AssociationStatus, Benchmark, BenchmarkChange
from rounds.records.cubes import CubeChange
from rounds.records.datasets import DatasetChange
from rounds.records.people import (
    MemberIn,
    OrganisationChange,
    OrganisationIn,
    Role,
    TokenIn,
    UserChange,
)
from tests.contract.registry.builders import make_benchmark, make_cube, make_dataset, sha
from tests.contract.registry.scenes import OPEN_DOORS
from tests.contract.registry.wishes import claim_of, released, scores_sha256
from tests.contract.registry.world import World, email_of

LIMITED = "the token is limited to the datasets of site site-a, needed one for no site"
RUN = "3f0e7a52-9d6c-4c3e-8f60-0d2a7f6f4b11"
Deed = Callable[[RegistryClient, Benchmark], object]


def strong_worker(world: World, name: str, site: str = "site-a") -> RegistryClient:
    """A client with somebody's token for one site, as strong as such a token can be."""
    person = world.person(name)
    wanted = TokenIn(label="worker", site=site, role=Role.MANAGER)
    return world.client(person.mint_token(person.me().id, wanted).secret or "")


def withdraw_metrics(worker: RegistryClient, benchmark: Benchmark) -> object:
    """Withdraw the cube that judges everybody."""
    return worker.change_cube(benchmark.metrics_id, CubeChange(is_valid=False), revision=1)


def change_benchmark(worker: RegistryClient, benchmark: Benchmark) -> object:
    """Change what the committee proposed."""
    change = BenchmarkChange(description="Ours")
    return worker.change_benchmark(benchmark.id, change, revision=benchmark.revision)


def publish(worker: RegistryClient, benchmark: Benchmark) -> object:
    """Ask for a publication."""
    return worker.request_publication(benchmark.id)


def propose(worker: RegistryClient, like: Benchmark) -> object:
    """Propose another benchmark."""
    parts = (like.preparator_id, like.reference_model_id, like.metrics_id)
    return worker.propose_benchmark(make_benchmark(*parts, name="more"))


def register_cube(worker: RegistryClient, _: Benchmark) -> object:
    """Register a cube in one's own organisation."""
    return worker.register_cube(make_cube("smuggled"))


def found(worker: RegistryClient, _: Benchmark) -> object:
    """Found an organisation."""
    return worker.found_organisation(OrganisationIn(name="Mine"))


def ask_for_codes(worker: RegistryClient, _: Benchmark) -> object:
    """Change one's own organisation."""
    home = worker.me().organisation_id
    return worker.change_organisation(home, OrganisationChange(second_factor=True), revision=1)


def rename(worker: RegistryClient, _: Benchmark) -> object:
    """Change its person's name."""
    user = worker.me()
    return worker.change_user(user.id, UserChange(name="Nobody"), revision=user.revision)


def join(worker: RegistryClient, _: Benchmark) -> object:
    """Take a place that was offered to its person."""
    return worker.join(offered_to(worker))


def leave(worker: RegistryClient, _: Benchmark) -> object:
    """Give up a place of its person."""
    ward = offered_to(worker)
    place = next(found for found in worker.members(ward) if found.email == worker.me().email)
    return worker.remove_member(ward, place.id)


def appoint(worker: RegistryClient, _: Benchmark) -> object:
    """Offer a place."""
    return worker.offer_place(offered_to(worker), MemberIn(email=email_of("eve")))


def offered_to(worker: RegistryClient) -> int:
    """The organisation that is there beside the person's own."""
    return next(found.id for found in worker.organisations() if not found.is_personal)


BEYOND = (
    withdraw_metrics,
    change_benchmark,
    publish,
    propose,
    register_cube,
    found,
    ask_for_codes,
    rename,
    join,
    leave,
    appoint,
)


class TestBeyondItsSite:
    @pytest.mark.parametrize("deed", BEYOND)
    def test_changes_nothing(self, world: World, deed: Deed) -> None:
        """However much its person may do, a site's token changes nothing but the work on the site's datasets."""
        benchmark = world.approved_benchmark()
        world.organisation("Ward 7", "committee")
        worker = strong_worker(world, "committee")
        before = [entry.id for entry in world.admin.audit()]

        with pytest.raises(Forbidden, match=LIMITED):
            deed(worker, benchmark)

        assert [entry.id for entry in world.admin.audit()] == before

    def test_brings_no_model_in(self, world: World) -> None:
        """A model of its person's joins by their own token."""
        benchmark, maker = world.approved_benchmark(**OPEN_DOORS), world.person("maker")
        model = maker.register_cube(make_cube("tree"))
        wanted = world.wish(benchmark, model_id=model.id)

        with pytest.raises(Forbidden, match="what would join is somebody else's"):
            strong_worker(world, "maker").associate(wanted)

        assert maker.associate(wanted).model_id == model.id

    def test_wakes_no_run_of_the_hub(self, world: World) -> None:
        """Whose person sits on the committee as well does not act for the committee by a site's token."""
        benchmark = world.approved_benchmark()
        dataset = world.operational(benchmark, "committee")
        worker, other = strong_worker(world, "committee"), world.person("committee")
        approval_id = other.associate(world.wish(benchmark, dataset_id=dataset.id)).approval_id

        with pytest.raises(Forbidden, match="wakes runs of its committee's hub"):
            worker.suspend(approval_id, Suspension(flow_run_id=RUN))
        with pytest.raises(Forbidden, match=LIMITED):
            worker.request_publication(benchmark.id)

        assert not other.approval(approval_id).suspended

    def test_sees_and_ends_no_other_token(self, world: World) -> None:
        """A site's token knows of itself alone among its person's tokens and sessions."""
        owner, worker = world.person("owner"), world.worker("owner", "site-a")
        others = [token.id for token in owner.tokens() if token.site is None]

        seen = worker.tokens()

        assert [token.site for token in seen] == ["site-a"]
        for token_id in others:
            with pytest.raises(NotFound, match=f"found no token {token_id}"):
                worker.revoke_token(token_id)
        assert worker.revoke_token(seen[0].id).revoked_at == world.served.clock.now
        assert owner.me().email == email_of("owner")


class TestAtItsSite:
    def test_does_the_whole_work(self, world: World) -> None:
        """From the registration of a dataset to its scores a site's own token does all but decide."""
        benchmark = world.approved_benchmark(**OPEN_DOORS)
        owner, worker = world.person("owner"), world.worker("owner", "site-a")

        dataset = worker.register_dataset(make_dataset(benchmark.id))
        statistics = world.ask_statistics(worker, dataset)
        world.grant(owner, statistics.approval_id)
        dataset = worker.submit_statistics(statistics)
        association = worker.associate(world.wish(benchmark, dataset_id=dataset.id))
        claim = worker.claim(claim_of(dataset, benchmark))
        key, token = claim.execution_id, claim.fencing_token
        worker.heartbeat(key, fencing_token=token)
        worker.scored(key, fencing_token=token, sha256=scores_sha256(key), inputs={})
        items = [Item(subject_id=key, sha256=scores_sha256(key))]
        asked = world.ask(worker, ApprovalKind.RESULTS, dataset.id, items)
        worker.suspend(asked.id, Suspension())
        worker.extend(asked.id, 7200)
        world.grant(owner, asked.id)
        receipt = worker.submit(released(key, asked.id), fencing_token=token)

        assert association.status is AssociationStatus.APPROVED
        assert receipt.sha256 == scores_sha256(key)
        assert [result.execution_id for result in worker.results()] == [key]

    def test_withdraws_its_dataset(self, world: World) -> None:
        """A dataset of the site is the token's to change, and another site's is not to be found."""
        benchmark = world.approved_benchmark()
        owner, worker = world.person("owner"), world.worker("owner", "site-a")
        here = owner.register_dataset(make_dataset(benchmark.id))
        there = owner.register_dataset(make_dataset(benchmark.id, "site-b"))
        change = DatasetChange(is_valid=False)

        withdrawn = worker.change_dataset(here.id, change, revision=here.revision)

        assert not withdrawn.is_valid
        with pytest.raises(NotFound, match=f"found no dataset {there.id}"):
            worker.change_dataset(there.id, change, revision=there.revision)

    def test_is_no_more_than_its_person_s(self, world: World) -> None:
        """Where its person only reads, so does a site's token, at its own site as well."""
        benchmark = world.approved_benchmark()
        ward = world.organisation("Ward 7", "owner", "reader", role=Role.READER)
        wanted = make_dataset(benchmark.id, organisation_id=ward)
        dataset = world.person("owner").register_dataset(wanted)

        with pytest.raises(Forbidden, match=f"you act as reader for dataset {dataset.id}"):
            strong_worker(world, "reader").change_dataset(
                dataset.id, DatasetChange(is_valid=False), revision=dataset.revision
            )

        assert world.person("owner").dataset(dataset.id).is_valid

    def test_lists_as_its_own_to_decide_what_is_the_data_owner_s(self, world: World) -> None:
        """What waits for the committee is not a site's, though both are one person's."""
        benchmark, owner = world.approved_benchmark(), world.person("owner")
        ward = world.organisation("Ward 7", "owner", "committee")
        dataset = world.operational(benchmark, organisation_id=ward)
        owner.associate(world.wish(benchmark, dataset_id=dataset.id))
        wanted = make_dataset(benchmark.id, raw_digest=sha("more"), organisation_id=ward)
        waits = world.ask_statistics(owner, owner.register_dataset(wanted)).approval_id

        mine = strong_worker(world, "committee").approvals(mine=True, open=True)

        assert [approval.id for approval in mine] == [waits]
