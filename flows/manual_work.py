"""A preparation that people have work on, as a run: asleep until somebody at the site says done."""

from uuid import uuid4

from prefect import suspend_flow_run
from prefect.artifacts import create_markdown_artifact

from rounds.artifacts import Outstanding
from rounds.preparation import desk
from rounds.sites import Site
from site_profiles.models import PrefectServer

_DAY_S = 24 * 3600


def wait_for_people(left: Outstanding, site: Site) -> None:
    """Suspend this run, unless somebody said done meanwhile.

    `rounds dataset done` wakes it, or the site's next sync. Resume alone finishes nothing: the run looks, and
    sleeps on: a key that was used would let it pass at once, so each sleep has its own. After the profile's
    `manual_days` Prefect ends it; the work that was done stays done.
    """
    if desk.was_said(site.workspace, left.dataset_id):
        return
    if site.profile.prefect is PrefectServer.OWN:
        create_markdown_artifact(key=f"manual-{left.dataset_id}", markdown=_explain(left))
    suspend_flow_run(key=str(uuid4()), timeout=int(site.profile.manual_days * _DAY_S))


def _explain(left: Outstanding) -> str:
    """What is left by step. Steps are the cube's own words; cases are only counted."""
    rows = "\n".join(f"| {step} | {n} |" for step, n in left.n_cases.items())
    return (
        f"**Dataset {left.dataset_id} waits for people at this site.**\n\n"
        f"| step | pieces of work |\n|---|---|\n{rows}\n\n"
        f"`rounds dataset progress {left.dataset_id}` says on which cases, what to do and where the files are;"
        f" `rounds dataset done {left.dataset_id}` takes what was done, and the run goes on."
    )
