"""Once, whatever is sent twice: idempotency keys on POST, and ETags before changes."""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
from sqlmodel import select

from registry_api.models import AnswerRow
from registry_api.storage.database import Database
from rounds.records.cubes import CubeIn
from tests.contract.registry.builders import make_cube
from tests.contract.registry.raw import raw_client
from tests.contract.registry.world import World

KEY = {"Idempotency-Key": "a-key-of-ones-own"}
REPLAYED = "Idempotency-Replayed"


class TestKeys:
    def test_do_once_what_is_sent_twice(self, world: World) -> None:
        """The same key with the same request gets the same answer, which says that it is a repetition."""
        http, cube = raw_client(world.stack, world.admin), body_of(make_cube("tree"))

        first, again = (http.post("/api/v1/cubes", json=cube, headers=KEY) for _ in range(2))

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")
        assert len(world.admin.cubes()) == 1

    def test_are_for_one_request(self, world: World) -> None:
        """The same key with another body, or at another route, is refused; without a key it is done again."""
        http, cube = raw_client(world.stack, world.admin), body_of(make_cube("tree"))
        http.post("/api/v1/cubes", json=cube, headers=KEY)

        other = http.post("/api/v1/cubes", json=cube | {"name": "oak"}, headers=KEY)
        elsewhere = http.post("/api/v1/organisations", json={"name": "House"}, headers=KEY)
        without = http.post("/api/v1/cubes", json=cube)

        assert [detail_of(answer) for answer in (other, elsewhere)] == [
            (
                409,
                "the idempotency key came with another request or another token's rights, needed a new key",
            )
        ] * 2
        assert detail_of(without) == (
            409,
            "a cube named tree is registered, needed a new name that does not look the same",
        )

    def test_are_each_persons_own(self, world: World) -> None:
        """Another person's key is another key, though it reads the same."""
        ours = raw_client(world.stack, world.admin)
        theirs = raw_client(world.stack, world.person("owner"))
        ours.post("/api/v1/cubes", json=body_of(make_cube("tree")), headers=KEY)

        answer = theirs.post("/api/v1/cubes", json=body_of(make_cube("oak")), headers=KEY)

        assert (answer.status_code, REPLAYED in answer.headers) == (201, False)
        assert [cube.name for cube in world.admin.cubes()] == ["tree", "oak"]

    def test_of_a_refused_request_are_free_again(self, world: World) -> None:
        """What was refused was not done: its key may be sent again, and is then the first."""
        http, cube = raw_client(world.stack, world.admin), body_of(make_cube("tree"))
        wrong = http.post("/api/v1/cubes", json=cube | {"digest": "0" * 64}, headers=KEY)

        answer = http.post("/api/v1/cubes", json=cube, headers=KEY)

        assert wrong.status_code == 422
        assert (answer.status_code, REPLAYED in answer.headers) == (201, False)

    def test_keep_no_secret(self, world: World) -> None:
        """An answer with a secret is given once: its repetition is refused, and the table does not hold it."""
        http, me = raw_client(world.stack, world.admin), world.admin.me()
        minted = http.post(f"/api/v1/users/{me.id}/tokens", json={"label": "laptop"}, headers=KEY)

        again = http.post(f"/api/v1/users/{me.id}/tokens", json={"label": "laptop"}, headers=KEY)

        status, detail = detail_of(again)
        assert status == 409
        assert detail.startswith("this was done already, and its secret is shown once")
        assert minted.json()["secret"] not in str(kept_answers(world))
        assert kept_answers(world)[KEY["Idempotency-Key"]] is None

    def test_are_done_once_by_two_at_once(self, world: World) -> None:
        """Of requests that come at the same moment with one key, one is done and the others get its answer."""
        cube = body_of(make_cube("tree"))
        clients = [raw_client(world.stack, world.admin) for _ in range(4)]

        answers = at_once(
            partial(http.post, "/api/v1/cubes", json=cube, headers=KEY) for http in clients
        )

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sorted(REPLAYED in answer.headers for answer in answers) == [False, True, True, True]
        assert len(world.admin.cubes()) == 1

    def test_are_8_to_100_plain_characters(self, world: World) -> None:
        """Any other key is refused, and not said again."""
        http = raw_client(world.stack, world.admin)
        keys = [b"short", b"k" * 101, b"with a blank", "caf\u00e9-caf\u00e9".encode()]

        answers = [
            http.post("/api/v1/sign-out", headers=[(b"Idempotency-Key", key)]) for key in keys
        ]

        assert [answer.status_code for answer in answers] == [422] * 4
        assert all("header.idempotency-key" in answer.json()["detail"] for answer in answers)
        assert not any(key in answer.content for key, answer in zip(keys, answers, strict=True))


