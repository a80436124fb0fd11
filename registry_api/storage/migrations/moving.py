"""How a release's tables become another's: set aside, made anew, and filled page by page.

1. The rows go into copies without rules, the tables are dropped, and the other release's are made: so no
   rule is in the way on the way, and each database ends with exactly the tables it would begin with.
2. A table is filled from the copies in the order of its rows' ids, a page at a time, whatever their number.
3. All of it is one transaction, and nobody else reads or writes the tables meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    RowMapping,
    Select,
    Table,
    func,
    insert,
    select,
    text,
)

PAGE = 1000
Row = dict[str, object]
Before = Mapping[str, Table]
Differ = Callable[[str, int, object], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """A table, the selection its rows come from, which has their `id`, and what becomes of each.

    A row that becomes None is left out.
    """

    table: Table
    source: Select[tuple[object, ...]]
    make: Callable[[RowMapping], Row | None]


def set_aside(connection: Connection, tables: Iterable[Table]) -> Before:
    """The copies of some tables by the tables' names; the tables themselves are gone."""
    ordered = [table for table in _parents_first(tables) if _exists(connection, table)]
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in ordered)
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    copies = {table.name: _copy(connection, table) for table in ordered}
    for table in reversed(ordered):
        table.drop(connection)
    return copies


def fill(connection: Connection, filling: Filling) -> Iterator[list[Row]]:
    """The rows of a table as they go in, a page at a time."""
    for page in pages(connection, filling.source):
        made = [row for row in map(filling.make, page) if row is not None]
        if made:
            connection.execute(insert(filling.table), made)
            yield made


def pages(
    connection: Connection, source: Select[tuple[object, ...]]
) -> Iterator[Sequence[RowMapping]]:
    """The rows of a selection in the order of their ids, a page at a time."""
    rows = source.subquery()
    last = 0
    while True:
        after = select(rows).where(rows.c.id > last).order_by(rows.c.id).limit(PAGE)
        page = connection.execute(after).mappings().all()
        if not page:
            return
        yield page
        last = page[-1]["id"]


def drop_copies(connection: Connection, before: Before) -> None:
    """Be rid of the copies."""
    for table in before.values():
        table.drop(connection)


def number_on(connection: Connection, tables: Iterable[Table]) -> None:
    """Have PostgreSQL number new rows after those that are there; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        sequence = func.pg_get_serial_sequence(table.name, "id")
        highest = func.max(table.c.id)
        connection.execute(
            select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None)))
        )


def carried(row: RowMapping, table: Table, **changed: object) -> Row:
    """What `row` holds of a table's columns, and what is `changed` or new."""
    return {column.name: row[column.name] for column in table.c if column.name in row} | changed


def different() -> Differ:
    """A function that gives a text as it is, and with the row's id added where it was given before.

    A third argument says within what the texts are to differ.
    """
    given: set[tuple[str, object]] = set()

    def differ(value: str, row_id: int, within: object = None) -> str:
        if (value, within) in given:
            return f"{value} {row_id}"
        given.add((value, within))
        return value

    return differ


def _parents_first(tables: Iterable[Table]) -> list[Table]:
    wanted = list(tables)
    return [table for table in wanted[0].metadata.sorted_tables if table in wanted]


def _exists(connection: Connection, table: Table) -> bool:
    return bool(connection.dialect.has_table(connection, table.name))


def _copy(connection: Connection, table: Table) -> Table:
    columns = (Column(c.name, c.type, primary_key=c.primary_key) for c in table.columns)
    copy = Table(f"before_{table.name}", MetaData(), *columns)
    copy.create(connection)
    connection.execute(insert(copy).from_select(list(copy.c.keys()), select(table)))
    return copy
