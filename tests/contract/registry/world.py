"""A small consortium on a served registry, brought as far as a test needs it."""

from contextlib import ExitStack
from dataclasses import dataclass, field

from cube_specs.models import CubeKind
from rounds.artifacts import ReleasedMetrics, ReleasedStatistics
from rounds.client.registry import RegistryClient
from rounds.digests import sha256_json
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    Item,
    ReleaseRequest,
)
from rounds.records.benchmarks import AssociationIn, Benchmark
from rounds.records.datasets import Dataset
from rounds.records.executions import Claim
from rounds.records.people import (
    Acceptance,
    MemberIn,
    OrganisationIn,
    Role,
    SignIn,
    TokenIn,
    UserIn,
)
from rounds.records.releases import items_digest, statistics_document
from tests.contract.registry.builders import (
    make_benchmark,
    make_cube,
    make_dataset,
    sha,
)
from tests.contract.registry.serving import Served
from tests.contract.registry.wishes import (
    N_CASES,
    SALT,
    claim_of,
    decision_on,
    released,
    scores_sha256,
)

PASSWORD = "eleven grey herons at dawn"


@dataclass
class World:
    """The registry's people, each by a client of their own; call its methods in the order they stand."""

    served: Served
    stack: ExitStack
    people: dict[str, RegistryClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sign in the administrator, who was invited when the registry was made."""
        self.people["admin"] = self.accept(self.served.invitation)

    @property
    def admin(self) -> RegistryClient:
        """The administrator's client."""
        return self.people["admin"]

    @property
    def admin_secret(self) -> str:
        """A token with which the administrator acts as one."""
        return self.token("admin", Role.ADMINISTRATOR)

    def client(self, secret: str, *, patience_s: float = 20) -> RegistryClient:
        """A client that is closed with the world."""
        client = RegistryClient(self.served.url, secret, patience_s=patience_s)
        return self.stack.enter_context(client)

    def accept(self, invitation: str) -> RegistryClient:
        """The client of somebody who accepts an invitation."""
        given = Acceptance(secret=invitation, password=PASSWORD)
        return self.client(self.client("").accept_invitation(given).secret or "")

    def person(self, name: str) -> RegistryClient:
        """Somebody's client, signed in; their account is made the first time."""
        if name not in self.people:
            user = self.admin.add_user(UserIn(name=name, email=email_of(name)))
            self.people[name] = self.accept(self.admin.invite(user.id).secret or "")
        return self.people[name]

    def advance(self, seconds: float) -> None:
        """Turn the clock on; everybody signs in anew."""
        self.served.clock.advance(seconds)
        for name in self.people:
            self.people[name] = self.sign_in(name)

    def sign_in(self, name: str, *, code: str | None = None) -> RegistryClient:
        """A new client of somebody who signs in with the password."""
        given = SignIn(email=email_of(name), password=PASSWORD, code=code)
        return self.client(self.client("").sign_in(given).secret or "")

    def worker(self, name: str, site: str) -> RegistryClient:
        """A client with somebody's token as a worker has it: one site, no decisions."""
        user = self.person(name).me()
        token = self.person(name).mint_token(user.id, TokenIn(label="worker", site=site))
        return self.client(token.secret or "")

    def token(self, name: str, role: Role = Role.MEMBER) -> str:
        """The secret of a new API token of somebody."""
        person = self.person(name)
        return person.mint_token(person.me().id, TokenIn(label="laptop", role=role)).secret or ""

    def organisation(self, name: str, *members: str, role: Role = Role.DECIDER) -> int:
        """The id of an organisation that the first of `members` founded and the others joined."""
        founder, *others = members
        made = self.person(founder).found_organisation(OrganisationIn(name=name))
        for other in others:
            self.person(other)
            offered = MemberIn(email=email_of(other), role=role)
            self.person(founder).offer_place(made.id, offered)
            self.person(other).join(made.id)
        return made.id

    def propose(self, **fields: object) -> Benchmark:
        """The committee's benchmark, pending."""
        committee = self.person("committee")
        preparator = committee.register_cube(make_cube("prep", CubeKind.PREPARATOR))
        reference = committee.register_cube(make_cube("reference"))
        metrics = committee.register_cube(make_cube("metrics", CubeKind.METRICS))
        wanted = make_benchmark(preparator.id, reference.id, metrics.id, **fields)
        return committee.propose_benchmark(wanted)

    def approved_benchmark(self, **fields: object) -> Benchmark:
        """The committee's benchmark, approved by the administrator."""
        benchmark = self.propose(**fields)
        self.grant(self.admin, benchmark.approval_id)
        return self.person("committee").benchmark(benchmark.id)

    def operational(
        self, benchmark: Benchmark, owner: str = "owner", site: str = "site-a", **fields: object
    ) -> Dataset:
        """A dataset of `owner` in OPERATION, released by a person."""
        client = self.person(owner)
        dataset = client.register_dataset(make_dataset(benchmark.id, site, **fields))
        released = self.ask_statistics(client, dataset)
        self.grant(client, released.approval_id)
        return client.submit_statistics(released)

    def ask_statistics(self, client: RegistryClient, dataset: Dataset) -> ReleasedStatistics:
        """Statistics for which a release was asked."""
        prepared, statistics = sha(f"prepared {dataset.id}"), {"mean_age": 54.5}
        digest = sha256_json(
            statistics_document(dataset.id, prepared, statistics, N_CASES, salt=SALT)
        )
        items = [Item(subject_id=dataset.id, sha256=digest)]
        approval = self.ask(client, ApprovalKind.STATISTICS, dataset.id, items)
        return ReleasedStatistics(
            dataset_id=dataset.id,
            sha256=digest,
            approval_id=approval.id,
            prepared_digest=prepared,
            statistics=statistics,
            n_cases=N_CASES,
            salt=SALT,
        )

    def join(self, who: RegistryClient, benchmark: Benchmark, **component: int) -> int:
        """The id of an association, asked for by `who` and granted by the committee."""
        association = who.associate(self.wish(benchmark, **component))
        self.grant(self.person("committee"), association.approval_id)
        return association.id

    def wish(self, benchmark: Benchmark, **component: int) -> AssociationIn:
        """A request of a dataset or a model to join."""
        return AssociationIn.model_validate(
            {"benchmark_id": benchmark.id, "test_sha256": sha("test"), **component}
        )

    def ready(self) -> tuple[Benchmark, Dataset]:
        """An approved benchmark with one associated dataset; its reference model is to be run."""
        benchmark = self.approved_benchmark()
        dataset = self.operational(benchmark)
        self.join(self.person("owner"), benchmark, dataset_id=dataset.id)
        return benchmark, dataset

    def claim(self, dataset: Dataset, benchmark: Benchmark, *, key: str = "run-1-cell") -> Claim:
        """The data owner's claim on the reference model's cell."""
        return self.person("owner").claim(claim_of(dataset, benchmark, key=key))

    def scored(self, dataset: Dataset, benchmark: Benchmark) -> tuple[Claim, Approval]:
        """A scored cell whose release was asked for."""
        claim = self.claim(dataset, benchmark)
        return claim, self.score(dataset, claim)

    def score(self, dataset: Dataset, claim: Claim) -> Approval:
        """The approval asked for the scores of a claimed cell."""
        owner = self.person("owner")
        digest = scores_sha256(claim.execution_id)
        token = claim.fencing_token
        owner.scored(claim.execution_id, fencing_token=token, sha256=digest, inputs={})
        items = [Item(subject_id=claim.execution_id, sha256=digest)]
        return self.ask(owner, ApprovalKind.RESULTS, dataset.id, items)

    def granted(self) -> tuple[int, ReleasedMetrics]:
        """A fencing token, and scores whose release was granted."""
        benchmark, dataset = self.ready()
        claim, approval = self.scored(dataset, benchmark)
        self.grant(self.person("owner"), approval.id)
        return claim.fencing_token, released(claim.execution_id, approval.id)

    def submitted(self) -> int:
        """The id of an execution that was submitted."""
        token, scores = self.granted()
        return self.person("owner").submit(scores, fencing_token=token).execution_id

    def ask(
        self, who: RegistryClient, kind: ApprovalKind, dataset_id: int, items: list[Item]
    ) -> Approval:
        """A release request, an hour long."""
        return who.request_release(
            ReleaseRequest(
                kind=kind,
                dataset_id=dataset_id,
                items=tuple(items),
                shown_sha256=items_digest(items),
                deadline_s=3600,
            )
        )

    def grant(self, who: RegistryClient, approval_id: int) -> Approval:
        """The approval, granted by `who`."""
        return who.decide(approval_id, decision_on(who.approval(approval_id)))


def email_of(name: str) -> str:
    """The e-mail of somebody of this world."""
    return f"{name}@example.org"
