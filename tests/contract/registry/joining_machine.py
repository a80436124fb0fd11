"""A state machine that joins and decides in any order, and compares the registry with `rule_book`."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from registry_api.models import AssociationRow
from registry_api.services import approvals, association_changes, associations, decisions, duties
from rounds.errors import RegistryError
from rounds.records.approvals import Decision, DecisionIn, Delegation, Extension
from rounds.records.benchmarks import AssociationIn, PriorityChange
from rounds.records.executions import Withdrawal
from tests.contract.registry.builders import sha
from tests.contract.registry.direct import Direct
from tests.contract.registry.rule_scene import Scene
from tests.contract.registry.rules import Joining, Request, decides

ANY = st.integers(0, 60)
PEOPLE = st.sampled_from(["admin", "committee", "second", "clerk", "owner", "maker", "friend"])
ADMIN = "admin"
SPANS = [timedelta(minutes=1), timedelta(minutes=3), timedelta(hours=30), timedelta(days=8)]
MOSTLY = st.sampled_from([True, True, True, False])
JOINS = {"dataset": "dataset_id", "model": "model_id"}


def outcome(call: Callable[[], object]) -> type[RegistryError] | None:
    """The class of a refusal, or None."""
    try:
        call()
    except RegistryError as error:
        return type(error)
    return None


class JoiningMachine(RuleBasedStateMachine):
    """Joining and deciding: every call goes to the registry and to the rules; both refuse it, or neither."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        super().__init__()
        self.book = scene.rules()
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".db", delete=False) as made:
            self.direct = Direct(scene.copy(Path(made.name)), scene.now)

    def teardown(self) -> None:
        """Give the database back."""
        self.direct.database.close()

    def same(self, expected: Callable[[], object], call: Callable[[], object]) -> None:
        """Assert that both refuse alike."""
        said, needed = outcome(call), outcome(expected)
        assert said == needed, f"the registry said {said}, the rules say {needed}"

    def user(self, name: str) -> int:
        """Somebody's id."""
        return self.book.people[name].user_id

    @initialize()
    def begin(self) -> None:
        """Have both datasets in: one by a person's decision, one by the committee's list."""
        self.join(name="owner", bench=0, component=0)
        self.answer("committee", self.request(0), grant=True, right=True)
        self.join(name="owner", bench=2, component=1)

    @rule(name=PEOPLE, bench=ANY, component=ANY)
    def join(self, name: str, bench: int, component: int) -> None:
        """Ask to join, or invite."""
        wanted_by = self.book.benches[bench % 3]
        joins = self.book.components[component % 4]
        wanted = AssociationIn.model_validate(
            {"benchmark_id": wanted_by.id, "test_sha256": sha("test"), JOINS[joins.kind]: joins.id}
        )
        self.same(
            lambda: self.book.join(name, wanted_by, joins),
            lambda: self.direct.ask(self.user(name), associations.request, wanted),
        )

    @precondition(lambda self: self.book.requests)
    @rule(name=PEOPLE, request=ANY, grant=MOSTLY, right=MOSTLY)
    def decide(self, name: str, request: int, *, grant: bool, right: bool) -> None:
        """Grant or refuse, now and then having been shown other bytes."""
        self.answer(name, self.request(request), grant=grant, right=right)

    @precondition(lambda self: self.waiting())
    @rule(second=st.booleans(), request=ANY, grant=MOSTLY)
    def decide_by_right(self, request: int, *, second: bool, grant: bool) -> None:
        """Grant or refuse what waits for an answer, as one whose duty it is."""
        about = self.waiting()[request % len(self.waiting())]
        people = self.book.people
        names = [name for name in people if decides(name, people[name], about)]
        self.answer(names[-1 if second else 0], about, grant=grant, right=True)

    def answer(self, name: str, about: Request, *, grant: bool, right: bool) -> None:
        """Decide."""
        shown = self.direct.ask(self.user(ADMIN), approvals.read, about.id).shown_sha256
        decision = DecisionIn(
            decision=Decision.GRANT if grant else Decision.REFUSE,
            shown_sha256=shown if right else sha("other"),
        )
        self.same(
            lambda: self.book.decide(name, about, grant=grant, right=right),
            lambda: self.direct.ask(self.user(name), decisions.decide, about.id, decision),
        )

    @precondition(lambda self: self.book.requests)
    @rule(name=PEOPLE, request=ANY)
    def withdraw(self, name: str, request: int) -> None:
        """Take a request back."""
        about, why = self.request(request), Withdrawal(reason="not now")
        self.same(
            lambda: self.book.withdraw(name, about),
            lambda: self.direct.ask(self.user(name), duties.withdraw, about.id, why),
        )

    @precondition(lambda self: self.book.requests)
    @rule(name=PEOPLE, request=ANY, days=st.integers(1, 30))
    def extend(self, name: str, request: int, days: int) -> None:
        """Put a deadline off."""
        about, by = self.request(request), timedelta(days=days)
        extension = Extension(deadline_s=int(by.total_seconds()))
        self.same(
            lambda: self.book.extend(name, about, by),
            lambda: self.direct.ask(self.user(name), duties.extend, about.id, extension),
        )

    @precondition(lambda self: self.book.requests)
    @rule(name=PEOPLE, request=ANY, to=PEOPLE)
    def delegate(self, name: str, request: int, to: str) -> None:
        """Let somebody else decide too."""
        about, delegation = self.request(request), Delegation(user_id=self.user(to))
        self.same(
            lambda: self.book.delegate(name, about, to),
            lambda: self.direct.ask(self.user(name), duties.delegate, about.id, delegation),
        )

    @precondition(lambda self: self.book.joinings)
    @rule(name=PEOPLE, joining=ANY)
    def revoke(self, name: str, joining: int) -> None:
        """End an association."""
        about = self.joining(joining)
        self.same(
            lambda: self.book.revoke(name, about),
            lambda: self.direct.ask(self.user(name), association_changes.revoke, about.id, "over"),
        )

    @precondition(lambda self: self.book.joinings)
    @rule(name=PEOPLE, joining=ANY, priority=st.integers(-5, 5))
    def prioritise(self, name: str, joining: int, priority: int) -> None:
        """Have a model run sooner or later."""
        about, change = self.joining(joining), PriorityChange(priority=priority)
        self.same(
            lambda: self.book.prioritise(name, about, priority),
            lambda: self.direct.ask(
                self.user(name),
                association_changes.set_priority,
                about.id,
                change,
                revision=self.direct.revision_of(AssociationRow, about.id),
            ),
        )

    @rule(span=st.sampled_from(SPANS))
    def advance(self, span: timedelta) -> None:
        """Let time go by."""
        self.book.advance(span)
        self.direct.now += span
        self.direct.sweep()

    def waiting(self) -> list[Request]:
        """The requests that wait for an answer."""
        return [each for each in self.book.requests if each.status == "PENDING"]

    def request(self, number: int) -> Request:
        """One of the requests there are."""
        return self.book.requests[number % len(self.book.requests)]

    def joining(self, number: int) -> Joining:
        """One of the associations there are."""
        return self.book.joinings[number % len(self.book.joinings)]
