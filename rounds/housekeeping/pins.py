"""What must stay in a workspace, and why: in use, registered, or behind something that waits for release.

Where it cannot be known (the registry is away, an output says nothing of its origin), it stays.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from rounds import catalogue
from rounds.catalogue import Entry
from rounds.documents import read_document
from rounds.errors import NotFound, RegistryError
from rounds.housekeeping.survey import Item, Kind
from rounds.locks import Holder, holders
from rounds.pending import Pending
from rounds.preparation.steps import STAGE as STEPS
from rounds.records.approvals import ApprovalKind
from rounds.sites import Site

RECENT = timedelta(minutes=10)  # between finding an input and holding the lock of what reads it
RUN = "run-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What pins: who works here, which datasets count, and which executions wait for release.

    `datasets` maps the raw digest of each dataset that is in the catalogue and valid to its id. `waiting`
    holds what is remembered of executions whose release is open.
    """

    now: datetime
    holders: list[Holder]
    datasets: Mapping[str, int] = field(default_factory=dict, repr=False)
    waiting: list[Pending] = field(default_factory=list, repr=False)


def read_facts(site: Site, *, now: datetime) -> Facts:
    """The facts of a site; a registry that is away says that all datasets count and all drafts wait."""
    files = sorted(site.workspace.folder("executions").glob("*.yaml"))
    drafted = [read_document(Pending, file) for file in files]
    waiting = _waiting(site)
    entries = catalogue.entries(site.workspace)
    if waiting is not None:
        entries = [entry for entry in entries if _is_valid(entry, site)]
    return Facts(
        now=now,
        holders=holders(site.workspace.folder("locks")),
        datasets={entry.digest: entry.dataset_id for entry in entries},
        waiting=[one for one in drafted if waiting is None or one.execution_id in waiting],
    )


def pinned(items: Iterable[Item], facts: Facts) -> dict[Path, str]:
    """Why each item that must stay does, by its path."""
    found = list(items)
    outputs = [item for item in found if item.kind is Kind.OUTPUT]
    registered = _registered(outputs, facts)
    awaited = _awaited(outputs, facts)
    newest = _newest_failed(found)
    steps = _unfinished(outputs, facts)
    reasons: list[Callable[[Item], str | None]] = [
        lambda item: "the site's own record" if item.kind is Kind.RECORD else None,
        lambda item: in_use(item, facts.holders, now=facts.now),
        lambda item: registered.get(item.path),
        lambda item: awaited.get(item.path),
        lambda item: newest.get(item.path),
        lambda item: steps.get(item.path),
    ]
    why = {
        item.path: next(filter(None, (reason(item) for reason in reasons)), None)
        for item in found
        if item.kind is not Kind.TRASH
    }
    return {path: reason for path, reason in why.items() if reason is not None}


def in_use(item: Item, held: Iterable[Holder], *, now: datetime) -> str | None:
    """Why an item is in use now; None if it is not."""
    for holder in held:
        if holder.name == item.lock or _is_log_of(item, holder):
            word = "being written" if item.kind is Kind.ATTEMPT else "in use"
            return f"{word} since {holder.since:%Y-%m-%d %H:%MZ} by process {holder.process}"
        if item.output and item.output in holder.digests:
            return f"read since {holder.since:%Y-%m-%d %H:%MZ} by process {holder.process}"
        if holder.name.startswith(RUN) and item.used >= holder.since:
            return "used by a run that is alive"
    return "used minutes ago" if now - item.used < RECENT else None


def dataset_of(item: Item, items: Iterable[Item], entries: Iterable[Entry]) -> tuple[int, ...]:
    """The datasets of the catalogue that an item comes from, as far as manifests say."""
    raw = _raws(item, {one.output: one for one in items if one.output})
    return tuple(entry.dataset_id for entry in entries if entry.digest in raw)


