"""The client's part for what people register, and for the registry's own books."""

from cube_specs.models import CubeKind
from rounds.client.connection import Connection
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    Benchmark,
    BenchmarkChange,
    BenchmarkIn,
    MetricsCubeChange,
    PreparatorChange,
    PriorityChange,
)
from rounds.records.cubes import Cube, CubeChange, CubeIn
from rounds.records.datasets import Dataset, DatasetChange, DatasetIn
from rounds.records.executions import Withdrawal
from rounds.records.service import AuditEntry, AuditHead, Health, Notice, NoticeStatus, Version


class Registrations(Connection):
    """Cubes, benchmarks, datasets, associations, audit and outbox; each method is one route."""

    def health(self) -> Health:
        """That the registry and its database answer; needs no token."""
        return self._get(Health, "/health")

    def version(self) -> Version:
        """The registry's version, and the oldest client's that it answers; needs no token."""
        return self._get(Version, "/version")

    def audit(self) -> list[AuditEntry]:
        """Every write so far; administrators only."""
        return self._list(AuditEntry, "/audit")

    def audit_head(self) -> AuditHead:
        """The sealed chain's end; administrators only."""
        return self._get(AuditHead, "/audit/head")

    def notices(self, *, status: NoticeStatus | None = None) -> list[Notice]:
        """What Prefect is to be told, by id; administrators only."""
        return self._list(Notice, "/outbox", status=status)

    def requeue(self, notice_id: int) -> Notice:
        """A DEAD notice, to be delivered again; administrators only."""
        return self._post(Notice, f"/outbox/{notice_id}/requeue")

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

    def change_cube(self, cube_id: int, change: CubeChange, *, revision: int) -> Cube:
        """The cube, changed from the revision that was read.

        Raises:
            Conflict: It changed meanwhile, or a field is frozen in OPERATION.
        """
        return self._patch(Cube, f"/cubes/{cube_id}", change, revision=revision)

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

    def change_benchmark(
        self, benchmark_id: int, change: BenchmarkChange, *, revision: int
    ) -> Benchmark:
        """The benchmark, changed from the revision that was read; changed terms ask everyone again.

        Raises:
            Conflict: It changed meanwhile, or a field is frozen in OPERATION.
        """
        return self._patch(Benchmark, f"/benchmarks/{benchmark_id}", change, revision=revision)

    def change_preparator(
        self, benchmark_id: int, change: PreparatorChange, *, revision: int
    ) -> Benchmark:
        """The benchmark with a new revision of its preparator, compatible with the old one or not.

        Raises:
            Conflict: It changed after `revision` was read.
        """
        path = f"/benchmarks/{benchmark_id}/preparator"
        return self._put(Benchmark, path, change, revision=revision)

    def change_metrics(
        self, benchmark_id: int, change: MetricsCubeChange, *, revision: int
    ) -> Benchmark:
        """The benchmark with a new metrics cube; what the old one scored is outstanding again.

        Raises:
            Conflict: It changed after `revision` was read.
        """
        path = f"/benchmarks/{benchmark_id}/metrics"
        return self._put(Benchmark, path, change, revision=revision)

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

    def change_dataset(self, dataset_id: int, change: DatasetChange, *, revision: int) -> Dataset:
        """The dataset, changed from the revision that was read.

        Raises:
            Conflict: It changed meanwhile, or a field is frozen in OPERATION.
        """
        return self._patch(Dataset, f"/datasets/{dataset_id}", change, revision=revision)

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

    def association(self, association_id: int) -> Association:
        """One association."""
        return self._get(Association, f"/associations/{association_id}")

    def revoke_association(self, association_id: int, reason: str) -> Association:
        """The association, REVOKED; what was outstanding under it stops."""
        body = Withdrawal(reason=reason)
        return self._post(Association, f"/associations/{association_id}/revocation", body)

    def set_priority(
        self, association_id: int, change: PriorityChange, *, revision: int
    ) -> Association:
        """A model's association with a new priority; higher runs first.

        Raises:
            Conflict: It changed after `revision` was read.
        """
        path = f"/associations/{association_id}/priority"
        return self._put(Association, path, change, revision=revision)
