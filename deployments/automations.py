"""The one automation that every Prefect server of Rounds has: a run that went silent is Crashed."""

from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

NAME = "crash runs that went silent"
SILENCE = timedelta(seconds=90)

# A suspended, paused or cancelling run sends no heartbeat and is well: without these three words the
# automation would crash it.
STILL_WELL = ("Suspended", "Paused", "Cancelling")
ENDED = ("Completed", "Failed", "Cancelled", "Crashed")


def silence_automation() -> AutomationCore:
    """When a flow run's heartbeat is followed by nothing for `SILENCE`, its state becomes Crashed."""
    words = ("heartbeat", *ENDED, *STILL_WELL)
    return AutomationCore(
        name=NAME,
        description="Both the worker and the flow process died: let sync start the work again.",
        enabled=True,
        trigger=EventTrigger(
            match={"prefect.resource.id": "prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            after={"prefect.flow-run.heartbeat"},
            expect={f"prefect.flow-run.{word}" for word in words},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="no sign of life")],
    )


def create_automation(client: SyncPrefectClient) -> None:
    """Create the automation unless the server has one of its name."""
    if not client.read_automations_by_name(NAME):
        client.create_automation(silence_automation())
