"""Joining, deciding, working and releasing in any order: the registry does what the rules say, step by step."""

from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    CellRow,
    CubeRow,
    DatasetRow,
    ExecutionRow,
    ResultRow,
)
from registry_api.services import claims, cubes, datasets, releases, results, submissions
from rounds.records.approvals import ApprovalKind, Item, ReleaseRequest
from rounds.records.cubes import CubeChange
from rounds.records.datasets import DatasetChange
from rounds.records.executions import ClaimIn, Scored, Submission, Withdrawal
from rounds.records.releases import items_digest
from tests.contract.registry.builders import SCORES
from tests.contract.registry.joining_machine import ANY, JoiningMachine
from tests.contract.registry.rule_scene import make_scene
from tests.contract.registry.rules import RELEASE, Attempt, Component
from tests.contract.registry.wishes import N_CASES, SALT, scores_sha256

OWNER = "owner"
OWNERS = ("owner", "maker", "committee")
LEASE_S = 120


class Machine(JoiningMachine):
    """Work as well: withdrawing what joins, claiming, scoring, releasing, submitting, taking back."""

    @rule(component=ANY)
    def withdraw_or_return(self, component: int) -> None:
        """Have a component's owner withdraw it, or bring it back."""
        about = self.book.components[component % 4]
        about.valid = not about.valid
        [who] = [name for name in OWNERS if about.owner in self.book.people[name].decides]
        row = DatasetRow if about.kind == "dataset" else CubeRow
        with self.direct.database.reading() as session:
            revision = session.get_one(row, about.id).revision
        self.change(self.user(who), about, revision)

    @precondition(lambda self: self.book.joined())
    @rule(cell=ANY, key=st.sampled_from(["run-1-cell", "run-2-cell"]))
    def claim(self, cell: int, key: str) -> None:
        """Claim a cell that is joined."""
        cells = sorted(self.book.joined())
        self.claim_again(*cells[cell % len(cells)], key)

    @precondition(lambda self: self.book.attempts)
    @rule(attempt=ANY, key=st.sampled_from(["run-1-cell", "run-2-cell"]))
    def reclaim(self, attempt: int, key: str) -> None:
        """Claim a cell that was claimed before, joined or not."""
        self.claim_again(*self.attempt(attempt).cell, key)

    @precondition(lambda self: self.book.attempts)
    @rule(attempt=ANY)
    def score(self, attempt: int) -> None:
        """Say that an attempt is scored."""
        about = self.attempt(attempt)
        scored = Scored(fencing_token=about.token, sha256=scores_sha256(about.id), inputs={})
        self.same(
            lambda: self.book.score(about),
            lambda: self.direct.ask(self.user(OWNER), claims.score, about.id, scored),
        )

    @precondition(lambda self: self.book.attempts)
    @rule(attempt=ANY)
    def release(self, attempt: int) -> None:
        """Ask that an attempt's scores may leave."""
        about = self.attempt(attempt)
        items = (Item(subject_id=about.id, sha256=scores_sha256(about.id)),)
        wanted = ReleaseRequest(
            kind=ApprovalKind.RESULTS,
            dataset_id=about.dataset.id,
            items=items,
            shown_sha256=items_digest(items),
            deadline_s=int(RELEASE.total_seconds()),
        )
        self.same(
            lambda: self.book.release(OWNER, about),
            lambda: self.direct.ask(self.user(OWNER), releases.request, wanted),
        )

    @precondition(lambda self: self.book.attempts and self.book.requests)
    @rule(attempt=ANY, request=ANY, fits=st.booleans())
    def submit(self, attempt: int, request: int, *, fits: bool) -> None:
        """Hand in an attempt's scores, under the latest release of them or under any."""
        about, under = self.attempt(attempt), self.request(request)
        own = [each for each in self.book.requests if each.subject is about]
        under = own[-1] if own and fits else under
        submission = Submission(
            fencing_token=about.token,
            sha256=scores_sha256(about.id),
            approval_id=under.id,
            metrics=SCORES,
            n_cases=N_CASES,
            salt=SALT,
        )
        self.same(
            lambda: self.book.submit(about, under),
            lambda: self.direct.ask(self.user(OWNER), submissions.submit, about.id, submission),
        )

    @precondition(lambda self: self.book.attempts)
    @rule(attempt=ANY)
    def go_on(self, attempt: int) -> None:
        """Do with an attempt all that leads to its result, as far as it goes."""
        self.score(attempt)
        self.release(attempt)
        for about in self.waiting():
            if about.subject is self.attempt(attempt):
                self.answer(OWNER, about, grant=attempt % 5 > 0, right=True)
        self.submit(attempt, 0, fits=True)

    @precondition(lambda self: any(each.result for each in self.book.attempts))
    @rule(attempt=ANY)
    def take_back(self, attempt: int) -> None:
        """Withdraw a result."""
        done = [each for each in self.book.attempts if each.result]
        about, why = done[attempt % len(done)], Withdrawal(reason="an error")
        with self.direct.database.reading() as session:
            found = session.exec(select(ResultRow).where(ResultRow.execution_id == about.id)).one()
        self.same(
            lambda: self.book.take_back(about),
            lambda: self.direct.ask(self.user(OWNER), results.withdraw, found.key, why),
        )

    @invariant()
    def everything_is_as_the_rules_say(self) -> None:
        """Statuses, votes, priorities and the cells that are joined are those of the rules."""
        book, first = self.book, self.book.first_request
        with self.direct.database.reading() as session:
            assert joinings(session) == {
                each.id: (each.status, each.priority) for each in book.joinings
            }
            assert requests(session, first) == {
                each.id: (each.status, len(each.votes)) for each in book.requests
            }
            assert attempts(session) == {
                each.id: (each.status, each.token, each.result) for each in book.attempts
            }
            assert joined(session) == book.joined()

    def change(self, user_id: int, about: Component, revision: int) -> None:
        """Have the registry know whether a component is valid."""
        if about.kind == "dataset":
            data = DatasetChange(is_valid=about.valid)
            self.direct.ask(user_id, datasets.change, about.id, data, revision=revision)
        else:
            model = CubeChange(is_valid=about.valid)
            self.direct.ask(user_id, cubes.change, about.id, model, revision=revision)

    def claim_again(self, bench_id: int, dataset_id: int, model_id: int, key: str) -> None:
        """Claim a cell."""
        [bench] = [each for each in self.book.benches if each.id == bench_id]
        data = [each for each in self.book.components if each.kind == "dataset"]
        [dataset] = [each for each in data if each.id == dataset_id]
        wanted = ClaimIn(benchmark_id=bench_id, dataset_id=dataset_id, model_id=model_id, key=key)
        self.same(
            lambda: self.book.claim(bench, dataset, model_id, key),
            lambda: self.direct.ask(self.user(OWNER), claims.claim, wanted, lease_s=LEASE_S),
        )

    def attempt(self, number: int) -> Attempt:
        """One of the attempts there are, the latest the likeliest."""
        return self.book.attempts[-1 - number % min(len(self.book.attempts), 3)]


