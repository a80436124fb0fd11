"""What the first release registered belongs to its owner's organisation, and is in use where it was."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from registry_api.models import BenchmarkRow, CellRow, CubeRow, DatasetRow
from registry_api.services import benchmarks, cubes, datasets
from registry_api.storage.migrating import downgrade, upgrade
from registry_api.storage.migrations.release_1.tables import BENCHMARKS as FIRST
from rounds.records.benchmarks import AutoApproval, AutoApprovalMode, BenchmarkIn
from rounds.records.cubes import State
from tests.contract.registry_storage.stores import Store, by_id, first_rows

COMMITTEE, OWNER, SECOND, MAKER, THIRD = 2, 3, 4, 5, 7


class TestCubes:
    def test_are_in_operation(self, session: Session) -> None:
        """A cube that was registered was in use; it reads as a record, its owner's as before."""
        rows = session.exec(select(CubeRow).order_by(col(CubeRow.id))).all()

        read = [cubes.as_cube(row) for row in rows]

        assert {cube.state for cube in read} == {State.OPERATION}
        owners = [row["owner_id"] for row in first_rows()["cube"]]
        assert [cube.organisation_id for cube in read] == owners

    def test_that_look_alike_keep_their_names(self, session: Session) -> None:
        """Two names that the first release told apart stay, the later with a key that no name has."""
        rows = session.exec(select(CubeRow).where(col(CubeRow.id).in_([4, 5]))).all()

        found = [(row.name, row.name_key) for row in rows]

        assert sorted(found) == [("Model-1", "model-l"), ("model l", "model-l 5")]


class TestBenchmarks:
    def test_are_in_operation_once_approved(self, session: Session) -> None:
        """An approved benchmark is in use, any other is not."""
        rows = session.exec(select(BenchmarkRow).order_by(col(BenchmarkRow.id))).all()

        found = [(row.status, row.state, row.is_active) for row in rows]

        assert found == [
            ("APPROVED", "OPERATION", True),
            ("APPROVED", "OPERATION", True),
            ("REJECTED", "DEVELOPMENT", True),
            ("PENDING", "DEVELOPMENT", True),
        ]

    def test_read_as_proposals(self, session: Session) -> None:
        """A benchmark's document is whole, with what is new in it as a new proposal would have it."""
        row = session.get_one(BenchmarkRow, 1)

        proposal = benchmarks.proposal_of(row)

        assert benchmarks.body_of(proposal) == row.body
        plain = BenchmarkIn.model_validate(
            first_rows()["benchmark"][0]["body"] | {"metrics_id": 8, "state": "OPERATION"}  # type: ignore[operator]
        )
        assert proposal == plain
        assert row.compatible_preparators == [row.preparator_id]

    def test_list_organisations(self, session: Session) -> None:
        """Who was on an allow-list is on it still, by the organisation of one."""
        row = session.get_one(BenchmarkRow, 1)

        rule = benchmarks.proposal_of(row).models

        assert rule == AutoApproval(mode=AutoApprovalMode.ALLOWLIST, allow=(MAKER, OWNER))

    def test_with_a_longer_deadline_are_cut_to_a_year(self, store: Store) -> None:
        """A deadline that is longer than any may be now becomes the longest."""
        store.fill_as_first_release()
        with store.connected() as connection:
            body = connection.execute(select(FIRST.c.body)).scalars().all()[0]
            connection.execute(update(FIRST).values(body=body | {"approval_deadline_s": 99999999}))

        with store.opened() as database:
            upgrade(database.engine)

        with store.opened() as database, database.reading() as session:
            found = benchmarks.as_benchmark(session.get_one(BenchmarkRow, 1))
        assert found.approval_deadline_s == 366 * 24 * 3600


class TestDatasets:
    def test_are_prepared_by_their_benchmarks_preparator(self, session: Session) -> None:
        """A dataset has its benchmark's preparator, and a progress that says whether it is prepared."""
        rows = session.exec(select(DatasetRow).order_by(col(DatasetRow.id))).all()

        read = [datasets.as_dataset(row) for row in rows]

        assert {dataset.preparator_id for dataset in read} == {1}
        assert [dataset.progress.status for dataset in read] == [
            "finished",
            "finished",
            "not_started",
            "finished",
            "not_started",
        ]
        assert [dataset.organisation_id for dataset in read] == [OWNER, SECOND, OWNER, THIRD, THIRD]

    def test_of_the_same_raw_data_are_both_kept(self, session: Session) -> None:
        """Raw data that was prepared for two benchmarks stays two datasets, each known by its digest."""
        first, twin = session.get_one(DatasetRow, 1), session.get_one(DatasetRow, 3)

        digests = {datasets.as_dataset(row).raw_digest for row in (first, twin)}

        assert digests == {first.raw_digest}
        assert twin.raw_digest == f"{first.raw_digest} 3"

    def test_of_the_same_prepared_data_are_both_kept(self, store: Store) -> None:
        """What was prepared alike for two benchmarks stays two datasets, there and back again."""
        store.fill_as_first_release()
        same = "UPDATE dataset SET prepared_digest = repeat_of WHERE id IN (1, 3)"
        store.run(same.replace("repeat_of", f"'{'a' * 64}'"))

        with store.opened() as database:
            upgrade(database.engine)
            up = store.rows()
            downgrade(database.engine, "0001")

        found = [by_id(up["dataset"])[key]["prepared_digest"] for key in (1, 3)]
        assert found == ["a" * 64, f"{'a' * 64} 3"]
        assert {by_id(store.rows()["dataset"])[key]["prepared_digest"] for key in (1, 3)} == {
            "a" * 64
        }


class TestCells:
    def test_are_those_that_are_joined(self, session: Session) -> None:
        """Each approved dataset meets each approved model and the reference model."""
        rows = session.exec(select(CellRow).where(CellRow.is_joined)).all()

        found = {(row.dataset_id, row.model_id): (row.priority, row.execution_id) for row in rows}

        assert {row.benchmark_id for row in rows} == {1}
        assert found == {
            (1, 2): (0, 2),
            (1, 4): (7, 4),
            (1, 5): (0, 5),
            (2, 2): (0, 7),
            (2, 4): (7, 3),
            (2, 5): (0, 6),
        }

    def test_remember_what_was_run(self, session: Session) -> None:
        """What was run and left the benchmark keeps its attempt, so that its number is not given twice."""
        left = session.exec(select(CellRow).where(~col(CellRow.is_joined))).one()

        assert (left.dataset_id, left.model_id, left.execution_id) == (4, 4, 8)
