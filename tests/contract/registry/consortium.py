"""One whole consortium, where every kind of thing is there in every status that somebody may stumble on."""

from dataclasses import dataclass, field

from rounds.client.registry import RegistryClient
from rounds.records.approvals import Approval, ApprovalKind, Decision, Item
from rounds.records.base import Record
from rounds.records.benchmarks import (
    Association,
    Benchmark,
    BenchmarkIn,
    SharingPolicy,
    TwoPeople,
)
from rounds.records.cubes import Cube
from rounds.records.datasets import Dataset
from rounds.records.executions import Claim
from rounds.records.people import MemberIn, Role
from tests.contract.registry.builders import make_cube, make_dataset
from tests.contract.registry.wishes import claim_of, decision_on, released, scores_sha256
from tests.contract.registry.world import World, email_of

SHARED = SharingPolicy.model_validate(
    {"pooled": {"model_owner": True, "participants": True, "public": True}}
)


@dataclass
class Consortium:
    """Builds it in a world; `ids` holds what there is by noun and by a label of its own.

    A committee of two deciders and a reader, its benchmark with the two-people rule, two hospitals that
    joined, a model that joined, and a rival committee with a benchmark of its own and one that is pending.
    """

    world: World
    ids: dict[str, dict[str, int]] = field(default_factory=dict)

    def build(self) -> "Consortium":
        """All of it."""
        committee = self.world.organisation("The committee", "committee", "second")
        reader = MemberIn(email=email_of("reader"), role=Role.READER)
        self.world.person("committee").offer_place(committee, reader)
        self.world.person("reader").join(committee)
        self.world.person("stranger")
        self._note("organisation", committee=committee)
        founder, *_ = self.world.person("committee").members(committee)
        self._note("member", founder=founder)
        joined = self._benchmarks(committee)
        self._hospitals(joined)
        self._models(joined)
        self._publications(joined)
        self._people()
        return self

    def _benchmarks(self, committee: int) -> Benchmark:
        """The committee's benchmark, approved; a rival's too, and another one of the rival's that waits."""
        two = TwoPeople(required=True)
        joined = self.world.approved_benchmark(
            organisation_id=committee, two_people=two, sharing=SHARED
        )
        rival = self.world.person("rival")
        fields = joined.model_dump(include=set(BenchmarkIn.model_fields) - {"organisation_id"})
        other = rival.propose_benchmark(BenchmarkIn.model_validate(fields | {"name": "bones"}))
        self.world.grant(self.world.admin, other.approval_id)
        waiting = BenchmarkIn.model_validate(fields | {"name": "hearts"})
        pending = rival.propose_benchmark(waiting)
        self._note("benchmark", joined=joined, rivals=other, pending=pending)
        self._note("approval", benchmark=pending.approval_id)
        return joined

    def _hospitals(self, joined: Benchmark) -> None:
        """Two hospitals with results; each has a dataset beside, that joined nothing."""
        dataset = self.world.operational(joined)
        neighbours = self.world.operational(joined, "neighbour", "site-b")
        rivals = self.world.operational(self._benchmark("rivals"), "owner", "site-e")
        beside = self._client("neighbour").register_dataset(make_dataset(joined.id, "site-c"))
        self._note("dataset", owners=dataset, neighbours=neighbours, beside=beside, rivals=rivals)
        statistics = self.world.ask_statistics(self._client("neighbour"), beside)
        self._note("approval", statistics=statistics.approval_id)
        for name, each in (("owner", dataset), ("neighbour", neighbours)):
            association = self._join(self._client(name), joined, dataset_id=each.id)
            execution, approval, result = self._submit(name, each, joined)
            self._note("association", **{f"{name}s": association})
            self._note("execution", **{f"{name}s": execution})
            self._note("approval", **{f"{name}s": approval})
            self._note("result", **{f"{name}s": result})

    def _models(self, joined: Benchmark) -> None:
        """A model that joined, and an association of somebody else's models in each other status."""
        modeller, maker = self._client("modeller"), self._client("maker")
        model = modeller.register_cube(make_cube("tree"))
        self._note("cube", modellers=model)
        self._note("association", modellers=self._join(modeller, joined, model_id=model.id))
        asked = {
            status: maker.associate(self.world.wish(joined, model_id=self._cube(maker, status).id))
            for status in ("pending", "rejected", "revoked", "withdrawn")
        }
        committee = self._client("committee")
        refused = committee.approval(asked["rejected"].approval_id)
        committee.decide(refused.id, decision_on(refused, Decision.REFUSE))
        self._both(asked["revoked"].approval_id)
        maker.revoke_association(asked["revoked"].id, "a mistake")
        maker.withdraw_approval(asked["withdrawn"].approval_id, "asked too early")
        self._note("association", **asked)
        self._note("approval", association=asked["pending"].approval_id)
        claim = self._client("owner").claim(
            claim_of(self._dataset("owners"), joined).model_copy(update={"model_id": model.id})
        )
        self._note("execution", claimed=claim.execution_id)

    def _publications(self, joined: Benchmark) -> None:
        """One that was published, and one that waits."""
        committee = self._client("committee")
        first = committee.request_publication(joined.id)
        third = MemberIn(email=email_of("third"), role=Role.DECIDER)
        self._client("third")
        committee.offer_place(self.ids["organisation"]["committee"], third)
        self._client("third").join(self.ids["organisation"]["committee"])
        self._both(first.id, "second", "third")
        waiting = committee.request_publication(joined.id)
        self._note("publication", published=first.subject_id, waiting=waiting.subject_id)
        self._note("approval", publication=waiting.id)

    def _people(self) -> None:
        """People, their own organisations and their tokens; somebody's who is alone, and a fellow's."""
        for name in ("owner", "committee"):
            person = self._client(name).me()
            self._note("user", **{name: person})
            self._note("organisation", **{f"{name}s own": person.organisation_id})
            self.world.token(name)
            spare = max(token.id for token in self._client(name).tokens())
            self._note("token", **{f"{name}s": spare})
        notices = self.world.admin.notices()
        self._note("notice", first=notices[0].id)

    def _join(self, who: RegistryClient, joined: Benchmark, **component: int) -> Association:
        asked = who.associate(self.world.wish(joined, **component))
        self._both(asked.approval_id)
        return asked

    def _submit(self, name: str, dataset: Dataset, benchmark: Benchmark) -> tuple[int, int, int]:
        client = self._client(name)
        claim = client.claim(claim_of(dataset, benchmark))
        approval = self._score(client, dataset, claim)
        self.world.grant(client, approval.id)
        execution = claim.execution_id
        client.submit(released(execution, approval.id), fencing_token=claim.fencing_token)
        return execution, approval.id, client.results(execution_id=execution)[0].id

    def _score(self, client: RegistryClient, dataset: Dataset, claim: Claim) -> Approval:
        digest = scores_sha256(claim.execution_id)
        client.scored(
            claim.execution_id, fencing_token=claim.fencing_token, sha256=digest, inputs={}
        )
        items = [Item(subject_id=claim.execution_id, sha256=digest)]
        return self.world.ask(client, ApprovalKind.RESULTS, dataset.id, items)

    def _both(self, approval_id: int, *names: str) -> None:
        """Grant by two people."""
        for name in names or ("committee", "second"):
            self.world.grant(self._client(name), approval_id)

    def _client(self, name: str) -> RegistryClient:
        return self.world.person(name)

    def _benchmark(self, label: str) -> Benchmark:
        return self.world.admin.benchmark(self.ids["benchmark"][label])

    def _dataset(self, label: str) -> Dataset:
        return self.world.admin.dataset(self.ids["dataset"][label])

    def _cube(self, who: RegistryClient, name: str) -> Cube:
        return who.register_cube(make_cube(f"model that is {name}"))

    def _note(self, noun: str, **found: Record | int) -> None:
        ids = {label: key_of(each) for label, each in found.items()}
        self.ids.setdefault(noun, {}).update(ids)


def key_of(thing: Record | int) -> int:
    """The id of something, or what is one already."""
    return thing if isinstance(thing, int) else int(thing.model_dump()["id"])
