"""What the first release cannot hold is ended in its words, so that nothing withdrawn goes on in it.

1. A benchmark that is withdrawn or inactive is REJECTED.
2. An association that was WITHDRAWN is REJECTED; one whose benchmark, dataset or model does not go on is
   REJECTED or REVOKED, and so is one that waits for a second person, since one would be enough there.
3. An approval ends with what it is about.
"""

from sqlalchemy import RowMapping, Select, Table, and_, func, select, true

from registry_api.storage.migrations.moving import Before

ENDED = {"PENDING": "REJECTED", "APPROVED": "REVOKED", "WITHDRAWN": "REJECTED"}
APPROVAL_ENDED = {"PENDING": "EXPIRED", "GRANTED": "REVOKED"}
ASKS_TO_GO_ON = frozenset({"benchmark", "association"})


def sides(before: Before, table: Table) -> Select[tuple[object, ...]]:
    """A table's rows, and whether the benchmark, dataset and model that each names go on."""
    benchmarks, datasets, cubes = before["benchmark"], before["dataset"], before["cube"]
    conditions = (
        and_(benchmarks.c.is_valid, benchmarks.c.is_active),
        datasets.c.is_valid,
        cubes.c.is_valid,
    )
    go_on = and_(*(func.coalesce(condition, true()) for condition in conditions))
    return (
        select(table, go_on.label("sides_go_on"))
        .outerjoin(benchmarks, benchmarks.c.id == table.c.benchmark_id)
        .outerjoin(datasets, datasets.c.id == table.c.dataset_id)
        .outerjoin(cubes, cubes.c.id == table.c.model_id)
    )


def benchmark_status(row: RowMapping) -> str:
    """Where a benchmark stands in the first release."""
    goes_on = row["is_valid"] and row["is_active"]
    return str(row["status"]) if goes_on else "REJECTED"


def association_status(row: RowMapping) -> str:
    """Where an association stands in the first release; `needed` is the votes it waits for."""
    status = str(row["status"])
    waits = status == "PENDING" and row["needed"] is not None and row["needed"] > 1
    ends = waits or not row["sides_go_on"] or status == "WITHDRAWN"
    return ENDED.get(status, status) if ends else status


def approval_status(row: RowMapping) -> str:
    """Where an approval stands in the first release."""
    status = str(row["status"])
    if status == "WITHDRAWN":
        return "VOID"
    if row["kind"] not in ASKS_TO_GO_ON:
        return status
    waits = status == "PENDING" and row["needed"] > 1
    ends = waits or not row["sides_go_on"]
    return APPROVAL_ENDED.get(status, status) if ends else status
