"""Changes of an association: its end by either side, and a model's priority."""

from sqlmodel import Session

from registry_api.auth import Principal
from registry_api.models import ApprovalRow, BenchmarkRow
from registry_api.services import approvals, associations, editing, joining
from registry_api.services.audit import changed
from registry_api.services.outcomes import Verdict, settle
from rounds.errors import Conflict, Forbidden
from rounds.identifiers import check_text
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import Association, PriorityChange
from rounds.records.people import Role


def revoke(session: Session, who: Principal, association_id: int, reason: str) -> Association:
    """The association, REVOKED together with its approval by either side; outstanding work stops.

    Raises:
        NotFound: There is none that `who` may know of.
        InvalidInput: The reason looks like an identifier.
        Forbidden: `who` decides for neither side.
        SignInNeeded: The sign-in is not fresh.
        Conflict: It is not APPROVED.
    """
    check_text(reason, field="reason")
    row = associations.find(session, who, association_id)
    approval = session.get_one(ApprovalRow, row.approval_id)
    benchmark = session.get_one(BenchmarkRow, row.benchmark_id)
    joins_id = associations.owner_of(session, associations.wish_of(row))
    sides = (benchmark.organisation_id, joins_id)
    mine = next((side for side in sides if who.may(Role.DECIDER, side)), None)
    if mine is None:
        message = f"association {association_id} is for its committee or its owner to revoke"
        raise Forbidden(f"{message}, needed a decider of one of them")
    approvals.need_fresh(session, who, mine)
    settle(session, who, approval, Verdict(status=ApprovalStatus.REVOKED, reason=reason))
    return associations.as_association(row)


def set_priority(
    session: Session, who: Principal, association_id: int, change: PriorityChange, *, revision: int
) -> Association:
    """A model's association with a new priority.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: Neither the benchmark's owner nor an administrator asks.
        Conflict: It changed after `revision`, or is a dataset's.
    """
    row = associations.find(session, who, association_id)
    benchmark = session.get_one(BenchmarkRow, row.benchmark_id)
    if not who.is_admin:
        who.need_in(Role.MEMBER, benchmark.organisation_id, f"benchmark {benchmark.key}")
    editing.need_revision(row, revision, f"association {association_id}")
    if row.model_id is None:
        raise Conflict("only models have a priority, found a dataset's association")
    with changed(session, who, "association.priority", row):
        row.priority = change.priority
    joining.refresh_model(session, row.model_id)
    return associations.as_association(row)
