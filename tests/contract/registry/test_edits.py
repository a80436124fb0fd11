"""Edits: everything while it is built, a short list once it is in OPERATION, and only one's own."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cube_specs.models import CubeKind
from rounds.client.registry import RegistryClient
from rounds.cubes import from_record, to_record
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import ApprovalStatus
from rounds.records.base import Record
from rounds.records.benchmarks import (
    BenchmarkChange,
    BenchmarkStatus,
    MetricContract,
    SharingPolicy,
    TwoPeople,
)
from rounds.records.cubes import CubeChange, CubeIn, Needs, State
from rounds.records.datasets import DatasetChange, ReleaseRule
from tests.contract.registry.builders import CONTRACT, make_cube, make_dataset, sha
from tests.contract.registry.scenes import ALWAYS
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World

URL = "https://models.example.org/files.tar.gz"


class TestCubes:
    def test_in_operation_keep_all_but_a_short_list(self, world: World) -> None:
        """What runs is frozen, each field by name; where its files lie, its needs and its validity are not (A9)."""
        maker = world.person("maker")
        cube = maker.register_cube(with_files("tree"))
        other = with_files("oak")
        frozen = {
            "name": "oak",
            "config": {**other.config, "image": "example/cube:2"},
            "parameters": {"depth": 3},
            "artifacts": other.artifacts,
            "additional_files_sha256": other.additional_files_sha256,
            "digest": other.digest,
            "state": "DEVELOPMENT",
        }

        for name, value in frozen.items():
            with pytest.raises(Conflict, match=f"^{name} is frozen in OPERATION"):
                change(maker, f"/cubes/{cube.id}", CubeChange, {name: value})
        needs = Needs(writable_root=True, scratch_gib=2)
        moved = CubeChange(additional_files_url=URL + "?2", needs=needs, is_valid=False)
        changed = maker.change_cube(cube.id, moved, revision=cube.revision)

        assert frozen.keys() | moved.model_fields_set == CubeChange.model_fields.keys()
        assert (changed.additional_files_url, changed.is_valid) == (URL + "?2", False)
        assert (changed.digest, changed.needs) == (cube.digest, needs)
        with pytest.raises(InvalidInput, match="needed both or none"):
            change(maker, f"/cubes/{cube.id}", CubeChange, {"additional_files_url": None})

    def test_in_development_change_whole(self, world: World) -> None:
        """While it is built a cube gets another name and content; its digest must be that of it."""
        maker = world.person("maker")
        early = make_cube("tree").model_copy(update={"state": State.DEVELOPMENT})
        cube = maker.register_cube(early)
        oak = make_cube("oak")
        wanted = {"name": oak.name, "artifacts": oak.artifacts, "digest": oak.digest}

        changed = change(maker, f"/cubes/{cube.id}", CubeChange, wanted | {"state": "OPERATION"})

        assert changed["digest"] == oak.digest
        assert maker.cube(cube.id).state is State.OPERATION


class TestDatasets:
    def test_in_operation_keep_all_but_the_owners_rules(self, world: World) -> None:
        """What was agreed to is frozen; the owner's rules, consent and withdrawal are not (A9)."""
        owner = world.person("owner")
        dataset = world.operational(world.approved_benchmark())
        frozen = {"name": "other", "description": "other", "location": "Leiden"}

        for name, value in (frozen | {"state": "DEVELOPMENT"}).items():
            with pytest.raises(Conflict, match=f"^{name} is frozen in OPERATION"):
                change(owner, f"/datasets/{dataset.id}", DatasetChange, {name: value})
        wanted = DatasetChange(
            statistics_release=ReleaseRule.ALWAYS,
            results_release=ReleaseRule.ALWAYS,
            progress_consent=True,
            is_valid=False,
        )
        changed = owner.change_dataset(dataset.id, wanted, revision=dataset.revision)

        assert changed.model_dump(include=wanted.model_fields_set) == wanted.model_dump(
            include=wanted.model_fields_set
        )

    def test_in_development_change(self, world: World) -> None:
        """Until it is prepared a dataset's description is its owner's to mend."""
        owner = world.person("owner")
        dataset = owner.register_dataset(make_dataset(world.approved_benchmark().id))

        wanted = DatasetChange(name="mended", location="Leiden")
        changed = owner.change_dataset(dataset.id, wanted, revision=dataset.revision)

        assert (changed.name, changed.location) == ("mended", "Leiden")
        with pytest.raises(InvalidInput, match="found null for name"):
            change(owner, f"/datasets/{dataset.id}", DatasetChange, {"name": None})


