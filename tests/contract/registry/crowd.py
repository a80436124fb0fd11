"""A registry with so many of everything: what a list is walked, filtered and counted on."""

from dataclasses import dataclass, field

from cube_specs.models import CubeKind
from rounds.client.registry import RegistryClient
from rounds.errors import Code
from rounds.records.approvals import ApprovalKind, Decision, Item
from rounds.records.benchmarks import AssociationIn, Benchmark, BenchmarkChange
from rounds.records.cubes import CubeChange, State
from rounds.records.datasets import Dataset, DatasetChange
from rounds.records.people import (
    MemberIn,
    OrganisationChange,
    OrganisationIn,
    Role,
    TokenIn,
    UserChange,
    UserIn,
)
from tests.contract.registry.builders import make_benchmark, make_cube, make_dataset, sha
from tests.contract.registry.wishes import claim_of, decision_on, released, scores_sha256
from tests.contract.registry.world import World

FREE = {
    "datasets": {"mode": "ALWAYS"},
    "models": {"mode": "ALWAYS"},
    "sharing": {"per_site": {"committee": True}, "pooled": {"public": True}},
}
ALWAYS = {"statistics_release": "always", "results_release": "always"}


@dataclass
class Crowd:
    """Grows in a world, one of each kind at a time; every third of a kind differs from the others."""

    world: World
    size: int = 0
    models: list[int] = field(default_factory=list)

    def grow(self, size: int) -> "Crowd":
        """At least `size` of everything."""
        if self.size == 0:
            self._begin()
        for number in range(self.size, size):
            self._add_people(number)
            self._add_cubes(number)
            self._add_benchmark(number)
            self._add_results(number)
            self._add_publication(number)
        self.size = size
        return self

    def _begin(self) -> None:
        """Two committees with an open benchmark each, two hospitals, and an organisation that grows."""
        committee, rival = self.world.person("committee"), self.world.person("rival")
        first = self.world.approved_benchmark(**FREE)
        preparator = rival.register_cube(make_cube("prep two", CubeKind.PREPARATOR))
        other = rival.propose_benchmark(
            make_benchmark(
                preparator.id, first.reference_model_id, first.metrics_id, name="other", **FREE
            )
        )
        self.world.grant(self.world.admin, other.approval_id)
        self.benchmarks = [committee.benchmark(first.id), rival.benchmark(other.id)]
        self.owners = [self.world.person("owner"), self.world.person("neighbour")]
        self.growing = committee.found_organisation(OrganisationIn(name="The growing one"))

    def _add_people(self, number: int) -> None:
        admin, odd = self.world.admin, number % 3 == 0
        user = admin.add_user(UserIn(name="Kim", email=f"kim{number}@example.org"))
        token = admin.mint_token(admin.me().id, TokenIn(label="laptop"))
        organisation = admin.found_organisation(OrganisationIn(name=f"House {'ab' * (number + 1)}"))
        role = Role.DECIDER if odd else Role.MEMBER
        place = MemberIn(email=f"guest{number}@example.org", role=role)
        self.world.person("committee").offer_place(self.growing.id, place)
        if odd:
            admin.change_user(user.id, UserChange(is_valid=False), revision=user.revision)
            admin.revoke_token(token.id)
            withdrawn = OrganisationChange(is_valid=False)
            admin.change_organisation(organisation.id, withdrawn, revision=organisation.revision)

    def _add_cubes(self, number: int) -> None:
        odd = number % 3 == 0
        who = self.world.person("rival" if odd else "committee")
        state = State.DEVELOPMENT if odd else State.OPERATION
        wanted = make_cube(f"tree {'ab' * (number + 1)}").model_copy(update={"state": state})
        cube = who.register_cube(wanted)
        if number % 3 == 1:
            who.change_cube(cube.id, CubeChange(is_valid=False), revision=cube.revision)
            return
        if cube.state is State.OPERATION:
            who.associate(self.world.wish(self.benchmarks[0], model_id=cube.id))
            self.models.append(cube.id)

    def _add_benchmark(self, number: int) -> None:
        """Another benchmark, which nobody joins: refused, withdrawn or inactive."""
        like, committee = self.benchmarks[number % 2], ("committee", "rival")[number % 2]
        client = self.world.person(committee)
        made = client.propose_benchmark(
            make_benchmark(
                like.preparator_id,
                like.reference_model_id,
                like.metrics_id,
                name=f"lumps {'ab' * (number + 1)}",
                state=State.DEVELOPMENT,
            )
        )
        asked = self.world.admin.approval(made.approval_id)
        decision = Decision.REFUSE if number % 3 == 0 else Decision.GRANT
        self.world.admin.decide(asked.id, decision_on(asked, decision))
        change = BenchmarkChange(is_active=False) if number % 2 else BenchmarkChange(is_valid=False)
        now = client.benchmark(made.id)
        client.change_benchmark(made.id, change, revision=now.revision)

    def _add_results(self, number: int) -> None:
        """A dataset that joined with one cell: submitted, submitted and withdrawn, or failed; and one beside it."""
        place = int(number % 3 == 1)
        owner, benchmark = self.owners[place], self.benchmarks[place]
        wanted = make_dataset(
            benchmark.id, f"site-{'ab'[place]}", raw_digest=sha(f"raw {number}"), **ALWAYS
        )
        spare = wanted.model_copy(update={"raw_digest": sha(f"spare {number}")})
        other = owner.register_dataset(spare)
        if number % 3 == 0:
            owner.change_dataset(other.id, DatasetChange(is_valid=False), revision=other.revision)
        dataset = owner.register_dataset(wanted)
        owner.submit_statistics(self.world.ask_statistics(owner, dataset))
        joins = AssociationIn(
            benchmark_id=benchmark.id, dataset_id=dataset.id, test_sha256=sha("test")
        )
        asked = owner.associate(joins)
        self._run(owner, dataset, benchmark, fails=number % 3 == 2)
        if number % 3 == 0:
            owner.revoke_association(asked.id, "a pause")
            owner.associate(joins)
        if number % 3 == 1:
            owner.withdraw_result(owner.results(dataset_id=dataset.id)[0].id, "a mistake")

    def _run(
        self, owner: RegistryClient, dataset: Dataset, benchmark: Benchmark, *, fails: bool
    ) -> None:
        here = benchmark.id == self.benchmarks[0].id
        model_id = self.models[-1] if self.models and here else benchmark.reference_model_id
        wanted = claim_of(dataset, benchmark).model_copy(update={"model_id": model_id})
        claim = owner.claim(wanted)
        key, token = claim.execution_id, claim.fencing_token
        if fails:
            owner.fail(key, fencing_token=token, code=Code.CUBE_FAILED)
            return
        digest = scores_sha256(key)
        owner.scored(key, fencing_token=token, sha256=digest, inputs={})
        items = [Item(subject_id=key, sha256=digest)]
        approval = self.world.ask(owner, ApprovalKind.RESULTS, dataset.id, items)
        owner.submit(released(key, approval.id), fencing_token=token)

    def _add_publication(self, number: int) -> None:
        place = number % 2
        committee = self.world.person(("committee", "rival")[place])
        asked = committee.request_publication(self.benchmarks[place].id)
        if number % 3 != 2:
            self.world.grant(committee, asked.id)
