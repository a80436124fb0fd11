"""Submissions: released scores come in, exactly once."""

from datetime import datetime

from sqlmodel import Session, select

from registry_api.auth import Principal
from registry_api.models import ExecutionRow, ResultRow
from registry_api.services import benchmarks, executions, outcomes, results
from registry_api.services.audit import created
from rounds.digests import sha256_json
from rounds.errors import Conflict, IntegrityError, InvalidInput
from rounds.records.approvals import ApprovalKind, Item
from rounds.records.benchmarks import MetricContract, MetricSpec
from rounds.records.executions import ExecutionStatus, MetricValue, Receipt, Submission
from rounds.records.releases import results_document

RECEIVED = frozenset(
    {ExecutionStatus.SUBMITTED, ExecutionStatus.SUPERSEDED, ExecutionStatus.WITHDRAWN}
)


def submit(session: Session, who: Principal, execution_id: int, submission: Submission) -> Receipt:
    """The receipt of released scores; the same bytes again get the same receipt.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is of somebody else's dataset.
        Conflict: The claim is no longer the caller's, other bytes were scored or submitted, an
            association is no longer approved, or the approval does not cover these bytes.
        InvalidInput: The benchmark's contract does not have these metrics, or not these values, or it takes
            no scores of partial predictions.
        IntegrityError: The sha256 is not that of what was sent.
    """
    work = executions.find_own(session, who, execution_id, approval_id=submission.approval_id)
    row = work.execution
    if row.status in RECEIVED and row.sha256 == submission.sha256:
        known = session.exec(select(ResultRow).where(ResultRow.execution_id == row.id)).one()
        return _receipt(known, known.received_at)
    work.need_held(submission)
    if row.status != ExecutionStatus.SCORED or row.sha256 != submission.sha256:
        message = f"execution {execution_id} is {row.status}"
        raise Conflict(f"{message}, needed it SCORED with the bytes that are submitted")
    if not work.is_joined:
        executions.need_joined(
            session, row.benchmark_id, dataset_id=row.dataset_id, model_id=row.model_id
        )
    if submission.partial and not work.benchmark_body.get("partial_predictions"):
        message = (
            f"found scores of partial predictions, which benchmark {row.benchmark_id} does not take"
        )
        raise InvalidInput(f"{message}, needed whole ones; run the model again")
    _check_document(execution_id, submission, benchmarks.contract_of(work.benchmark_body))
    item = Item(subject_id=execution_id, sha256=submission.sha256)
    approval = outcomes.need_covered(who, work.approval, item, kind=ApprovalKind.RESULTS)
    results.supersede(session, who, row)
    outcomes.spend(session, who, approval, item)
    after, partial = ExecutionStatus.SUBMITTED, submission.partial
    outcomes.move_execution(session, who, row, after, partial=partial)
    result = _store(session, who, row, submission)
    return _receipt(result, who.at)


def _store(
    session: Session, who: Principal, row: ExecutionRow, submission: Submission
) -> ResultRow:
    result = ResultRow(
        execution_id=row.key,
        benchmark_id=row.benchmark_id,
        dataset_id=row.dataset_id,
        model_id=row.model_id,
        approval_id=submission.approval_id,
        sha256=submission.sha256,
        metrics={name: value.model_dump() for name, value in submission.metrics.items()},
        n_cases=submission.n_cases,
        partial=submission.partial,
        received_at=who.at,
    )
    created(session, who, "result.submit", result)
    return result


def _check_document(execution_id: int, submission: Submission, contract: MetricContract) -> None:
    needed = {spec.name for spec in contract.metrics}
    if set(submission.metrics) != needed:
        names = ", ".join(sorted(needed))
        raise InvalidInput(f"found other metrics than the contract's, needed exactly: {names}")
    if submission.n_cases < 1:
        raise InvalidInput("found scores on no case, needed n_cases of at least 1")
    for spec in contract.metrics:
        _check_value(spec, submission.metrics[spec.name])
    document = results_document(
        execution_id,
        submission.metrics,
        submission.n_cases,
        salt=submission.salt,
        partial=submission.partial,
    )
    if sha256_json(document) != submission.sha256:
        raise IntegrityError("the scores do not have the sha256 given with them, needed them to")


def _check_value(spec: MetricSpec, value: MetricValue) -> None:
    if not spec.minimum <= value.score <= spec.maximum:
        needed = f"{spec.minimum} to {spec.maximum}"
        raise InvalidInput(f"{spec.name} is out of the contract's range, needed {needed}")
    if value.variance is None:
        return
    if spec.variance_path is None or value.variance < 0:
        needed = "at least 0" if spec.variance_path else "none, as the contract has none"
        raise InvalidInput(f"found a variance of {spec.name}, needed {needed}")


def _receipt(result: ResultRow, received_at: datetime) -> Receipt:
    return Receipt(execution_id=result.execution_id, sha256=result.sha256, received_at=received_at)
