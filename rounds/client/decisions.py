"""The client's part for approvals: asking, deciding, and sleeping on them."""

from rounds.client.connection import Connection
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    CodeIn,
    CodeOut,
    DecisionIn,
    Delegation,
    Extension,
    ReleaseRequest,
    Suspension,
)
from rounds.records.executions import Withdrawal


class Decisions(Connection):
    """Approvals; each method is one route."""

    def request_release(self, request: ReleaseRequest) -> Approval:
        """The approval that the data owner is asked for; asked again, the same one while it is live."""
        return self._post(Approval, "/approvals", request)

    def approval(self, approval_id: int) -> Approval:
        """One approval."""
        return self._get(Approval, f"/approvals/{approval_id}")

    def approvals(
        self,
        *,
        status: ApprovalStatus | None = None,
        kind: ApprovalKind | None = None,
        site: str | None = None,
        open: bool | None = None,  # noqa: A002  the route's own word
        mine: bool | None = None,
    ) -> list[Approval]:
        """The approvals you may know of, by id.

        Args:
            status: Only those that stand there.
            kind: Only those that decide this.
            site: Only releases of this site.
            open: Only those that wait for a person, cover something not yet submitted, or have a run
                asleep on them; or, if false, only the others.
            mine: Only those that are yours to decide.
        """
        return self._list(
            Approval, "/approvals", status=status, kind=kind, site=site, open=open, mine=mine
        )

    def decide(self, approval_id: int, decision: DecisionIn) -> Approval:
        """The approval, decided.

        Raises:
            Forbidden: You are not who decides this, or the token may not.
            Conflict: Decided already, past its deadline, or something else was shown.
        """
        return self._post(Approval, f"/approvals/{approval_id}/decision", decision)

    def mint_code(self, approval_id: int, decision: DecisionIn) -> CodeOut:
        """A one-time code that carries this decision into a resume form; nothing is decided yet."""
        return self._post(CodeOut, f"/approvals/{approval_id}/code", decision)

    def redeem(self, approval_id: int, code: str) -> Approval:
        """The approval, decided as the person who minted the code wished.

        Raises:
            Forbidden: The code is unknown, used, expired, or of another approval.
        """
        return self._post(Approval, f"/approvals/{approval_id}/redeem", CodeIn(code=code))

    def revoke_approval(self, approval_id: int) -> Approval:
        """The approval, REVOKED for whatever was not used yet."""
        return self._post(Approval, f"/approvals/{approval_id}/revocation")

    def extend(self, approval_id: int, deadline_s: int) -> Approval:
        """The approval, with a deadline so many seconds from now."""
        body = Extension(deadline_s=deadline_s)
        return self._post(Approval, f"/approvals/{approval_id}/extension", body)

    def withdraw_approval(self, approval_id: int, reason: str) -> Approval:
        """The approval, WITHDRAWN by who asked for it."""
        body = Withdrawal(reason=reason)
        return self._post(Approval, f"/approvals/{approval_id}/withdrawal", body)

    def delegate(self, approval_id: int, user_id: int) -> Approval:
        """The approval, which somebody else may see and decide from now on too."""
        body = Delegation(user_id=user_id)
        return self._post(Approval, f"/approvals/{approval_id}/delegation", body)

    def suspend(self, approval_id: int, suspension: Suspension) -> Approval:
        """The approval, with a run asleep on it.

        A run of the hub is woken by the registry, at once if the decision was made meanwhile.
        """
        return self._post(Approval, f"/approvals/{approval_id}/suspension", suspension)

    def end_suspension(self, approval_id: int) -> Approval:
        """The approval, with no run asleep on it any more: a site's `sync` says so when it woke one."""
        return self._delete(Approval, f"/approvals/{approval_id}/suspension")
