"""The OpenAPI document held against the registry by Schemathesis: whatever is sent, the answer is as it says."""

import re
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.registry.consortium import Consortium
from tests.contract.registry.databases import Databases
from tests.contract.registry.raw import raw_client
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import PASSWORD, World, email_of

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
)
SEED = 1
TIMEOUT_S = 900
# Sessions end on the way, by a sign-out or a revoked token: then it signs in anew.
CONFIG = f"""
continue-on-failure = true
warnings = false
request-timeout = 30.0

[generation]
database = "none"
no-shrink = true
deterministic = true

[auth.dynamic.openapi.token]
path = "/api/v1/sign-in"
payload = {{ email = "{email_of("admin")}", password = "{PASSWORD}" }}
extract_selector = "/secret"

[phases.coverage]
unexpected-methods = []
"""
MEASURED = re.compile(r'requests_total\{method="(\w+)",route="([^"]+)",status="(\dxx)"\} (\S+)')


@pytest.mark.parametrize(
    ("kind", "phases", "examples", "least"),
    [
        ("sqlite", "examples,coverage,fuzzing,stateful", 4, 50),
        ("postgresql", "examples,fuzzing", 1, 20),
    ],
)
def test_answers_are_as_the_document_says(
    kind: str, phases: str, examples: int, least: int, databases: Databases, tmp_path: Path
) -> None:
    """No answer is a fault, and each has a status, a type and a body that the document has; many requests succeed."""
    with databases.lent(kind, tmp_path) as address, ExitStack() as stack:
        served = stack.enter_context(serve_registry(tmp_path, database=address))
        world = Consortium(World(served=served, stack=stack)).build().world
        before = measured(world)

        ended = run_schemathesis(
            served.url, tmp_path, "--phases", phases, "--max-examples", str(examples)
        )

        gained = measured(world) - before
        assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
        assert [route for _, route, status in gained if status == "5xx"] == []
        assert len([route for _, route, status in gained if status == "2xx"]) >= least


def run_schemathesis(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """How a run against a served registry ends, and what it says."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    fixed = ("--checks", ",".join(CHECKS), "--seed", str(SEED), "--url", url, "--no-color")
    address = f"{url}/api/v1/openapi.json"
    return subprocess.run(
        [program, "--config-file", config, "run", address, *fixed, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )


def measured(world: World) -> Counter[tuple[str, str, str]]:
    """How many requests the registry says it has answered, by method, route and class of status."""
    client = world.sign_in("admin")
    found = MEASURED.findall(raw_client(world.stack, client).get("/metrics").text)
    return Counter({(method, route, status): int(float(n)) for method, route, status, n in found})
