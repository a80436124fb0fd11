"""The client's part for people and for what they register."""

from cube_specs.models import CubeKind
from rounds.client.connection import Connection
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    Benchmark,
    BenchmarkIn,
    MetricsCubeChange,
    PriorityChange,
)
from rounds.records.cubes import Cube, CubeIn
from rounds.records.datasets import Dataset, DatasetIn
from rounds.records.people import Token, TokenIn, User, UserIn
from rounds.records.service import AuditEntry, Health


class Registrations(Connection):
    """People, cubes, benchmarks, datasets and associations; each method is one route."""

    def health(self) -> Health:
        """That the registry and its database answer; needs no token."""
        return self._get(Health, "/health")

    def audit(self) -> list[AuditEntry]:
        """Every write so far; administrators only."""
        return self._list(AuditEntry, "/audit")

    def add_user(self, user: UserIn) -> User:
        """A new person; administrators only."""
        return self._post(User, "/users", user)

    def users(self) -> list[User]:
        """Everyone; administrators only."""
        return self._list(User, "/users")

    def me(self) -> User:
        """Whose token this is."""
        return self._get(User, "/users/me")

    def mint_token(self, user_id: int, token: TokenIn) -> Token:
        """A new token, its secret shown this once."""
        return self._post(Token, f"/users/{user_id}/tokens", token)

    def revoke_token(self, token_id: int) -> Token:
        """The token, good for nothing from now on."""
        return self._delete(Token, f"/tokens/{token_id}")

    def register_cube(self, cube: CubeIn) -> Cube:
        """A new cube.

        Raises:
            Conflict: Its name or its digest is taken.
            IntegrityError: Its digest is not that of its content.
        """
        return self._post(Cube, "/cubes", cube)

    def cubes(self, *, name: str | None = None, kind: CubeKind | None = None) -> list[Cube]:
        """The cubes, by id."""
        return self._list(Cube, "/cubes", name=name, kind=kind)

    def cube(self, cube_id: int) -> Cube:
        """One cube."""
        return self._get(Cube, f"/cubes/{cube_id}")

    def propose_benchmark(self, benchmark: BenchmarkIn) -> Benchmark:
        """A new benchmark, PENDING until an administrator decides.

        Raises:
            Conflict: The name is taken, or another of yours is pending.
        """
        return self._post(Benchmark, "/benchmarks", benchmark)

    def benchmarks(self, *, name: str | None = None) -> list[Benchmark]:
        """The benchmarks you may know of, by id."""
        return self._list(Benchmark, "/benchmarks", name=name)

    def benchmark(self, benchmark_id: int) -> Benchmark:
        """One benchmark."""
        return self._get(Benchmark, f"/benchmarks/{benchmark_id}")

    def change_metrics(self, benchmark_id: int, metrics_id: int) -> Benchmark:
        """The benchmark with a new metrics cube; what the old one scored is outstanding again."""
        body = MetricsCubeChange(metrics_id=metrics_id)
        return self._put(Benchmark, f"/benchmarks/{benchmark_id}/metrics", body)

    def register_dataset(self, dataset: DatasetIn) -> Dataset:
        """A new dataset, in DEVELOPMENT."""
        return self._post(Dataset, "/datasets", dataset)

    def datasets(
        self, *, benchmark_id: int | None = None, site: str | None = None
    ) -> list[Dataset]:
        """The datasets you may know of, by id."""
        return self._list(Dataset, "/datasets", benchmark_id=benchmark_id, site=site)

    def dataset(self, dataset_id: int) -> Dataset:
        """One dataset."""
        return self._get(Dataset, f"/datasets/{dataset_id}")

    def associate(self, association: AssociationIn) -> Association:
        """A request to join; APPROVED at once where the benchmark's rule says so.

        Raises:
            Conflict: Something is not ready, or an open association is there.
        """
        return self._post(Association, "/associations", association)

    def associations(
        self,
        *,
        benchmark_id: int | None = None,
        dataset_id: int | None = None,
        model_id: int | None = None,
        status: AssociationStatus | None = None,
    ) -> list[Association]:
        """The associations you may know of, by id; the latest of a pair is in force."""
        return self._list(
            Association,
            "/associations",
            benchmark_id=benchmark_id,
            dataset_id=dataset_id,
            model_id=model_id,
            status=status,
        )

    def revoke_association(self, association_id: int) -> Association:
        """The association, REVOKED; what was outstanding under it stops."""
        return self._post(Association, f"/associations/{association_id}/revocation")

    def set_priority(self, association_id: int, priority: int) -> Association:
        """A model's association with a new priority; higher runs first."""
        body = PriorityChange(priority=priority)
        return self._put(Association, f"/associations/{association_id}/priority", body)
