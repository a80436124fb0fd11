"""Who may decide what, and what follows: the rules written a second time, to compare the registry with."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rounds.errors import RegistryError

LEASE = timedelta(seconds=120)
CELL = timedelta(days=7)
JOINING = timedelta(days=14)
RELEASE = timedelta(days=1)
RULE = "a rule"
MOST_LAPSES = 5
AFTER = {
    "GRANTED": "APPROVED",
    "REFUSED": "REJECTED",
    "EXPIRED": "REJECTED",
    "WITHDRAWN": "WITHDRAWN",
    "REVOKED": "REVOKED",
}
RELEASE_AFTER = {"REFUSED": "HELD_BACK", "EXPIRED": "EXPIRED"}


@dataclass(frozen=True)
class Person:
    """Somebody: the organisations they decide for, and those they work for."""

    user_id: int
    decides: frozenset[int]
    works: frozenset[int]
    is_admin: bool = False


@dataclass(frozen=True)
class Bench:
    """A benchmark of the committee; `lets_in` are the owners whom a rule lets in, None is everyone."""

    id: int
    organisation: int
    reference: int
    two_people: bool
    datasets: frozenset[int] | None = frozenset()
    models: frozenset[int] | None = frozenset()


@dataclass(eq=False)
class Component:
    """A dataset or a model; of a dataset `releases` says whether its owner's rule does."""

    kind: str
    id: int
    owner: int
    releases: bool = False
    valid: bool = True


@dataclass(eq=False)
class Request:
    """A decision that is asked for: of `side`, by somebody of `asker`."""

    id: int
    by: str
    side: int
    asker: int
    needed: int
    deadline: datetime
    sees: frozenset[int]
    subject: "Joining | Attempt"
    status: str = "PENDING"
    votes: set[str] = field(default_factory=set)
    delegates: set[str] = field(default_factory=set)
    used: bool = False


@dataclass(eq=False)
class Joining:
    """An association."""

    id: int
    bench: Bench
    component: Component
    status: str = "PENDING"
    priority: int = 0
    request: Request = field(init=False)


@dataclass(eq=False)
class Attempt:
    """An execution, and its result once there is one."""

    id: int
    cell: tuple[int, int, int]
    dataset: Component
    key: str
    token: int
    lapses: int
    lease_until: datetime
    deadline: datetime
    status: str = "CLAIMED"
    scored: bool = False
    result: str | None = None


def need(what: object, error: type[RegistryError]) -> None:
    """Pass if it is so, or say what the registry will."""
    if not what:
        raise error("by the rules")


def decides(name: str, person: Person, request: Request) -> bool:
    """Whether it is somebody's to decide."""
    return request.side in person.decides or name in request.delegates


def asked(name: str, person: Person, request: Request) -> bool:
    """Whether somebody is of the side that asked."""
    return request.by == name or request.asker in person.works


def is_open(request: Request) -> bool:
    """Whether it waits for a decision, or covers a release that was not made yet."""
    if request.status == "PENDING":
        return True
    covers = isinstance(request.subject, Attempt) and not request.used
    return request.status == "GRANTED" and covers


def vote(request: Request, name: str) -> None:
    """Count a vote; the last one that is needed grants."""
    request.votes.add(name)
    if len(request.votes) >= request.needed:
        settle(request, "GRANTED")


def settle(request: Request, status: str) -> None:
    """End a request, and do what follows."""
    request.status = status
    subject = request.subject
    if isinstance(subject, Joining):
        subject.status = AFTER[status]
    elif subject.status == "SCORED":
        subject.status = RELEASE_AFTER.get(status, "SCORED")
