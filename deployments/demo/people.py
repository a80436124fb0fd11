"""The demo's people: each with an account, a password in a 0600 file, and a way of deciding."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from secrets import token_urlsafe

from rounds.client.registry import RegistryClient
from rounds.errors import Code, Conflict, SignInNeeded
from rounds.records.approvals import Approval, ApprovalStatus, Decision, DecisionIn
from rounds.records.people import Acceptance, SignIn, TokenIn, User, UserIn
from rounds.secret_files import read_secret, write_secret

ADMINISTRATOR = "administrator"
SITES = ("site-a", "site-b", "site-c")
PEOPLE = {
    "committee": "Dr Clara Committee",
    "owner-1": "Milo Modelmaker",
    "owner-2": "Nora Network",
    "site-a": "Ada Data (hospital A)",
    "site-b": "Ben Data (hospital B)",
    "site-c": "Cem Data (hospital C)",
}
PASSWORD_BYTES = 18


@dataclass
class Person:
    """Somebody signed in. `patient` ones decide only once the run that asks has gone to sleep."""

    key: str
    folder: Path = field(repr=False)
    client: RegistryClient = field(repr=False)
    url: str
    patient: bool = False
    decided: int = 0

    @cached_property
    def user(self) -> User:
        """Their account."""
        return self.client.me()

    def look(self) -> list[Approval]:
        """Decide what waits for this person; returns what was decided now."""
        waiting = self.client.approvals(status=ApprovalStatus.PENDING, mine=True)
        mine = [found for found in waiting if found.suspended or not self.patient]
        for approval in mine:
            self._decide(approval)
            self.decided += 1
        return mine

    def _decide(self, approval: Approval) -> None:
        answer = DecisionIn(
            decision=Decision.GRANT,
            shown_sha256=approval.shown_sha256,
            reason="Read and agreed.",
        )
        try:
            self.client.decide(approval.id, answer)
        except SignInNeeded as refusal:
            if refusal.code is not Code.STALE_SIGN_IN:
                raise
            self.sign_in_again()
            self.client.decide(approval.id, answer)

    def sign_in_again(self) -> None:
        """A new session, with which decisions can be taken for some minutes."""
        self.client.close()
        self.client = _sign_in(self.key, self.folder, self.url)


def sign_in(key: str, folder: Path, url: str, *, admin: RegistryClient | None = None) -> Person:
    """The person of this key, signed in; on the first day `admin` makes the account and invites them.

    Without `admin` the invitation lies in their folder already, as the first administrator's does.
    """
    if not _file(folder, key, "password").exists():
        invitation = _file(folder, key, "invitation")
        secret = invitation.read_text() if admin is None else _invite(key, admin)
        _accept(secret.strip(), key, folder, url)
        invitation.unlink(missing_ok=True)
    return Person(key=key, folder=folder, client=_sign_in(key, folder, url), url=url)


def give_worker_token(person: Person, file: Path, *, site: str | None = None) -> None:
    """A token for a person's worker, in its 0600 file: it reads and writes, and can decide nothing."""
    if not file.exists():
        wanted = TokenIn(label=f"worker of {site or 'the hub'}", site=site)
        token = person.client.mint_token(person.user.id, wanted)
        write_secret(file, token.secret or "")


def email_of(key: str) -> str:
    """The e-mail that a person of this key signs in with."""
    return f"{key}@rounds.example"


def _invite(key: str, admin: RegistryClient) -> str:
    try:
        user = admin.add_user(UserIn(name=PEOPLE[key], email=email_of(key)))
    except Conflict:
        user = admin.users(email=email_of(key))[0]
    return admin.invite(user.id).secret or ""


def _accept(invitation: str, key: str, folder: Path, url: str) -> None:
    password = token_urlsafe(PASSWORD_BYTES)
    with RegistryClient(url, "") as door:
        door.accept_invitation(Acceptance(secret=invitation, password=password))
    write_secret(_file(folder, key, "password"), password)


def _sign_in(key: str, folder: Path, url: str) -> RegistryClient:
    password = read_secret(_file(folder, key, "password"))
    with RegistryClient(url, "") as door:
        session = door.sign_in(SignIn(email=email_of(key), password=password))
    file = _file(folder, key, "token")
    file.unlink(missing_ok=True)
    write_secret(file, session.secret or "")
    return RegistryClient(url, session.secret or "")


def _file(folder: Path, key: str, kind: str) -> Path:
    return folder / f"{key}.{kind}"
