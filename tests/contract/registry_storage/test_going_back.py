"""Back in the first release's tables is what they can hold, and nothing goes on that was ended since."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import Table, insert, update

from registry_api.storage.migrating import downgrade, upgrade
from registry_api.storage.migrations.release_2 import parties, tables
from rounds.digests import sha256_json
from tests.contract.registry_storage.stores import Row, Rows, Store, by_id, first_rows

AT = datetime(2026, 3, 3, tzinfo=UTC)
FOLLOWED = {"is_valid": True, "revision": 1}
ADMINISTRATOR, COMMITTEE, OWNER, SECOND, MAKER = 1, 2, 3, 4, 5
SHARED = 70


def go_back(store: Store) -> Rows:
    """What is left of a database in the tables of the first release."""
    with store.opened() as database:
        downgrade(database.engine, "0001")
    return store.rows()


def change(store: Store, table: Table, key: int, **values: object) -> None:
    """Give a row other values, as the second release would have it."""
    with store.connected() as connection:
        connection.execute(update(table).where(table.c.id == key).values(values))


def add(store: Store, table: Table, values: Mapping[str, object]) -> None:
    """Add a row, as the second release would have it."""
    with store.connected() as connection:
        connection.execute(insert(table).values(dict(values)))


def document_of(row: Row) -> dict[str, object]:
    """A row's document."""
    assert isinstance(row["body"], dict)
    return row["body"]


class TestRoundTrip:
    def test_keeps_what_the_first_release_holds(self, copied: Store) -> None:
        """Every row comes back as it was, but for the metrics cube in force and a token without a use."""
        before = first_rows()

        after = go_back(copied)

        for benchmark in before["benchmark"]:
            document_of(benchmark)["metrics_id"] = benchmark["metrics_id"]
        useless = by_id(after["token"])[7]
        assert useless["revoked_at"] is not None
        by_id(before["token"])[7].update(useless)
        entries = after.pop("audit")
        assert before.pop("audit") == entries[: len(first_rows()["audit"])]
        assert after == before

    def test_ends_where_it_began(self, copied: Store) -> None:
        """Up again, every row but the audit log's newest is as it was the first time."""
        first = copied.rows()
        go_back(copied)

        with copied.opened() as database:
            upgrade(database.engine)

        second = copied.rows()
        assert second.pop("audit")[: len(first["audit"])] == first.pop("audit")
        assert second == first

    def test_numbers_on(self, copied: Store) -> None:
        """A new row gets a new number, in either release's tables."""
        rows = go_back(copied)

        copied.run(
            "INSERT INTO user_account (name, email, is_admin) VALUES ('new', 'n@x.org', FALSE)"
        )

        assert copied.rows()["user_account"][-1]["id"] == len(rows["user_account"]) + 1


class TestOrganisations:
    @pytest.fixture
    def shared(self, copied: Store) -> Store:
        """A database with an organisation of two, which has a cube and is on an allow-list."""
        organisation = {"id": SHARED, "name": "Lumps United", "name_key": "lumps-united"}
        rest = {"second_factor": True, "is_personal": False, **FOLLOWED}
        add(copied, parties.ORGANISATIONS, organisation | rest)
        for user, role in ((SECOND, "member"), (MAKER, "manager"), (None, "manager")):
            place = {"organisation_id": SHARED, "email": f"{user}@x.org", "user_id": user}
            add(copied, parties.MEMBERS, place | {"role": role, **FOLLOWED})
        change(copied, tables.CUBES, 6, organisation_id=SHARED)
        body = document_of(by_id(copied.rows()["benchmark"])[1])
        allowed = {"mode": "ALLOWLIST", "allow": [OWNER, SHARED]}
        change(copied, tables.BENCHMARKS, 1, body=body | {"models": allowed})
        return copied

    def test_leave_what_they_have_to_their_manager(self, shared: Store) -> None:
        """What several own goes to the first who leads them."""
        rows = go_back(shared)

        assert by_id(rows["cube"])[6]["owner_id"] == MAKER

    def test_leave_what_they_have_to_an_administrator(self, shared: Store) -> None:
        """What nobody is left to own goes to an administrator."""
        shared.run("DELETE FROM member")

        rows = go_back(shared)

        assert by_id(rows["cube"])[6]["owner_id"] == ADMINISTRATOR

    def test_are_listed_by_their_members(self, shared: Store) -> None:
        """Who was allowed through an organisation is allowed alone."""
        rows = go_back(shared)

        rule = document_of(by_id(rows["benchmark"])[1])["models"]
        assert rule == {"mode": "ALLOWLIST", "allow": [OWNER, SECOND, MAKER]}