def _raws(item: Item, by_output: Mapping[str, Item]) -> set[str]:
    """The raw digests at the beginning of an item's way."""
    if raw := item.inputs.get("raw"):
        return {str(raw)}
    before = (item.inputs.get(name) for name in ("prepared", "predictions", "labels"))
    known = (by_output[str(digest)] for digest in before if str(digest) in by_output)
    return {raw for one in known if one.path != item.path for raw in _raws(one, by_output)}


def _registered(outputs: list[Item], facts: Facts) -> dict[Path, str]:
    why: dict[Path, str] = {}
    prepared: dict[str, str] = {}
    for item in outputs:
        raw = item.inputs.get("raw")
        if item.place == "prepare" and (not item.inputs or raw in facts.datasets):
            number = facts.datasets.get(str(raw))
            why[item.path] = f"dataset {number} is registered" if number else "of unknown origin"
            prepared[item.output] = why[item.path]
    for item in outputs:
        said = prepared.get(str(item.inputs.get("prepared")))
        if said and item.place in ("sanity_check", "statistics"):
            why[item.path] = said
    return why


def _unfinished(outputs: list[Item], facts: Facts) -> dict[Path, str]:
    """The steps of every preparation, while some dataset is not prepared: they do not say whose they are."""
    prepared = {item.inputs.get("raw") for item in outputs if item.place == "prepare"}
    waiting = [number for raw, number in facts.datasets.items() if raw not in prepared]
    if not waiting:
        return {}
    why = f"dataset {min(waiting)} is not prepared yet"
    return {item.path: why for item in outputs if item.place == STEPS}


def _awaited(outputs: list[Item], facts: Facts) -> dict[Path, str]:
    """Metrics whose draft waits for release, and their predictions; all of them if one draft names none."""
    keys = {one.metrics_key: one.execution_id for one in facts.waiting}
    why: dict[Path, str] = {}
    predictions: dict[str, str] = {}
    for item in outputs:
        if item.place == "evaluate" and item.key in keys:
            why[item.path] = f"execution {keys[item.key]} waits for release"
            predictions[str(item.inputs.get("predictions"))] = why[item.path]
    for item in outputs:
        if item.place == "infer" and item.output in predictions:
            why[item.path] = predictions[item.output]
        elif item.place in ("infer", "evaluate") and None in keys:
            why.setdefault(item.path, "may belong to what waits for release")
    return why


def _newest_failed(items: list[Item]) -> dict[Path, str]:
    """The newest attempt of each preparation of which nothing is published, and its log."""
    done = {item.key for item in items if item.kind is Kind.OUTPUT}
    attempts = [item for item in items if item.kind is Kind.ATTEMPT and item.place == "prepare"]
    newest = {item.key: item for item in sorted(attempts, key=lambda one: int(one.path.name))}
    failed = tuple(key for key in newest if key not in done)
    kept = [item for key, item in newest.items() if key not in done]
    kept += [item for item in items if item.kind is Kind.LOG and _begins(item.key, failed)]
    return {item.path: "the last try of a preparation that failed" for item in kept}


def _is_log_of(item: Item, holder: Holder) -> bool:
    return item.kind is Kind.LOG and _begins(item.key, (holder.name.rpartition("-")[2],))


def _begins(short: str, keys: Iterable[str]) -> bool:
    return any(key.startswith(short) for key in keys)


def _is_valid(entry: Entry, site: Site) -> bool:
    try:
        return site.registry.dataset(entry.dataset_id).is_valid
    except NotFound:
        return False
    except RegistryError:
        return True


def _waiting(site: Site) -> set[int] | None:
    """The executions whose release is open; None if the registry does not say."""
    try:
        approvals = site.registry.approvals(site=site.profile.name, open=True)
    except RegistryError:
        return None
    return {
        item.subject_id
        for approval in approvals
        if approval.kind is ApprovalKind.RESULTS
        for item in approval.items
        if item.subject_id not in {*approval.used, *approval.held_back}
    }
