"""Everything that a Prefect server of Rounds needs: locked work pools and the deployments."""

import subprocess
import sys
from pathlib import Path

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

from rounds.errors import RunnerError

PREFECT_YAML = Path(__file__).parent.parent / "prefect.yaml"

# Prefect's process worker fills its job from these literals; a job variable that somebody sends
# (a command, an environment, a folder) is refused.
LOCKED_TEMPLATE: dict[str, object] = {
    "job_configuration": {
        "command": None,
        "env": {},
        "labels": {},
        "name": None,
        "stream_output": True,
        "working_dir": None,
    },
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}


def put_up() -> None:
    """Create what is missing on the Prefect server that the environment names, and deploy prefect.yaml.

    Raises:
        RunnerError: `prefect deploy` refused a deployment; it has said why on stderr.
    """
    with get_client(sync_client=True) as client:
        for name in pool_names():
            _create_pool(client, name)
    argv = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run([*argv, "--prefect-file", str(PREFECT_YAML)], check=False)
    if done.returncode != 0:
        raise RunnerError(f"prefect deploy ended with exit status {done.returncode}, needed 0")


def pool_names() -> list[str]:
    """Every work pool that prefect.yaml deploys to, sorted."""
    document = yaml.safe_load(PREFECT_YAML.read_text())
    return sorted({deployment["work_pool"]["name"] for deployment in document["deployments"]})


def _create_pool(client: SyncPrefectClient, name: str) -> None:
    pool = WorkPoolCreate(name=name, type="process", base_job_template=dict(LOCKED_TEMPLATE))
    try:
        client.create_work_pool(pool)
    except ObjectAlreadyExists:
        return


if __name__ == "__main__":
    put_up()
