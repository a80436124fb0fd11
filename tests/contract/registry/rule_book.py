"""The rules of joining and of work, as calls that change what is so or raise what the registry will."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rounds.errors import Conflict, Forbidden, NotFound
from tests.contract.registry.rules import (
    CELL,
    JOINING,
    LEASE,
    MOST_LAPSES,
    RELEASE,
    RULE,
    Attempt,
    Bench,
    Component,
    Joining,
    Person,
    Request,
    asked,
    decides,
    is_open,
    need,
    settle,
    vote,
)


@dataclass
class Rules:
    """What is so, by the rules; a call that is refused changes nothing and raises what is expected."""

    now: datetime
    people: dict[str, Person]
    benches: list[Bench]
    components: list[Component]
    requests: list[Request] = field(default_factory=list)
    joinings: list[Joining] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    first_request: int = 1

    def advance(self, by: timedelta) -> None:
        """Turn the clock on; what is over ends."""
        self.now += by
        for request in self.requests:
            if is_open(request) and request.deadline <= self.now:
                settle(request, "EXPIRED")
        for attempt in self.attempts:
            lapsed = attempt.lease_until <= self.now and attempt.lapses >= MOST_LAPSES - 1
            if attempt.status == "CLAIMED" and (lapsed or attempt.deadline <= self.now):
                attempt.status = "FAILED"

    def join(self, name: str, bench: Bench, component: Component) -> None:
        """Ask that a component joins: its owner, or the committee which then invites."""
        person = self.people[name]
        sides = {component.owner, bench.organisation}
        if not person.is_admin and component.kind == "dataset" and not sides & person.works:
            raise NotFound(name)
        need(component.valid or component.kind == "dataset", Conflict)
        invites = component.owner not in person.works
        need(not invites or bench.organisation in person.decides, Forbidden)
        need(not invites or not bench.two_people, Conflict)
        need(component.valid, Conflict)
        taken = [
            each for each in self.joinings if (each.bench, each.component) == (bench, component)
        ]
        need(not any(each.status in {"PENDING", "APPROVED"} for each in taken), Conflict)
        joining = Joining(len(self.joinings) + 1, bench, component)
        joining.request = self._ask(
            name,
            joining,
            side=component.owner if invites else bench.organisation,
            asker=bench.organisation if invites else component.owner,
            needed=2 if bench.two_people and not invites else 1,
        )
        self.joinings.append(joining)
        listed = bench.datasets if component.kind == "dataset" else bench.models
        owner = component.owner
        if not invites and (owner == bench.organisation or listed is None or owner in listed):
            vote(joining.request, RULE)

    def decide(self, name: str, request: Request, *, grant: bool, right: bool) -> None:
        """Grant or refuse, having been shown the right bytes or not."""
        person = self._who_sees(name, request)
        need(request.by != name or isinstance(request.subject, Attempt), Forbidden)
        need(decides(name, person, request), Forbidden)
        need(request.status == "PENDING" and right, Conflict)
        if not grant:
            settle(request, "REFUSED")
            return
        need(name not in request.votes, Conflict)
        vote(request, name)

    def withdraw(self, name: str, request: Request) -> None:
        """Take a request back."""
        person = self._who_sees(name, request)
        need(asked(name, person, request), Forbidden)
        need(request.status == "PENDING", Conflict)
        settle(request, "WITHDRAWN")

    def extend(self, name: str, request: Request, by: timedelta) -> None:
        """Put a deadline off."""
        person = self._who_sees(name, request)
        need(asked(name, person, request) or decides(name, person, request), Forbidden)
        need(request.status == "PENDING" and self.now + by > request.deadline, Conflict)
        request.deadline = self.now + by

    def delegate(self, name: str, request: Request, to: str) -> None:
        """Let somebody else decide too."""
        person = self._who_sees(name, request)
        need(request.by != name or isinstance(request.subject, Attempt), Forbidden)
        need(decides(name, person, request), Forbidden)
        need(request.status == "PENDING", Conflict)
        request.delegates.add(to)

    def revoke(self, name: str, joining: Joining) -> None:
        """End an association."""
        person = self._who_sees(name, joining.request)
        need({joining.bench.organisation, joining.component.owner} & person.decides, Forbidden)
        need(joining.status == "APPROVED", Conflict)
        settle(joining.request, "REVOKED")

    def prioritise(self, name: str, joining: Joining, priority: int) -> None:
        """Have a model run sooner or later."""
        person = self._who_sees(name, joining.request)
        need(person.is_admin or joining.bench.organisation in person.works, Forbidden)
        need(joining.component.kind == "model", Conflict)
        joining.priority = priority

    def joined(self) -> dict[tuple[int, int, int], int]:
        """The cells there are, with their priorities."""
        live = [
            each for each in self.joinings if each.status == "APPROVED" and each.component.valid
        ]
        return {
            (data.bench.id, data.component.id, model): priority
            for data in live
            if data.component.kind == "dataset"
            for model, priority in self._models(data.bench, live)
        }

    def claim(self, bench: Bench, dataset: Component, model_id: int, key: str) -> Attempt:
        """The attempt that holds a cell for its data owner."""
        cell = (bench.id, dataset.id, model_id)
        need(dataset.valid and cell in self.joined(), Conflict)
        latest = self.latest(cell)
        free = latest is None or latest.status in {"FAILED", "EXPIRED"}
        if latest is not None and latest.status in {"CLAIMED", "SCORED"}:
            need(not self.awaited(latest), Conflict)
            if latest.key == key:
                latest.lease_until = self.now + LEASE
                return latest
            free = latest.lease_until <= self.now
        need(free, Conflict)
        lapses = self._follow(latest)
        token = latest.token + 1 if latest else 1
        until, deadline = self.now + LEASE, self.now + CELL
        number = len(self.attempts) + 1
        self.attempts.append(Attempt(number, cell, dataset, key, token, lapses, until, deadline))
        return self.attempts[-1]

    def score(self, attempt: Attempt) -> None:
        """Say that an attempt is scored, always with the same bytes."""
        need(self.latest(attempt.cell) is attempt, Conflict)
        if not attempt.scored:
            need(attempt.status == "CLAIMED", Conflict)
            attempt.scored, attempt.status = True, "SCORED"

    def release(self, name: str, attempt: Attempt) -> None:
        """Ask that the scores of an attempt may leave."""
        if self.awaited(attempt):
            return
        need(attempt.status == "SCORED", Conflict)
        owner = attempt.dataset.owner
        request = self._ask(name, attempt, side=owner, asker=owner, needed=1)
        if attempt.dataset.releases:
            vote(request, RULE)

    def submit(self, attempt: Attempt, request: Request) -> None:
        """Hand in the scores of an attempt under a release."""
        if attempt.status in {"SUBMITTED", "WITHDRAWN"}:
            return
        need(self.latest(attempt.cell) is attempt and attempt.status == "SCORED", Conflict)
        need(attempt.cell in self.joined(), Conflict)
        need(request.subject is attempt and is_open(request), Conflict)
        need(request.status == "GRANTED", Conflict)
        request.used, attempt.status, attempt.result = True, "SUBMITTED", "IN_FORCE"

    def take_back(self, attempt: Attempt) -> None:
        """Withdraw a result."""
        need(attempt.result == "IN_FORCE", Conflict)
        attempt.status = attempt.result = "WITHDRAWN"

    def latest(self, cell: tuple[int, int, int]) -> Attempt | None:
        """The last attempt at a cell."""
        return next((each for each in reversed(self.attempts) if each.cell == cell), None)

    def awaited(self, attempt: Attempt) -> bool:
        """Whether a live release covers an attempt."""
        return any(is_open(each) and each.subject is attempt for each in self.requests)

    def _follow(self, latest: Attempt | None) -> int:
        """End an attempt that another one follows; how many in a row have lapsed."""
        if latest is None:
            return 0
        was = latest.status
        latest.status = {"CLAIMED": "FAILED", "SCORED": "SUPERSEDED"}.get(was, was)
        return latest.lapses + 1 if was == "CLAIMED" else 0

    def _models(self, bench: Bench, live: list[Joining]) -> list[tuple[int, int]]:
        joined = [
            (each.component.id, each.priority)
            for each in live
            if each.component.kind == "model" and each.bench == bench
        ]
        return [(bench.reference, 0), *joined]

    def _ask(
        self, name: str, subject: Joining | Attempt, *, side: int, asker: int, needed: int
    ) -> Request:
        joins = isinstance(subject, Joining)
        request = Request(
            id=self.first_request + len(self.requests),
            by=name,
            side=side,
            asker=asker,
            needed=needed,
            deadline=self.now + (JOINING if joins else RELEASE),
            sees=frozenset({side, asker}),
            subject=subject,
        )
        self.requests.append(request)
        return request

    def _who_sees(self, name: str, request: Request) -> Person:
        person = self.people[name]
        sees = request.sees & person.works or name in request.delegates
        need(person.is_admin or sees, NotFound)
        return person
