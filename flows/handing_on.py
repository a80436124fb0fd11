"""What follows a release request: at once if it is decided, else a review that waits for a person."""

from flows.runs import DIED_OR_FAILED, ensure_run
from rounds.errors import EgressDenied
from rounds.records.approvals import Approval, ApprovalStatus
from rounds.sites import Site
from tasks.departure import release, submit
from tasks.guard import StageFailed


def hand_on(approval: Approval, site: Site) -> None:
    """Release what is granted; start the review of what still waits."""
    if approval.status is ApprovalStatus.GRANTED:
        let_out(approval, site)
    elif approval.status is ApprovalStatus.PENDING:
        start_review(approval, site.profile.name)


def start_review(approval: Approval, place: str) -> None:
    """Have the review of an approval run at a site or the hub, unless it already does or did."""
    ensure_run(
        f"review/{place}",
        {"approval_id": approval.id},
        key=review_key(approval),
        again_after=DIED_OR_FAILED,
    )


def review_key(approval: Approval) -> str:
    """The name of an approval's review among runs."""
    return f"review-{approval.id}"


def let_out(approval: Approval, site: Site) -> None:
    """Release and submit each subject of a granted approval that is not held back and not yet out.

    One that cannot leave does not stop the others.

    Raises:
        EgressDenied: At least one could not leave; says how many did.
    """
    wanted = [
        item.subject_id
        for item in approval.items
        if item.subject_id not in {*approval.held_back, *approval.used}
    ]
    out = sum(_let_one_out(subject_id, approval, site) for subject_id in wanted)
    if out < len(wanted):
        raise EgressDenied(f"{out} of {len(wanted)} released; the failed tasks say why")


def _let_one_out(subject_id: int, approval: Approval, site: Site) -> bool:
    try:
        submit(release(subject_id, approval, site), site)
    except StageFailed:
        return False
    return True