def joinings(session: Session) -> dict[int, tuple[str, int]]:
    """Every association's status and priority."""
    found = session.exec(select(AssociationRow)).all()
    return {row.key: (row.status, row.priority) for row in found}


def requests(session: Session, first: int) -> dict[int, tuple[str, int]]:
    """The status and the number of votes of every approval since the scene was set."""
    found = session.exec(select(ApprovalRow).where(col(ApprovalRow.id) >= first)).all()
    return {row.key: (row.status, len(row.votes)) for row in found}


def attempts(session: Session) -> dict[int, tuple[str, int, str | None]]:
    """Every execution's status and fencing token, and its result's status if it has one."""
    found = session.exec(select(ResultRow)).all()
    status = {row.execution_id: row.status for row in found}
    return {
        row.key: (row.status, row.fencing_token, status.get(row.key))
        for row in session.exec(select(ExecutionRow)).all()
    }


def joined(session: Session) -> dict[tuple[int, int, int], int]:
    """The cells that are joined, with their priorities."""
    found = session.exec(select(CellRow).where(col(CellRow.is_joined))).all()
    return {(row.benchmark_id, row.dataset_id, row.model_id): row.priority for row in found}


class TestStateMachine:
    def test_does_what_the_rules_say(self, tmp_path: Path) -> None:
        """In whatever order people act and time goes by, registry and rules refuse and allow the same."""
        scene = make_scene(tmp_path)

        class Here(Machine):
            def __init__(self) -> None:
                super().__init__(scene, tmp_path)

        run_state_machine_as_test(
            Here,
            settings=settings(
                derandomize=True,
                database=None,
                deadline=None,
                max_examples=20,
                phases=[Phase.generate],
                stateful_step_count=60,
                suppress_health_check=list(HealthCheck),
            ),
        )
