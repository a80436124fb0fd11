"""Changes of a benchmark: while it is decided on, while it is built, and what stays possible later.

1. Only what an administrator approved is judged with: a change of that, while the benchmark is built, makes
   it PENDING again and what was asked before VOID.
2. A change of the terms ends every association with the benchmark, asks each one's owner again, and
   makes VOID what waits to be published. A change of the preparator ends those of data it did not prepare.
3. A metrics cube is replaced at any time; what the old one scored is outstanding again.
4. Who changes by what rule, by how many people or by which cube is decided could decide by themselves: it
   takes a decider of the committee and a fresh sign-in.
"""

from sqlmodel import Session, col, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import ApprovalRow, AssociationRow, BenchmarkRow, DatasetRow
from registry_api.services import (
    approvals,
    associations,
    benchmarks,
    cubes,
    editing,
    joining,
    notices,
)
from registry_api.services.audit import changed
from registry_api.services.names import check_texts
from registry_api.services.outcomes import Verdict, settle, void_publications
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import (
    AssociationStatus,
    Benchmark,
    BenchmarkChange,
    BenchmarkIn,
    BenchmarkStatus,
    BenchmarkTerms,
    MetricsCubeChange,
    PreparatorChange,
)
from rounds.records.cubes import State
from rounds.records.people import Role
from rounds.transitions import BENCHMARK, STATE, move

EDITABLE = frozenset(
    {
        "description",
        "docs_url",
        "demo_dataset_url",
        "datasets",
        "models",
        "association_deadline_s",
        "cell_deadline_s",
        "is_active",
        "is_valid",
    }
)
DECIDERS = frozenset({"datasets", "models", "two_people"})
UNDECIDED = frozenset({"state", "is_active", "is_valid"})
PARTS = frozenset({"preparator_id", "reference_model_id", "contract", "state"})


def change(
    session: Session,
    who: Principal,
    benchmark_id: int,
    change: BenchmarkChange,
    *,
    revision: int,
) -> Benchmark:
    """The benchmark, changed.

    Raises:
        NotFound: There is no such benchmark or cube that `who` may know of.
        Forbidden: It is another organisation's, or how others join is changed by who may not decide.
        SignInNeeded: That is changed without a fresh sign-in.
        Conflict: It changed meanwhile, a field is frozen in OPERATION, the name is taken, or a cube is in
            DEVELOPMENT while it would be in OPERATION.
        InvalidInput: What it becomes is no benchmark.
    """
    row = _find_own(session, who, benchmark_id)
    editing.need_revision(row, revision, f"benchmark {benchmark_id}")
    current = benchmarks.as_benchmark(row).model_dump(mode="json")
    wanted = editing.changes(change, current, state=row.state, editable=EDITABLE)
    editing.need_values(wanted, UNDECIDED)
    check_texts(change)
    if wanted.keys() & DECIDERS:
        approvals.need_deciding(session, who, row.organisation_id, f"benchmark {benchmark_id}")
    merged = {name: (current | wanted)[name] for name in BenchmarkIn.model_fields}
    after = editing.rebuilt(BenchmarkIn, merged)
    if wanted.keys() & PARTS:
        benchmarks.check_parts(session, who, after)
    key = benchmarks.free_key(session, after.name, but=row.key)
    with changed(session, who, "benchmark.change", row):
        _write(row, after, key)
        row.is_valid = bool(wanted.get("is_valid", row.is_valid))
    if wanted.keys() & set(BenchmarkTerms.model_fields):
        _ask_everyone_again(session, who, row)
    if "preparator_id" in wanted:
        _end_unprepared(session, who, row)
    if not (row.is_valid and row.is_active):
        void_publications(session, who, row.key, "the benchmark was withdrawn")
    undecided = UNDECIDED if row.status == BenchmarkStatus.PENDING else UNDECIDED | EDITABLE
    if wanted.keys() - undecided:
        _ask_administrator_again(session, who, row)
    joining.refresh_benchmark(session, row.key)
    return benchmarks.as_benchmark(row)


def change_metrics(
    session: Session, who: Principal, benchmark_id: int, change: MetricsCubeChange, *, revision: int
) -> Benchmark:
    """The benchmark with a new metrics cube; results of the old one become outstanding again.

    Raises:
        NotFound: There is no such benchmark or cube.
        Forbidden: The benchmark is another organisation's, or `who` may not decide for this one.
        SignInNeeded: The sign-in is not fresh.
        InvalidInput: The cube is no metrics cube.
        Conflict: It changed after `revision`, is not approved, or is in OPERATION and the cube is not.
    """
    row = _find_own(session, who, benchmark_id)
    approvals.need_deciding(session, who, row.organisation_id, f"benchmark {benchmark_id}")
    editing.need_revision(row, revision, f"benchmark {benchmark_id}")
    benchmarks.need_approved(row)
    cube = cubes.find_kind(session, who, change.metrics_id, CubeKind.METRICS)
    if row.metrics_id == cube.key:
        return benchmarks.as_benchmark(row)
    if row.state == State.OPERATION:
        cubes.need_operation(cube)
    with changed(session, who, "benchmark.metrics", row):
        row.metrics_id = cube.key
    void_publications(session, who, row.key, "the metrics cube was replaced")
    joining.refresh_benchmark(session, row.key)
    notices.metrics_changed(session, row, who.at)
    return benchmarks.as_benchmark(row)