class TestBenchmarks:
    def test_in_operation_keep_all_but_a_short_list(self, world: World) -> None:
        """Cubes, terms and the two-people rule are frozen; doors, deadlines and activity are not (A9)."""
        committee = world.person("committee")
        benchmark = world.approved_benchmark()
        frozen: dict[str, object] = {
            "name": "other",
            "preparator_id": benchmark.preparator_id + 100,
            "reference_model_id": benchmark.reference_model_id + 100,
            "contract": MetricContract(metrics=CONTRACT.metrics[:1]),
            "sharing": SharingPolicy(pooled=SharingPolicy().per_site),
            "minimum_sites": 3,
            "partial_predictions": True,
            "minimum_coverage": 0.5,
            "two_people": TwoPeople(required=True),
            "demo_dataset_sha256": sha("another demo"),
            "state": "DEVELOPMENT",
        }

        for name, value in frozen.items():
            with pytest.raises(Conflict, match=f"^{name} is frozen in OPERATION"):
                change(committee, f"/benchmarks/{benchmark.id}", BenchmarkChange, {name: value})
        wanted = BenchmarkChange(
            description="other",
            docs_url="https://example.org/docs",
            demo_dataset_url="https://example.org/demo",
            datasets=ALWAYS,
            models=ALWAYS,
            association_deadline_s=60,
            cell_deadline_s=60,
            is_active=False,
            is_valid=False,
        )
        changed = committee.change_benchmark(benchmark.id, wanted, revision=benchmark.revision)

        assert frozen.keys() | wanted.model_fields_set == BenchmarkChange.model_fields.keys()
        assert changed.model_dump(include=wanted.model_fields_set) == wanted.model_dump(
            include=wanted.model_fields_set
        )

    def test_with_a_withdrawn_cube_can_still_be_closed(self, world: World) -> None:
        """A cube that its owner withdrew does not keep the committee from changing anything else."""
        committee, benchmark = world.person("committee"), world.approved_benchmark()
        reference = committee.cube(benchmark.reference_model_id)
        gone = CubeChange(is_valid=False)
        committee.change_cube(reference.id, gone, revision=reference.revision)

        closed = BenchmarkChange(is_active=False)
        changed = committee.change_benchmark(benchmark.id, closed, revision=benchmark.revision)

        assert changed.is_active is False


class TestPending:
    def test_changed_one_is_decided_on_anew(self, world: World) -> None:
        """An approval is void once its benchmark has changed; nobody decides on what they were not shown."""
        committee, before = world.person("committee"), world.propose(state=State.DEVELOPMENT)
        old = world.admin.approval(before.approval_id)
        wanted = BenchmarkChange(description="for lumps of every size")

        changed = committee.change_benchmark(before.id, wanted, revision=before.revision)

        new = world.admin.approval(changed.approval_id)
        assert committee.approval(old.id).status is ApprovalStatus.VOID
        assert (new.status, changed.status) == (ApprovalStatus.PENDING, BenchmarkStatus.PENDING)
        assert new.shown_sha256 != old.shown_sha256
        with pytest.raises(Conflict, match="is VOID, needed PENDING"):
            world.grant(world.admin, old.id)
        with pytest.raises(Conflict, match="about other bytes"):
            world.admin.decide(new.id, decision_on(old))
        world.grant(world.admin, new.id)
        assert committee.benchmark(before.id).status is BenchmarkStatus.APPROVED

    def test_is_asked_for_once_while_only_its_state_moves(self, world: World) -> None:
        """How far along a benchmark is was never part of what is decided."""
        committee, before = world.person("committee"), world.propose(state=State.DEVELOPMENT)

        wanted = BenchmarkChange(state=State.OPERATION)
        changed = committee.change_benchmark(before.id, wanted, revision=before.revision)

        assert changed.approval_id == before.approval_id
        assert committee.approval(before.approval_id).status is ApprovalStatus.PENDING


class TestOwnership:
    def test_others_change_nothing(self, world: World) -> None:
        """Who may see a thing and does not own it is refused; who may not know of it finds none."""
        benchmark = world.approved_benchmark()
        dataset = world.operational(benchmark)
        tree = world.person("maker").register_cube(make_cube("tree", CubeKind.MODEL))
        gone = {"is_valid": False}

        for who, path, record in (
            ("owner", f"/cubes/{tree.id}", CubeChange),
            ("owner", f"/benchmarks/{benchmark.id}", BenchmarkChange),
            ("committee", f"/datasets/{dataset.id}", DatasetChange),
            ("admin", f"/datasets/{dataset.id}", DatasetChange),
        ):
            with pytest.raises(Forbidden, match="somebody else's"):
                change(world.person(who), path, record, gone)
        with pytest.raises(NotFound, match="that you may know of"):
            change(world.person("maker"), f"/datasets/{dataset.id}", DatasetChange, gone)


def with_files(name: str) -> CubeIn:
    """A model with additional files, named by its name."""
    cube = replace(from_record(make_cube(name)), additional_files_sha256=sha(f"files of {name}"))
    return to_record(cube, url=URL, state=State.OPERATION)


def change(
    who: RegistryClient, path: str, record: type[Record], fields: Mapping[str, object]
) -> dict[str, object]:
    """What is at `path` after an edit of some fields, whatever revision it has."""
    revision = who._send("GET", path).json()["revision"]
    body = record.model_validate(fields)
    answer: dict[str, object] = who._send("PATCH", path, body=body, revision=revision).json()
    return answer
