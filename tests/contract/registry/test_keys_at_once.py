"""Idempotency keys that meet: one request sent at the same moment, one key with other tokens."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select

from registry_api.auth import nobody
from registry_api.models import FailureRow
from registry_api.services import answers
from registry_api.storage.database import Database
from rounds.digests import sha256_bytes
from rounds.errors import Conflict
from rounds.records.people import Role, TokenIn, TokenKind
from rounds.records.service import Health
from tests.contract.registry.builders import make_cube, sha
from tests.contract.registry.databases import Databases
from tests.contract.registry.races import race
from tests.contract.registry.raw import raw_client
from tests.contract.registry.world import World

KEY = {"Idempotency-Key": "a-key-of-ones-own"}
REPLAYED = "Idempotency-Replayed"
AT = datetime(2026, 1, 1, tzinfo=UTC)
N = 8


class TestAtOnce:
    def test_mint_one_token(self, world: World) -> None:
        """Of requests with one key, for what nothing else makes unique, one is done; the others are told so."""
        clients = [raw_client(world.stack, world.admin) for _ in range(N)]
        path = f"/api/v1/users/{world.admin.me().id}/tokens"

        made, _ = race(
            [partial(http.post, path, json={"label": "lap"}, headers=KEY) for http in clients]
        )

        assert sorted(answer.status_code for answer in made) == [201] + [409] * (N - 1)
        assert {said(answer)[:26] for answer in made if answer.status_code == 409} == {
            "this was done already, and"
        }
        assert len(world.admin.tokens(kind=TokenKind.API)) == 1
        assert audited(world).count("token.api") == 1

    def test_extend_a_lease_once(self, world: World) -> None:
        """Of heartbeats with one key one is done, and the others get its answer."""
        benchmark, dataset = world.ready()
        claim = world.claim(dataset, benchmark)
        clients = [raw_client(world.stack, world.person("owner")) for _ in range(N)]
        path = f"/api/v1/executions/{claim.execution_id}/heartbeat"
        body = {"fencing_token": claim.fencing_token}

        made, _ = race([partial(http.post, path, json=body, headers=KEY) for http in clients])

        assert [answer.status_code for answer in made] == [200] * N
        assert sum(REPLAYED in answer.headers for answer in made) == N - 1
        assert len({answer.content for answer in made}) == 1

    def test_are_refused_without_doing_it_again(self, database: str) -> None:
        """A key that another request took is a conflict at once; the work is not tried again."""
        opened, tries = Database(database), []

        def work(session: Session) -> None:
            tries.append(1)
            keep(session, "one")

        opened.write(work)

        with pytest.raises(Conflict, match="another request with the same idempotency key"):
            opened.write(work)
        opened.close()
        assert len(tries) == 2

    @pytest.mark.postgres
    def test_leave_other_keys_alone(self, databases: Databases, tmp_path: Path) -> None:
        """A write with a key reads no other's: two that overlap are not decided anew for their keys."""
        tries = []

        def first(session: Session) -> None:
            tries.append("first")
            keep(session, "first")
            session.add(FailureRow(sha256=sha("first"), count=1, last=AT))
            session.flush()

        def second(session: Session) -> None:
            tries.append("second")
            session.exec(select(FailureRow)).all()
            if len(tries) == 1:
                opened.write(first)
            keep(session, "second")

        with databases.lent("postgresql", tmp_path) as address:
            opened = Database(address)
            opened.write(second)
            opened.close()

        assert tries == ["second", "first"]


class TestTokens:
    def test_of_a_reader_get_no_answer_of_a_write(self, world: World) -> None:
        """Who may not write is refused, and learns nothing of what the same key did before."""
        owner = world.person("owner")
        cube = make_cube("tree").model_dump(mode="json")
        raw_client(world.stack, owner).post("/api/v1/cubes", json=cube, headers=KEY)
        reader = raw_client(world.stack, world.client(world.token("owner", Role.READER)))

        answer = reader.post("/api/v1/cubes", json=cube, headers=KEY)

        assert answer.status_code == 403
        assert said(answer) == "the token acts as reader, needed one that acts as member"

    @pytest.mark.parametrize(
        "limited",
        [TokenIn(label="worker", site="site-a"), TokenIn(label="laptop", role=Role.DECIDER)],
        ids=["site", "role"],
    )
    def test_with_other_rights_need_another_key(self, world: World, limited: TokenIn) -> None:
        """The answer to one token is not given to another of the same person with another site or role."""
        owner = world.person("owner")
        cube = make_cube("tree").model_dump(mode="json")
        first, same = (world.client(world.token("owner")) for _ in range(2))
        other = world.client(owner.mint_token(owner.me().id, limited).secret or "")

        given = [
            raw_client(world.stack, client).post("/api/v1/cubes", json=cube, headers=KEY)
            for client in (first, same, other)
        ]

        assert [answer.status_code for answer in given] == [201, 201, 409]
        assert [REPLAYED in answer.headers for answer in given] == [False, True, False]
        assert said(given[2]) == (
            "the idempotency key came with another request or another token's rights, needed a new key"
        )


def said(answer: httpx.Response) -> str:
    """What a refusal says."""
    return str(answer.json()["detail"])


def audited(world: World) -> list[str]:
    """What the audit log says was done."""
    return [entry.action for entry in world.admin.audit()]


def key_of(name: str) -> answers.Key:
    """An idempotency key of a request of its own."""
    return answers.Key(key=name, request_sha256=sha256_bytes(name.encode()), status=200)


def keep(session: Session, name: str) -> None:
    """Keep an answer under a key, as a write does."""
    answers.keep(session, nobody(AT, "test"), key_of(name), Health(status="ok"))
