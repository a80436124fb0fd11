"""The demo's people: each with an account, a token in a 0600 file, and a way of deciding."""

from dataclasses import dataclass, field
from pathlib import Path

from rounds.client.registry import RegistryClient
from rounds.errors import Conflict
from rounds.records.approvals import Approval, ApprovalStatus, Decision, DecisionIn
from rounds.records.people import Scope, TokenIn, UserIn
from rounds.secret_files import write_secret

SITES = ("site-a", "site-b", "site-c")
PEOPLE = {
    "committee": "Dr Clara Committee",
    "owner-1": "Milo Modelmaker",
    "owner-2": "Nora Network",
    "site-a": "Ada Data (hospital A)",
    "site-b": "Ben Data (hospital B)",
    "site-c": "Cem Data (hospital C)",
}
DECIDER = (Scope.READ, Scope.WRITE, Scope.DECIDE)


@dataclass
class Person:
    """Somebody signed in. `patient` ones decide only once the run that asks has gone to sleep."""

    key: str
    user_id: int
    client: RegistryClient = field(repr=False)
    patient: bool = False
    decided: int = 0

    def look(self) -> list[Approval]:
        """Decide what waits for this person; returns what was decided now."""
        waiting = self.client.approvals(status=ApprovalStatus.PENDING, mine=True)
        mine = [found for found in waiting if found.suspended or not self.patient]
        for approval in mine:
            answer = DecisionIn(
                decision=Decision.GRANT,
                shown_sha256=approval.shown_sha256,
                reason="Read and agreed.",
            )
            self.client.decide(approval.id, answer)
            self.decided += 1
        return mine


def sign_in(key: str, admin: RegistryClient, folder: Path, url: str) -> Person:
    """The person of this key, with an account and a token that are made on the first day only."""
    user_id = _account(key, admin)
    file = folder / f"{key}.token"
    if not file.exists():
        token = admin.mint_token(user_id, TokenIn(label="demo", scopes=DECIDER))
        write_secret(file, token.secret or "")
    return Person(key=key, user_id=user_id, client=RegistryClient(url, file.read_text()))


def give_worker_token(
    user_id: int, admin: RegistryClient, file: Path, *, site: str | None = None
) -> None:
    """A token for a worker, in its 0600 file: it reads and writes, and can decide nothing."""
    if not file.exists():
        label = f"worker of {site or 'the hub'}"
        token = admin.mint_token(user_id, TokenIn(label=label, site=site))
        write_secret(file, token.secret or "")


def _account(key: str, admin: RegistryClient) -> int:
    email = f"{key}@rounds.example"
    try:
        return admin.add_user(UserIn(name=PEOPLE[key], email=email)).id
    except Conflict:
        return next(user.id for user in admin.users() if user.email == email)