class TestETags:
    def test_are_of_the_revision(self, world: World) -> None:
        """Whatever is read or written with a revision carries it as its ETag, and a change moves it."""
        http = raw_client(world.stack, world.admin)
        made = http.post("/api/v1/cubes", json=body_of(make_cube("tree")))
        path = f"/api/v1/cubes/{made.json()['id']}"

        changed = http.patch(path, json={"is_valid": False}, headers=match(made.headers["ETag"]))

        assert made.headers["ETag"] == f'"{made.json()["revision"]}"'
        assert changed.headers["ETag"] == f'"{changed.json()["revision"]}"'
        assert changed.json()["revision"] == made.json()["revision"] + 1
        assert http.get(path).headers["ETag"] == changed.headers["ETag"]

    def test_must_come_with_a_change(self, world: World) -> None:
        """A change from an older revision is refused, one from none too, and one from no ETag is malformed."""
        path = f"/api/v1/cubes/{world.admin.register_cube(make_cube('tree')).id}"
        http = raw_client(world.stack, world.admin)
        change = {"is_valid": False}
        first = http.patch(path, json=change, headers=match('"1"'))

        older = http.patch(path, json=change, headers=match('"1"'))
        without = http.patch(path, json=change)
        malformed = [
            http.patch(path, json=change, headers=match(tag)).status_code
            for tag in ("*", "1", '"one"', '"1", "2"', '""', f'"{"9" * 19}"')
        ]

        assert first.status_code == 200
        assert (older.status_code, older.json()["code"]) == (412, "changed_meanwhile")
        assert (without.status_code, without.json()["code"]) == (428, "revision_needed")
        assert malformed == [422] * 6

    def test_may_be_weak(self, world: World) -> None:
        """A proxy that packs an answer makes its ETag weak; it stands for the same revision."""
        path = f"/api/v1/cubes/{world.admin.register_cube(make_cube('tree')).id}"
        http = raw_client(world.stack, world.admin)

        answer = http.patch(path, json={"is_valid": False}, headers=match('W/"1"'))

        assert answer.status_code == 200

    def test_let_one_of_two_writers_through(self, world: World) -> None:
        """Of changes that come at the same moment from one revision, one is done and the others are told."""
        path = f"/api/v1/cubes/{world.admin.register_cube(make_cube('tree')).id}"
        clients = [raw_client(world.stack, world.admin) for _ in range(4)]

        answers = at_once(
            partial(http.patch, path, json={"is_valid": False}, headers=match('"1"'))
            for http in clients
        )

        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]

    def test_are_wanted_by_every_change(self, world: World) -> None:
        """Each thing that can be changed wants the ETag that was read."""
        http = raw_client(world.stack, world.admin)
        nouns = ("users", "organisations", "cubes", "benchmarks", "datasets")

        answers = [http.patch(f"/api/v1/{noun}/1", json={}).status_code for noun in nouns]

        assert answers == [428] * 5


def body_of(cube: CubeIn) -> dict[str, object]:
    """A cube as a program sends it."""
    return dict(cube.model_dump(mode="json"))


def match(tag: str) -> Mapping[str, str]:
    """The header of a change that starts from an ETag."""
    return {"If-Match": tag}


def detail_of(answer: httpx.Response) -> tuple[int, str]:
    """The status of a refusal, and what it says."""
    return answer.status_code, answer.json()["detail"]


def kept_answers(world: World) -> dict[str, str | None]:
    """The answers that the registry's table holds, by key."""
    database = Database(world.served.database)
    with database.reading() as session:
        found = {row.key: row.body for row in session.exec(select(AnswerRow))}
    database.close()
    return found


def at_once(requests: Iterable[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """The answers to requests that are sent at the same moment."""
    waiting = list(requests)
    barrier = threading.Barrier(len(waiting))

    def send(request: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait(timeout=10)
        return request()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(send, waiting))
