"""Publications: a leaderboard as it is now, shown to the committee and then to everyone."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import ApprovalRow, BenchmarkRow, PublicationRow
from registry_api.services import approvals, benchmarks, leaderboards
from registry_api.services.audit import created
from registry_api.services.outcomes import void_publications
from registry_api.services.paging import Wanted, Window, page
from registry_api.services.reach import delegated
from rounds.digests import sha256_json
from rounds.errors import Conflict, NotFound
from rounds.records.approvals import Approval, ApprovalKind
from rounds.records.base import Page
from rounds.records.leaderboards import Leaderboard, Publication
from rounds.records.people import Role
from rounds.records.shown import publication_document

SORTABLE = ("id", "published_at")


def request(session: Session, who: Principal, benchmark_id: int) -> Approval:
    """The approval that the committee is asked for, to publish what the sharing policy makes public.

    Asked anew, what waited before goes VOID.

    Raises:
        NotFound: There is no such benchmark that `who` may know of.
        Forbidden: It is another organisation's.
        Conflict: The benchmark is not approved, or its sharing policy makes nothing public.
    """
    benchmark = benchmarks.find(session, who, benchmark_id)
    who.need_in(Role.MEMBER, benchmark.organisation_id, f"benchmark {benchmark_id}")
    benchmarks.need_approved(benchmark)
    proposal = benchmarks.proposal_of(benchmark)
    if not (proposal.sharing.per_site.public or proposal.sharing.pooled.public):
        message = f"the sharing policy of benchmark {benchmark_id} makes nothing public"
        raise Conflict(f"{message}, needed one that does; change it, which asks everyone again")
    void_publications(session, who, benchmark_id, "asked anew")
    document = publication_document(leaderboards.public(session, benchmark, who.at))
    row = PublicationRow(
        benchmark_id=benchmark.key, sha256=sha256_json(document), leaderboard=document
    )
    created(session, who, "publication.request", row)
    approval = ApprovalRow(
        kind=ApprovalKind.PUBLICATION,
        subject_id=row.key,
        benchmark_id=benchmark.key,
        shown_sha256=row.sha256,
        role=approvals.COMMITTEE,
        organisation_id=benchmark.organisation_id,
        needed=2 if proposal.two_people.required else 1,
        two_organisations=proposal.two_people.required and proposal.two_people.organisations,
        requested_by=who.user_id,
        deadline=who.at + timedelta(seconds=proposal.association_deadline_s),
    )
    approvals.ask(session, who, approval, about=row)
    return approvals.as_approval(approval)


def proposed(session: Session, who: Principal, publication_id: int) -> Leaderboard:
    """A leaderboard as it was asked to be published; for its committee, and whom they handed the decision to.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    row = session.get(PublicationRow, publication_id)
    benchmark = session.get(BenchmarkRow, row.benchmark_id) if row else None
    mine = (
        benchmark is not None
        and who.site is None
        and who.may(Role.READER, benchmark.organisation_id)
    )
    handed_on = delegated(who, ApprovalKind.PUBLICATION)
    found = session.exec(handed_on.where(ApprovalRow.subject_id == publication_id)).first()
    mine = mine or found is not None
    if row is None or not (mine or who.is_admin):
        raise NotFound(f"found no publication {publication_id} that you may know of; check the id")
    return Leaderboard.model_validate(row.leaderboard)


def list_publications(
    session: Session, _now: datetime, window: Window, *, wanted: Wanted
) -> Page[Publication]:
    """Everything that was published; nobody needs to sign in for it."""
    return page(
        session,
        select(PublicationRow).where(col(PublicationRow.published_at).is_not(None)),
        PublicationRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_publication,
    )


def read(session: Session, _now: datetime, publication_id: int) -> Publication:
    """Something that was published; nobody needs to sign in for it.

    Raises:
        NotFound: Nothing was, under that id.
    """
    row = session.get(PublicationRow, publication_id)
    if row is None or row.published_at is None:
        raise NotFound(f"found no publication {publication_id}; check the id")
    return as_publication(row)


def as_publication(row: PublicationRow) -> Publication:
    """The record of a row that was published."""
    return Publication.model_validate(row, from_attributes=True)
