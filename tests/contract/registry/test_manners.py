"""What holds for every answer of the whole registry, and for every text that somebody types into it."""

from collections.abc import Mapping

import httpx

from registry_api.services.names import FREE_TEXT
from rounds.records.cubes import State
from rounds.records.service import Problem
from tests.contract.registry.builders import make_benchmark, make_cube, make_dataset, sha
from tests.contract.registry.raw import raw_client
from tests.contract.registry.world import World

IDENTIFYING = "lumps of 1954-03-12"
WRITERS: Mapping[str, str] = {
    "POST /api/v1/users": "admin",
    "PATCH /api/v1/users/{user_id}": "owner",
    "POST /api/v1/users/{user_id}/tokens": "owner",
    "POST /api/v1/organisations": "owner",
    "PATCH /api/v1/organisations/{organisation_id}": "owner",
    "POST /api/v1/cubes": "owner",
    "PATCH /api/v1/cubes/{cube_id}": "owner",
    "POST /api/v1/benchmarks": "committee",
    "PATCH /api/v1/benchmarks/{benchmark_id}": "committee",
    "POST /api/v1/datasets": "owner",
    "PATCH /api/v1/datasets/{dataset_id}": "owner",
    "POST /api/v1/associations/{association_id}/revocation": "owner",
    "POST /api/v1/approvals/{approval_id}/decision": "committee",
    "POST /api/v1/approvals/{approval_id}/code": "committee",
    "POST /api/v1/approvals/{approval_id}/withdrawal": "owner",
    "POST /api/v1/results/{result_id}/withdrawal": "owner",
}


class TestAnswers:
    def test_have_their_headers_whatever_they_are(self, world: World) -> None:
        """Each answer, of whatever status, has the caller's request id, the version and the security headers."""
        http = raw_client(world.stack, world.admin)

        answers = answers_of_every_kind(http)

        assert sorted(answers) == [200, 201, 401, 404, 405, 409, 413, 415, 422, 426, 428]
        for answer in answers.values():
            assert answer.headers["X-Request-Id"] == "asked-by-a-test"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Rounds-Registry"]
            assert "Access-Control-Allow-Origin" not in answer.headers

    def test_that_refuse_are_problems(self, world: World) -> None:
        """Whatever is refused is said in one form, with a code for programs and the status repeated."""
        answers = answers_of_every_kind(raw_client(world.stack, world.admin))

        problems = {
            status: Problem.model_validate_json(answer.content)
            for status, answer in answers.items()
            if status >= 400
        }

        assert {problem.status for problem in problems.values()} == problems.keys()
        assert {answers[status].headers["Content-Type"] for status in problems} == {
            "application/problem+json"
        }
        assert answers[401].headers["WWW-Authenticate"] == "Bearer"


class TestServiceRoutes:
    def test_say_how_the_registry_is(self, world: World) -> None:
        """Whether it lives and is ready, what it is, and to its administrator what waits in it."""
        http = raw_client(world.stack, world.admin)
        http.get("/api/v1/cubes")

        status = [http.get(path).json()["status"] for path in ("/health", "/ready")]
        version = http.get("/version").json()
        measured = http.get("/metrics").text

        assert status == ["ok", "ok"]
        assert version.keys() == {"version", "minimum_client"}
        assert 'rounds_registry_requests_total{method="GET",route="/api/v1/cubes"' in measured
        assert "rounds_registry_outbox_waiting" in measured
        assert "rounds_registry_audit_unsealed" in measured


def test_free_text_is_read_wherever_it_is_typed(world: World) -> None:
    """A text that looks like a person's identifier is refused in every body that has text, and not said again."""
    typed = bodies_with_text(raw_client(world.stack, world.admin))
    ids = things_to_write_about(world)
    http = {who: raw_client(world.stack, world.person(who)) for who in set(WRITERS.values())}

    answers = {
        (operation, field): http[WRITERS[operation]].request(
            operation.partition(" ")[0],
            operation.partition(" ")[2].format(**ids),
            json=body | {field: IDENTIFYING},
            headers={"If-Match": '"2"' if "/benchmarks/{" in operation else '"1"'},
        )
        for operation, (body, fields) in typed.items()
        for field in fields
    }

    assert typed.keys() == WRITERS.keys()
    assert {
        case: answer.text
        for case, answer in answers.items()
        if answer.status_code != 422
        or case[1] not in answer.json()["detail"]
        or "1954" in answer.text
    } == {}


def answers_of_every_kind(http: httpx.Client) -> dict[int, httpx.Response]:
    """An answer of each status that a caller can bring about, by its status."""
    http.headers["X-Request-Id"] = "asked-by-a-test"
    cube = make_cube("tree").model_dump(mode="json")
    answers = [
        http.get("/api/v1/cubes"),
        http.post("/api/v1/cubes", json=cube),
        http.post("/api/v1/cubes", json=cube),
        http.post("/api/v1/cubes", json=cube | {"kind": "none"}),
        http.post("/api/v1/cubes", content=b" " * (1 << 21)),
        http.post("/api/v1/cubes", content=b"name: tree"),
        http.patch("/api/v1/cubes/1", json={}),
        http.put("/api/v1/cubes/1", json={}),
        http.get("/api/v1/cubes/99"),
        http.get("/api/v1/cubes", headers={"Authorization": "Bearer none"}),
        http.get("/api/v1/cubes", headers={"Rounds-Client": "0.0.1"}),
    ]
    return {answer.status_code: answer for answer in answers}


def bodies_with_text(http: httpx.Client) -> dict[str, tuple[dict[str, object], set[str]]]:
    """The example of every body that has free text, and which of its fields are."""
    document = http.get("/api/v1/openapi.json").json()
    schemas = document["components"]["schemas"]
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {"content": {}})["content"].get("application/json")
            if body is None:
                continue
            named = set(schemas[body["schema"]["$ref"].rpartition("/")[2]]["properties"])
            if fields := named & set(FREE_TEXT):
                example = {} if method == "patch" else body["example"]
                found[f"{method.upper()} {path}"] = (example, fields)
    return found


def things_to_write_about(world: World) -> dict[str, int]:
    """The ids of things that their writers may change or decide on."""
    world.submitted()
    committee, owner = world.person("committee"), world.person("owner")
    cubes = {cube.name: cube.id for cube in committee.cubes()}
    benchmark = committee.propose_benchmark(
        make_benchmark(
            cubes["prep"],
            cubes["reference"],
            cubes["metrics"],
            name="other",
            state=State.DEVELOPMENT,
        )
    )
    dataset = owner.register_dataset(make_dataset(1, raw_digest=sha("other")))
    model = owner.register_cube(make_cube("tree"))
    draft = make_cube("oak").model_copy(update={"state": State.DEVELOPMENT})
    asked = owner.associate(world.wish(committee.benchmark(1), model_id=model.id))
    return {
        "user_id": owner.me().id,
        "organisation_id": owner.me().organisation_id,
        "cube_id": owner.register_cube(draft).id,
        "benchmark_id": benchmark.id,
        "dataset_id": dataset.id,
        "association_id": owner.associations(dataset_id=1)[0].id,
        "approval_id": asked.approval_id,
        "result_id": owner.results()[0].id,
    }
