"""Datasets: registered in DEVELOPMENT, prepared, and never back."""

from dataclasses import replace

import httpx
import pytest

from rounds.artifacts import ReleasedStatistics
from rounds.client.registry import RegistryClient
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden
from rounds.records.approvals import ApprovalKind, Item
from rounds.records.cubes import State
from rounds.records.datasets import (
    Dataset,
    DatasetChange,
    PreparationStatus,
    ProgressIn,
    ReleaseRule,
)
from rounds.records.releases import statistics_document
from tests.contract.registry.builders import make_dataset, sha
from tests.contract.registry.wishes import N_CASES, SALT
from tests.contract.registry.world import World

BY_RULE = {"statistics_release": ReleaseRule.ALWAYS}


class TestRegistration:
    def test_needs_an_approved_benchmark(self, world: World) -> None:
        """No dataset is registered for a benchmark that may yet be refused."""
        benchmark = world.propose()

        with pytest.raises(Conflict, match="is PENDING, needed APPROVED"):
            world.person("committee").register_dataset(make_dataset(benchmark.id))

    def test_begins_in_development(self, world: World) -> None:
        """Whatever state is sent, nothing is in OPERATION before its preparation is released (A11)."""
        benchmark, secret = world.approved_benchmark(), world.token("owner")
        wanted = make_dataset(benchmark.id).model_dump(mode="json") | {"state": "OPERATION"}

        answer = httpx.post(
            f"{world.served.url}/api/v1/datasets",
            json=wanted,
            headers={"Authorization": f"Bearer {secret}"},
        )

        dataset = world.person("owner").dataset(Dataset.model_validate_json(answer.content).id)
        assert dataset.state is State.DEVELOPMENT
        assert dataset.progress.status is PreparationStatus.NOT_STARTED
        assert (dataset.prepared_digest, dataset.statistics) == (None, {})

    def test_is_a_sites_own(self, world: World) -> None:
        """A worker's token of one site registers nothing for another."""
        benchmark = world.approved_benchmark()
        worker = world.worker("owner", "site-b")

        with pytest.raises(Forbidden, match="for site site-b"):
            worker.register_dataset(make_dataset(benchmark.id, "site-a"))

    def test_of_the_same_raw_data_names_its_twin(self, world: World) -> None:
        """One owner's same raw data is registered once for a benchmark."""
        benchmark = world.approved_benchmark()
        dataset = world.person("owner").register_dataset(make_dataset(benchmark.id))

        with pytest.raises(Conflict, match=f"as dataset {dataset.id}"):
            world.person("owner").register_dataset(make_dataset(benchmark.id))