def change_preparator(
    session: Session, who: Principal, benchmark_id: int, change: PreparatorChange, *, revision: int
) -> Benchmark:
    """The benchmark with a new revision of its preparator.

    Is it compatible, then data that an earlier one prepared still counts. Is it not, then the
    associations of such datasets end, and their owners prepare again.

    Raises:
        NotFound: There is no such benchmark or cube.
        Forbidden: The benchmark is another organisation's, or `who` may not decide for this one.
        SignInNeeded: The sign-in is not fresh.
        InvalidInput: The cube is no preparator.
        Conflict: It changed after `revision`, is not approved, or is in OPERATION and the cube is not.
    """
    row = _find_own(session, who, benchmark_id)
    approvals.need_deciding(session, who, row.organisation_id, f"benchmark {benchmark_id}")
    editing.need_revision(row, revision, f"benchmark {benchmark_id}")
    benchmarks.need_approved(row)
    cube = cubes.find_kind(session, who, change.preparator_id, CubeKind.PREPARATOR)
    if row.state == State.OPERATION:
        cubes.need_operation(cube)
    kept = [key for key in row.compatible_preparators if key != cube.key]
    with changed(session, who, "benchmark.preparator", row):
        row.preparator_id = cube.key
        row.compatible_preparators = [*kept, cube.key] if change.is_compatible else [cube.key]
    if not change.is_compatible:
        _end_unprepared(session, who, row)
    return benchmarks.as_benchmark(row)


def _find_own(session: Session, who: Principal, benchmark_id: int) -> BenchmarkRow:
    row = benchmarks.find(session, who, benchmark_id)
    who.need_in(Role.MEMBER, row.organisation_id, f"benchmark {benchmark_id}")
    return row


def _write(row: BenchmarkRow, after: BenchmarkIn, key: str) -> None:
    if after.state != row.state:
        row.state = move(STATE, State(row.state), after.state)
    if after.preparator_id != row.preparator_id:
        row.compatible_preparators = [after.preparator_id]
    row.name, row.name_key, row.is_active = after.name, key, after.is_active
    row.preparator_id, row.reference_model_id = after.preparator_id, after.reference_model_id
    row.body = benchmarks.body_of(after)


def _ask_administrator_again(session: Session, who: Principal, row: BenchmarkRow) -> None:
    if row.status == BenchmarkStatus.REJECTED:
        return
    approval = session.get_one(ApprovalRow, row.approval_id)
    if approval.status == ApprovalStatus.PENDING:
        verdict = Verdict(status=ApprovalStatus.VOID, reason="changed meanwhile")
        settle(session, who, approval, verdict)
    if row.status == BenchmarkStatus.APPROVED:
        void_publications(session, who, row.key, "the benchmark changed")
        with changed(session, who, "benchmark.pending", row):
            row.status = move(BENCHMARK, BenchmarkStatus(row.status), BenchmarkStatus.PENDING)
    benchmarks.ask_approval(session, who, row)


def _ask_everyone_again(session: Session, who: Principal, row: BenchmarkRow) -> None:
    joined = session.exec(
        select(AssociationRow)
        .where(AssociationRow.benchmark_id == row.key)
        .where(col(AssociationRow.status).in_(associations.OPEN))
    ).all()
    for association in joined:
        _end(session, who, association, "the terms changed")
        wanted = associations.wish_of(association)
        associations.ask_side(session, who, row, wanted, priority=association.priority)


def _end_unprepared(session: Session, who: Principal, row: BenchmarkRow) -> None:
    joined = session.exec(
        select(AssociationRow)
        .join(DatasetRow, col(AssociationRow.dataset_id) == col(DatasetRow.id))
        .where(AssociationRow.benchmark_id == row.key)
        .where(col(AssociationRow.status).in_(associations.OPEN))
        .where(DatasetRow.preparator_id != row.preparator_id)
    ).all()
    for association in joined:
        _end(session, who, association, "prepared by an older preparator")


def _end(session: Session, who: Principal, association: AssociationRow, reason: str) -> None:
    approval = session.get_one(ApprovalRow, association.approval_id)
    pending = association.status == AssociationStatus.PENDING
    status = ApprovalStatus.VOID if pending else ApprovalStatus.REVOKED
    settle(session, who, approval, Verdict(status=status, reason=reason))
