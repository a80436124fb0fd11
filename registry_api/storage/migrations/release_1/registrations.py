"""What was registered in the first release: it belonged to one user."""

from sqlalchemy import RowMapping, select

from registry_api.storage.migrations.moving import Before, Differ, Filling, Row, carried, different
from registry_api.storage.migrations.release_1.people import Owners
from registry_api.storage.migrations.release_1.tables import (
    ASSOCIATIONS,
    BENCHMARKS,
    CUBES,
    DATASETS,
)
from registry_api.storage.migrations.release_1.withdrawn import (
    association_status,
    benchmark_status,
    sides,
)

KEPT = ("name", "description", "contract", "datasets", "models", "demo_dataset_sha256",
        "compatibility_sha256", "approval_deadline_s")  # fmt: skip
NEW = ("progress_consent", "submitted_as_prepared")
OWN = ("preparator_id", "reference_model_id", "metrics_id")


def fillings(before: Before, owners: Owners) -> tuple[Filling, ...]:
    """Cubes, benchmarks, datasets and associations."""
    cube_name, benchmark_name, digest = different(), different(), different()
    associations, approvals = before["association"], before["approval"]
    asked = sides(before, associations).add_columns(approvals.c.needed)
    return (
        Filling(
            table=CUBES,
            source=select(before["cube"]),
            make=lambda row: _cube(row, owners, cube_name),
        ),
        Filling(
            table=BENCHMARKS,
            source=select(before["benchmark"]),
            make=lambda row: _benchmark(row, owners, benchmark_name),
        ),
        Filling(
            table=DATASETS,
            source=select(before["dataset"]),
            make=lambda row: _dataset(row, owners, digest),
        ),
        Filling(
            table=ASSOCIATIONS,
            source=asked.outerjoin(approvals, approvals.c.id == associations.c.approval_id),
            make=lambda row: carried(row, ASSOCIATIONS, status=association_status(row)),
        ),
    )


def document_of(row: RowMapping, owners: Owners) -> Row:
    """A benchmark's proposal, whose lists hold users."""
    body = row["body"]
    own = {name: row[name] for name in OWN}
    lists = {side: _on_list(body[side], owners) for side in ("datasets", "models")}
    return {name: body[name] for name in KEPT} | own | lists


def _cube(row: RowMapping, owners: Owners, differ: Differ) -> Row:
    owner_id = owners.owner_of(row["organisation_id"])
    body = {name: value for name, value in row["body"].items() if name != "needs"}
    name = differ(row["name"], row["id"], None)
    return carried(row, CUBES, owner_id=owner_id, name=name, body=body)


def _benchmark(row: RowMapping, owners: Owners, differ: Differ) -> Row:
    return carried(
        row,
        BENCHMARKS,
        owner_id=owners.owner_of(row["organisation_id"]),
        name=differ(row["name"], row["id"], None),
        status=benchmark_status(row),
        body=document_of(row, owners),
    )


def _dataset(row: RowMapping, owners: Owners, differ: Differ) -> Row:
    owner_id = owners.owner_of(row["organisation_id"])
    body = {name: value for name, value in row["body"].items() if name not in NEW}
    within = (owner_id, row["benchmark_id"])
    digest = differ(body["raw_digest"], row["id"], within)
    prepared = (row["prepared_digest"] or "").partition(" ")[0] or None
    changed = {"owner_id": owner_id, "raw_digest": digest, "prepared_digest": prepared}
    return carried(row, DATASETS, **changed, body=body)


def _on_list(rule: dict[str, object], owners: Owners) -> dict[str, object]:
    allowed = rule["allow"]
    ids = [key for key in allowed if isinstance(key, int)] if isinstance(allowed, list) else []
    return rule | {"allow": owners.on_list(ids)}
