"""prefect.yaml is code: what it deploys must exist, and every pool must find what it needs."""

import importlib
from itertools import product

import pytest
import yaml
from prefect import Flow

from deployments.put_up import LOCKED_TEMPLATE, PREFECT_YAML, pool_names
from registry_api.prefect_api import REVIEW

SITES = ("site-a", "site-b", "site-c")
SITE_FLOWS = {"prepare_dataset", "associate", "evaluate", "review", "sync"}
HUB_FLOWS = {"review", "publish_report", "sync"}
Deployment = dict[str, object]
DOCUMENT = yaml.safe_load(PREFECT_YAML.read_text())
DEPLOYMENTS = DOCUMENT["deployments"]


def flow_name(deployment: Deployment) -> str:
    """The name of a deployment's flow, from its entrypoint."""
    return str(deployment["entrypoint"]).rsplit(".", 1)[1]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: f"{flow_name(d)}/{d['name']}")
class TestDeployment:
    def test_names_a_flow_by_module_path(self, deployment: Deployment) -> None:
        """An entrypoint is a module path to a flow of that name, never a file path."""
        module, name = str(deployment["entrypoint"]).rsplit(".", 1)

        flow = getattr(importlib.import_module(module), name)

        assert isinstance(flow, Flow)
        assert flow.name == name == module.rsplit(".", 1)[1]
        assert not flow.should_validate_parameters
        assert flow.log_prints is False
        assert flow.persist_result is False

    def test_takes_nothing_but_ids(self, deployment: Deployment) -> None:
        """Every flow parameter is a whole number, and the server enforces the schema."""
        module, name = str(deployment["entrypoint"]).rsplit(".", 1)

        schema = getattr(importlib.import_module(module), name).parameters.model_dump()

        assert {field["type"] for field in schema["properties"].values()} <= {"integer"}
        assert all("default" not in field for field in schema["properties"].values())
        assert deployment["enforce_parameter_schema"] is True

    def test_runs_on_the_pool_of_its_name(self, deployment: Deployment) -> None:
        """A site's deployments run on the site's own pool, and bring no job variable."""
        assert deployment["work_pool"] == {"name": deployment["name"]}


class TestWhole:
    def test_pulls_nothing(self) -> None:
        """A worker runs the code it was installed with."""
        assert DOCUMENT["pull"] == []

    def test_has_every_flow_where_it_is_needed(self) -> None:
        """The hub and each site have their flows, and nothing else is deployed."""
        found = {(flow_name(d), d["name"]) for d in DEPLOYMENTS}

        assert found == {*product(SITE_FLOWS, SITES), *product(HUB_FLOWS, ["hub"])}
        assert pool_names() == ["hub", *SITES]
        assert REVIEW == "review/hub"

    @pytest.mark.parametrize("site", SITES)
    def test_wakes_each_site_by_event_and_by_schedule(self, site: str) -> None:
        """A site's sync runs when the registry says so and, should that be lost, by the clock."""
        (sync,) = [d for d in DEPLOYMENTS if (flow_name(d), d["name"]) == ("sync", site)]

        (trigger,) = sync["triggers"]

        assert sync["schedules"]
        assert trigger["match"] == {"prefect.resource.id": f"rounds.site.{site}"}
        assert set(trigger["expect"]) == {
            "rounds.association.approved",
            "rounds.approval.decided",
            "rounds.metrics.changed",
        }

    def test_locks_the_pools(self) -> None:
        """A run can bring no command, environment or folder: the template has literals only."""
        assert LOCKED_TEMPLATE["variables"] == {
            "type": "object",
            "properties": {},
            "additionalProperties": False,
        }
        assert "{{" not in str(LOCKED_TEMPLATE)
