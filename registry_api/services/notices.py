"""What Prefect is to be told, written to the outbox in the transaction that gives cause."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from pydantic import JsonValue
from sqlmodel import Session, col, select

from registry_api.models import ApprovalRow, AssociationRow, BenchmarkRow, DatasetRow, OutboxRow
from rounds.records.benchmarks import AssociationStatus


class NoticeKind(StrEnum):
    """What a notice makes Prefect do."""

    EVENT = "event"
    START_REVIEW = "start_review"
    RESUME = "resume"


def start_review(session: Session, approval: ApprovalRow, now: datetime) -> None:
    """Have the hub's review flow wait for this decision."""
    body: dict[str, JsonValue] = {"approval_id": approval.key}
    _queue(session, NoticeKind.START_REVIEW, f"approval/{approval.key}", body=body, now=now)


def resume(session: Session, approval: ApprovalRow, now: datetime) -> None:
    """Wake the hub's run that sleeps on this approval."""
    body: dict[str, JsonValue] = {
        "approval_id": approval.key,
        "flow_run_id": approval.flow_run_id,
    }
    _queue(session, NoticeKind.RESUME, f"approval/{approval.key}", body=body, now=now)


def approval_decided(session: Session, approval: ApprovalRow, now: datetime) -> None:
    """Wake whoever sleeps on this approval: the hub's run itself, or the site's `sync`."""
    if not approval.suspended:
        return
    if approval.flow_run_id is not None:
        resume(session, approval, now)
    elif approval.site is not None:
        payload: dict[str, JsonValue] = {"approval_id": approval.key}
        _event(session, "rounds.approval.decided", approval.site, payload=payload, now=now)


def association_approved(session: Session, association: AssociationRow, now: datetime) -> None:
    """Have every site that gains work look for it."""
    payload: dict[str, JsonValue] = {
        "association_id": association.key,
        "benchmark_id": association.benchmark_id,
        "dataset_id": association.dataset_id,
        "model_id": association.model_id,
    }
    for site in _affected_sites(session, association):
        _event(session, "rounds.association.approved", site, payload=payload, now=now)


def metrics_changed(session: Session, benchmark: BenchmarkRow, now: datetime) -> None:
    """Have every site of the benchmark score again."""
    payload: dict[str, JsonValue] = {
        "benchmark_id": benchmark.key,
        "metrics_id": benchmark.metrics_id,
    }
    for site in _sites_of(session, benchmark.key):
        _event(session, "rounds.metrics.changed", site, payload=payload, now=now)


def _affected_sites(session: Session, association: AssociationRow) -> Iterable[str]:
    if association.dataset_id is None:
        return _sites_of(session, association.benchmark_id)
    return session.exec(
        select(DatasetRow.site).where(DatasetRow.id == association.dataset_id)
    ).all()


def _sites_of(session: Session, benchmark_id: int) -> Iterable[str]:
    return session.exec(
        select(DatasetRow.site)
        .join(AssociationRow, col(AssociationRow.dataset_id) == col(DatasetRow.id))
        .where(AssociationRow.benchmark_id == benchmark_id)
        .where(AssociationRow.status == AssociationStatus.APPROVED)
        .distinct()
        .order_by(DatasetRow.site)
    ).all()


def _event(
    session: Session, name: str, site: str, *, payload: dict[str, JsonValue], now: datetime
) -> None:
    body: dict[str, JsonValue] = {
        "id": str(uuid4()),
        "occurred": now.isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": f"rounds.site.{site}"},
        "payload": payload,
    }
    _queue(session, NoticeKind.EVENT, f"site/{site}", body=body, now=now)


def _queue(
    session: Session,
    kind: NoticeKind,
    subject: str,
    *,
    body: dict[str, JsonValue],
    now: datetime,
) -> None:
    session.add(OutboxRow(kind=kind, subject=subject, body=body, due_at=now))
    session.flush()