class TestTokens:
    def test_of_closed_accounts_are_revoked(self, copied: Store) -> None:
        """The first release cannot close an account, so nothing of a closed one may sign in."""
        change(copied, parties.USERS, OWNER, is_valid=False)

        rows = go_back(copied)

        assert by_id(rows["token"])[3]["revoked_at"] is not None
        assert by_id(rows["token"])[4]["revoked_at"] is None

    @pytest.mark.parametrize("kind", ["session", "invitation"])
    def test_that_are_no_programs_are_gone(self, copied: Store, kind: str) -> None:
        """A session, or an invitation, is no API token, and does not become one."""
        change(copied, parties.TOKENS, 3, kind=kind)

        rows = go_back(copied)

        assert 3 not in by_id(rows["token"])


class TestWithdrawn:
    @pytest.mark.parametrize(
        ("table", "key", "change_of", "association"),
        [
            (tables.DATASETS, 1, "is_valid", 1),
            (tables.CUBES, 4, "is_valid", 3),
            (tables.BENCHMARKS, 1, "is_valid", 2),
            (tables.BENCHMARKS, 1, "is_active", 2),
        ],
    )
    def test_takes_part_in_nothing(
        self, copied: Store, table: Table, key: int, change_of: str, association: int
    ) -> None:
        """What was withdrawn or set inactive has its association revoked, with the approval."""
        change(copied, table, key, **{change_of: False})

        rows = go_back(copied)

        ended = by_id(rows["association"])[association]
        approval = by_id(rows["approval"])[int(str(ended["approval_id"]))]
        assert (ended["status"], approval["status"]) == ("REVOKED", "REVOKED")
        assert approval["reason"] == "the registry went back to its first release"

    def test_benchmark_is_rejected(self, copied: Store) -> None:
        """A benchmark that was withdrawn takes nobody in."""
        change(copied, tables.BENCHMARKS, 1, is_valid=False)

        rows = go_back(copied)

        assert by_id(rows["benchmark"])[1]["status"] == "REJECTED"
        assert by_id(rows["association"])[5]["status"] == "REJECTED"
        assert by_id(rows["approval"])[8]["status"] == "EXPIRED"
        assert not by_id(rows["approval"])[8]["is_open"]

    def test_request_is_rejected(self, copied: Store) -> None:
        """A request that was taken back is over, in words that the first release knows."""
        change(copied, tables.ASSOCIATIONS, 5, status="WITHDRAWN")
        change(copied, tables.APPROVALS, 8, status="WITHDRAWN", is_open=False)

        rows = go_back(copied)

        assert by_id(rows["association"])[5]["status"] == "REJECTED"
        assert by_id(rows["approval"])[8]["status"] == "VOID"

    def test_result_stays_withdrawn(self, copied: Store) -> None:
        """A result that was withdrawn counts in neither release, there and back again."""
        change(copied, tables.RESULTS, 3, status="WITHDRAWN", reason="wrong patients")
        change(copied, tables.EXECUTIONS, 3, status="WITHDRAWN")

        rows = go_back(copied)

        with copied.opened() as database:
            upgrade(database.engine)
        assert by_id(rows["execution"])[3]["status"] == "HELD_BACK"
        assert by_id(copied.rows()["result"])[3]["status"] == "WITHDRAWN"


class TestApprovals:
    def test_that_wait_for_a_second_person_expire(self, copied: Store) -> None:
        """One person is not enough where two were asked for, so nobody is asked."""
        change(copied, tables.APPROVALS, 8, needed=2)

        rows = go_back(copied)

        assert by_id(rows["approval"])[8]["status"] == "EXPIRED"
        assert by_id(rows["association"])[5]["status"] == "REJECTED"

    def test_are_about_what_the_first_release_shows(self, copied: Store) -> None:
        """What is still to be decided is bound to what would be shown then, though it changed since."""
        body = document_of(by_id(copied.rows()["benchmark"])[4])
        change(copied, tables.BENCHMARKS, 4, body=body | {"description": "of the neck"})

        rows = go_back(copied)

        shown = sha256_json(document_of(by_id(rows["benchmark"])[4]))
        assert by_id(rows["approval"])[12]["shown_sha256"] == shown

    def test_of_publications_are_gone(self, copied: Store) -> None:
        """What the first release does not know leaves nothing behind, not in the outbox either."""
        change(copied, tables.APPROVALS, 19, kind="publication", subject_id=1)
        publication = {"benchmark_id": 1, "approval_id": 19, "sha256": "0" * 64, "leaderboard": {}}
        add(copied, tables.PUBLICATIONS, publication | {"published_at": AT, **FOLLOWED})
        add(copied, parties.DELEGATES, {"approval_id": 19, "user_id": OWNER})
        change(copied, parties.OUTBOX, 1, subject="approval/19")

        rows = go_back(copied)

        assert 19 not in by_id(rows["approval"])
        assert rows["decision_code"] == []
        assert 1 not in by_id(rows["outbox"])
