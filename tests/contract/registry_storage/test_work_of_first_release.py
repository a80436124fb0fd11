"""What the first release decided, ran and wrote down stays, and what is open can be decided on."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    AuditRow,
    BenchmarkRow,
    CodeRow,
    CubeRow,
    DatasetRow,
    Entity,
    ExecutionRow,
    OrganisationRow,
    ResultRow,
    TokenRow,
    UserRow,
)
from registry_api.services import benchmarks
from registry_api.services.audit import digest_of, seal
from registry_api.storage.migrating import upgrade
from rounds.digests import sha256_json
from rounds.records.benchmarks import AssociationIn
from rounds.records.shown import association_document, benchmark_document
from tests.contract.registry_storage.stores import Store, by_id, first_rows

FOLLOWED: tuple[type[Entity], ...] = (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CodeRow,
    CubeRow,
    DatasetRow,
    ExecutionRow,
    OrganisationRow,
    ResultRow,
    TokenRow,
    UserRow,
)


class TestExecutions:
    def test_get_a_deadline(self, session: Session) -> None:
        """An attempt ends at the latest a week after its lease."""
        rows = session.exec(select(ExecutionRow)).all()

        given = {row.deadline - row.lease_until for row in rows}

        assert given == {timedelta(days=7)}

    def test_tell_where_their_results_stand(self, session: Session) -> None:
        """A result counts unless its execution was superseded, and says of what cell it is."""
        rows = session.exec(select(ResultRow).order_by(col(ResultRow.id))).all()

        found = [(row.status, row.benchmark_id, row.dataset_id, row.model_id) for row in rows]

        assert found == [("SUPERSEDED", 1, 1, 2), ("IN_FORCE", 1, 1, 2), ("IN_FORCE", 1, 2, 4)]


class TestApprovals:
    def test_ask_an_organisation(self, session: Session) -> None:
        """Whose role decides says which organisation is asked; administrators are none."""
        rows = session.exec(select(ApprovalRow)).all()

        asked = {(row.key, row.role): row.organisation_id for row in rows}

        assert asked[1, "administrator"] is None
        assert asked[8, "committee"] == 2
        assert asked[10, "model owner"] == 4
        assert asked[15, "data owner"] == 4

    def test_take_one_person_as_before(self, session: Session) -> None:
        """No approval of the first release needs a second person, and votes are none."""
        rows = session.exec(select(ApprovalRow)).all()

        found = {(row.needed, row.two_organisations, len(row.votes)) for row in rows}

        assert found == {(1, False, 0)}

    def test_of_a_pending_benchmark_are_about_it_as_it_is(self, session: Session) -> None:
        """What is still to be decided is bound to what would be shown now."""
        approval = session.get_one(ApprovalRow, 12)
        benchmark = session.get_one(BenchmarkRow, approval.subject_id)

        shown = benchmark_document(benchmarks.proposal_of(benchmark))

        assert approval.shown_sha256 == sha256_json(shown)

    @pytest.mark.parametrize("approval_id", [8, 10])
    def test_of_a_pending_association_are_about_it_as_it_is(
        self, session: Session, approval_id: int
    ) -> None:
        """What is still to be decided is bound to the request and the terms as they are now."""
        approval = session.get_one(ApprovalRow, approval_id)
        row = session.get_one(AssociationRow, approval.subject_id)
        asked = AssociationIn.model_validate(
            row.model_dump(include=set(AssociationIn.model_fields))
        )
        benchmark = session.get_one(BenchmarkRow, row.benchmark_id)

        shown = association_document(asked, benchmarks.proposal_of(benchmark))

        assert approval.shown_sha256 == sha256_json(shown)

    def test_that_were_decided_keep_what_was_shown(self, session: Session) -> None:
        """A decision stays bound to the very bytes that its person saw."""
        before = by_id(first_rows()["approval"])
        decided = session.exec(select(ApprovalRow).where(ApprovalRow.status != "PENDING")).all()

        assert {row.key: row.shown_sha256 for row in decided} == {
            row.key: before[row.key]["shown_sha256"] for row in decided
        }


class TestAudit:
    def test_keeps_every_entry(self, migrated: Store) -> None:
        """What was written down is there as it was, to be sealed."""
        entries = by_id(migrated.rows()["audit"])

        kept = [entries[key] for key in by_id(first_rows()["audit"])]

        unsealed = {"position": None, "sha256": None}
        assert kept == [row | unsealed for row in first_rows()["audit"]]

    @pytest.mark.parametrize("kind", FOLLOWED)
    def test_follows_every_row_on(self, session: Session, kind: type[Entity]) -> None:
        """The last entry of each row has the row's digest, and begins where the one before it ended."""
        rows = session.exec(select(kind)).all()

        for row in rows:
            subject = f"{kind.__tablename__}/{row.key}"
            entries = session.exec(
                select(AuditRow).where(AuditRow.subject == subject).order_by(col(AuditRow.id))
            ).all()
            before = entries[-2].after_sha256 if len(entries) > 1 else None
            assert entries[-1].after_sha256 == digest_of(row)
            assert entries[-1].before_sha256 == before
        assert rows

    def test_can_be_sealed(self, store: Store) -> None:
        """The sealer takes the entries of both releases in their order."""
        store.fill_as_first_release()
        with store.opened() as database:
            upgrade(database.engine)

            sealed = database.write(seal)

        rows = store.rows()["audit"]
        assert sealed == len(rows)
        assert [row["position"] for row in rows] == [row["id"] for row in rows]
