"""What is registered in the second release: it belongs to its owner's organisation of one.

Whatever is in use is in OPERATION. The terms of a benchmark are what they were, and for what is new the
narrowest there is.
"""

from sqlalchemy import RowMapping, select

from registry_api.storage.migrations.moving import Before, Differ, Filling, Row, carried, different
from registry_api.storage.migrations.release_2.people import FOLLOWED
from registry_api.storage.migrations.release_2.tables import (
    ASSOCIATIONS,
    BENCHMARKS,
    CUBES,
    DATASETS,
)
from rounds.lookalikes import name_key

LONGEST_S = 366 * 24 * 3600
ASSOCIATION_S = 14 * 24 * 3600
CELL_S = 7 * 24 * 3600
OWN = ("preparator_id", "reference_model_id", "metrics_id")
COMMITTEE = {"committee": True, "model_owner": False, "participants": False, "public": False}
TERMS = {
    "sharing": {
        "per_site": COMMITTEE,
        "pooled": COMMITTEE | {"model_owner": True, "participants": True},
    },
    "partial_predictions": False,
    "minimum_sites": 1,
    "minimum_coverage": 0.0,
}
NEW_IN_BENCHMARKS = {
    **TERMS,
    "docs_url": None,
    "two_people": {"required": False, "organisations": False},
    "demo_dataset_url": None,
    "compatibility": {},
    "association_deadline_s": ASSOCIATION_S,
    "cell_deadline_s": CELL_S,
}


def fillings(before: Before) -> tuple[Filling, ...]:
    """Cubes, benchmarks, datasets and associations."""
    cubes, benchmarks, datasets = before["cube"], before["benchmark"], before["dataset"]
    prepared = select(datasets, benchmarks.c.body.label("benchmark")).join(
        benchmarks, benchmarks.c.id == datasets.c.benchmark_id
    )
    cube_key, benchmark_key, raw, done = different(), different(), different(), different()
    return (
        Filling(
            table=CUBES,
            source=select(cubes),
            make=lambda row: _cube(row, cube_key(name_key(row["name"]), row["id"], None)),
        ),
        Filling(
            table=BENCHMARKS,
            source=select(benchmarks),
            make=lambda row: _benchmark(row, benchmark_key(name_key(row["name"]), row["id"], None)),
        ),
        Filling(
            table=DATASETS,
            source=prepared,
            make=lambda row: _dataset(row, raw, done),
        ),
        Filling(
            table=ASSOCIATIONS,
            source=select(before["association"]),
            make=lambda row: carried(row, ASSOCIATIONS, **FOLLOWED),
        ),
    )


def _cube(row: RowMapping, key: str) -> Row:
    owner_id = row["owner_id"]
    return carried(
        row,
        CUBES,
        **FOLLOWED,
        organisation_id=owner_id,
        name_key=key,
        state="OPERATION",
        body={**row["body"], "needs": {"writable_root": False, "scratch_gib": None}},
    )


def _benchmark(row: RowMapping, key: str) -> Row:
    """A benchmark; the ids on its lists of users are those of the users' organisations too."""
    old = row["body"]
    kept = {name: value for name, value in old.items() if name not in OWN}
    body = kept | NEW_IN_BENCHMARKS
    body["approval_deadline_s"] = min(old["approval_deadline_s"], LONGEST_S)
    return carried(
        row,
        BENCHMARKS,
        **FOLLOWED,
        organisation_id=row["owner_id"],
        name_key=key,
        state="OPERATION" if row["status"] == "APPROVED" else "DEVELOPMENT",
        is_active=True,
        preparator_id=old["preparator_id"],
        compatible_preparators=[old["preparator_id"]],
        body=body,
    )


def _dataset(row: RowMapping, raw: Differ, done: Differ) -> Row:
    """A dataset; of twins, which were prepared for two benchmarks, the later one's digests differ.

    Its document keeps the one of the raw data as it is.
    """
    owner_id, key, prepared = row["owner_id"], row["id"], row["prepared_digest"]
    finished = row["state"] == "OPERATION"
    return carried(
        row,
        DATASETS,
        **FOLLOWED,
        organisation_id=owner_id,
        preparator_id=_preparator(row),
        raw_digest=raw(row["raw_digest"], key, (owner_id, _preparator(row))),
        prepared_digest=done(prepared, key, owner_id) if prepared else None,
        progress={"status": "finished" if finished else "not_started"},
        body={**row["body"], "progress_consent": False, "submitted_as_prepared": False},
    )


def _preparator(row: RowMapping) -> int:
    return int(row["benchmark"]["preparator_id"])