class TestPreparation:
    def test_is_followed_to_operation_and_never_back(self, world: World) -> None:
        """Progress, statistics and the keyed digest are stored; an operational dataset stays so (A11)."""
        owner = world.person("owner")
        dataset = owner.register_dataset(make_dataset(world.approved_benchmark().id))
        seen = [report(owner, dataset, status).progress.status for status in ("running", "waiting")]
        released = world.ask_statistics(owner, dataset)
        back = DatasetChange(state=State.DEVELOPMENT)
        with pytest.raises(Conflict, match="is PENDING, needed GRANTED"):
            owner.submit_statistics(released)
        world.grant(owner, released.approval_id)

        done = owner.submit_statistics(released)

        assert seen == [PreparationStatus.RUNNING, PreparationStatus.WAITING]
        assert (done.state, done.statistics) == (State.OPERATION, {"mean_age": 54.5})
        assert done.prepared_digest == released.prepared_digest
        assert owner.submit_statistics(released) == done
        with pytest.raises(Conflict, match="found finished, which may become nothing"):
            report(owner, dataset, "running")
        with pytest.raises(Conflict, match="is in OPERATION with other bytes"):
            owner.submit_statistics(replace(released, sha256=sha("other")))
        with pytest.raises(Conflict, match="state is frozen in OPERATION"):
            owner.change_dataset(dataset.id, back, revision=done.revision)

    def test_alone_moves_the_state(self, world: World) -> None:
        """An edit does not make a dataset operational: its released preparation does."""
        owner = world.person("owner")
        dataset = owner.register_dataset(make_dataset(world.approved_benchmark().id))
        wanted = DatasetChange(state=State.OPERATION)

        with pytest.raises(Conflict, match="moves with its released preparation"):
            owner.change_dataset(dataset.id, wanted, revision=dataset.revision)

    def test_tells_percentages_with_consent_only(self, world: World) -> None:
        """The status is always taken; percentages with consent, and gone once it is withdrawn (A14)."""
        benchmark, owner = world.approved_benchmark(), world.person("owner")
        dataset = owner.register_dataset(make_dataset(benchmark.id))
        with pytest.raises(Forbidden, match="whose owner did not consent"):
            report(owner, dataset, "running", masks=40)
        assert report(owner, dataset, "running").progress.percentages is None

        told = consent(owner, dataset, given=True)
        told = report(owner, told, "running", masks=40)
        after = consent(owner, dataset, given=False)

        assert told.progress.percentages == {"masks": 40}
        assert (after.progress.status, after.progress.percentages) == (told.progress.status, None)

    def test_is_its_owners_to_tell(self, world: World) -> None:
        """The committee follows a preparation, and reports none."""
        dataset = world.person("owner").register_dataset(
            make_dataset(world.approved_benchmark().id)
        )
        committee = world.person("committee")

        assert committee.dataset(dataset.id) == dataset
        with pytest.raises(Forbidden, match="somebody else's"):
            report(committee, dataset, "running")


class TestTwins:
    def test_of_one_owner_are_refused_and_of_two_unknown(self, world: World) -> None:
        """The same prepared data counts once for its owner; another owner learns nothing (A12)."""
        benchmark, owner, second = (
            world.approved_benchmark(),
            world.person("owner"),
            world.person("second"),
        )
        first = submit_same(world, owner, benchmark.id, "raw 1")

        with pytest.raises(Conflict, match=f"your dataset {first.id} holds the same prepared"):
            submit_same(world, owner, benchmark.id, "raw 2")
        other = submit_same(world, second, benchmark.id, "raw 1")

        assert other.state is State.OPERATION
        assert [dataset.id for dataset in second.datasets()] == [other.id]


def report(owner: RegistryClient, dataset: Dataset, status: str, **percentages: int) -> Dataset:
    """The dataset after a report, as a site would send it that has no gate."""
    body = ProgressIn(status=PreparationStatus(status), percentages=percentages or None)
    return owner._put(Dataset, f"/datasets/{dataset.id}/progress", body)


def consent(owner: RegistryClient, dataset: Dataset, *, given: bool) -> Dataset:
    """The dataset once its owner consented to percentages, or does no more."""
    revision = owner.dataset(dataset.id).revision
    wanted = DatasetChange(progress_consent=given)
    return owner.change_dataset(dataset.id, wanted, revision=revision)


def submit_same(world: World, owner: RegistryClient, benchmark_id: int, raw: str) -> Dataset:
    """A dataset of one's own whose prepared data is everybody's."""
    wanted = make_dataset(benchmark_id, raw_digest=sha(raw), **BY_RULE)
    dataset = owner.register_dataset(wanted)
    prepared, statistics = sha("the same patients"), {"mean_age": 54.5}
    document = statistics_document(dataset.id, prepared, statistics, N_CASES, salt=SALT)
    items = [Item(subject_id=dataset.id, sha256=sha256_json(document))]
    approval = world.ask(owner, ApprovalKind.STATISTICS, dataset.id, items)
    released = ReleasedStatistics(
        dataset_id=dataset.id,
        sha256=items[0].sha256,
        approval_id=approval.id,
        prepared_digest=prepared,
        statistics=statistics,
        n_cases=N_CASES,
        salt=SALT,
    )
    return owner.submit_statistics(released)
