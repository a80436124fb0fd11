"""The walk itself: every operation of the OpenAPI document, aimed at things that are there or far beyond."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import httpx
from pydantic import JsonValue

from rounds.records.base import LARGEST_ID
from rounds.records.people import Role
from tests.contract.registry.consortium import Consortium
from tests.contract.registry.raw import raw_client
from tests.contract.registry.walk import (
    ADMINISTRATORS,
    FREE_TO_NAME,
    IDS_OF,
    KNOWN,
    LISTED,
    NAMED_IN_BODY,
    NOUN_OF_PATH,
    OTHERWISE,
    OTHERWISE_TO,
    OWN,
    Asker,
)

FAR_BEYOND = LARGEST_ID - 1
OTHER_REVISION = {"If-Match": '"999999"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One operation, aimed at a thing by a name in its path or in its body."""

    operation: str
    by: str
    noun: str
    label: str

    @property
    def route(self) -> tuple[str, str]:
        """The operation, and what names the thing."""
        return self.operation, self.by

    def __str__(self) -> str:
        return f"{self.operation} {self.by}={self.label}"


@dataclass
class Walk:
    """Somebody's way past everything in a consortium."""

    consortium: Consortium
    clients: dict[Asker, httpx.Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give each asker a client."""
        world = self.consortium.world
        people = {
            Asker.STRANGER: "stranger",
            Asker.MODELLER: "modeller",
            Asker.NEIGHBOUR: "neighbour",
            Asker.READER: "reader",
        }
        found = {asker: world.person(name) for asker, name in people.items()}
        found[Asker.NOBODY] = world.client("")
        found[Asker.WORKER] = world.worker("neighbour", "site-c")
        found[Asker.ADMINISTRATOR] = world.client(world.token("admin", Role.ADMINISTRATOR))
        self.clients = {asker: raw_client(world.stack, client) for asker, client in found.items()}

    @cached_property
    def document(self) -> dict[str, dict[str, dict[str, dict[str, JsonValue]]]]:
        """The OpenAPI document's paths."""
        answer = self.clients[Asker.NOBODY].get("/api/v1/openapi.json")
        return dict(answer.json()["paths"])

    @property
    def operations(self) -> list[str]:
        """Every operation, such as `GET /api/v1/cubes`."""
        return [
            f"{method.upper()} {path}" for path, found in self.document.items() for method in found
        ]

    def aims(self) -> Iterator[Aim]:
        """Every operation at every thing that it can name."""
        for operation in self.operations:
            for by, noun in named_by(operation).items():
                for label in KNOWN[noun]:
                    yield Aim(operation=operation, by=by, noun=noun, label=label)

    def ask(self, asker: Asker, aim: Aim, *, far: bool = False) -> httpx.Response:
        """The answer about the thing that is aimed at, or about one far beyond every id."""
        ids = self.consortium.ids[IDS_OF.get(aim.noun, aim.noun)]
        return self.send(asker, aim.operation, {aim.by: FAR_BEYOND if far else ids[aim.label]})

    def listed(self, asker: Asker, path: str) -> set[str]:
        """The labels of what a list shows somebody."""
        items = self.clients[asker].get(path, params={"limit": 1000}).json()["items"]
        shown = {item["id"] for item in items}
        return {label for label, key in self.consortium.ids[LISTED[path]].items() if key in shown}

    def send(
        self, asker: Asker, operation: str, named: Mapping[str, int] | None = None
    ) -> httpx.Response:
        """The answer to an operation with its example, but for what is `named` by id."""
        method, path = operation.split(" ")
        ids = {**self._usual(asker), **(named or {})}
        body = self._example(method, path)
        if body is not None:
            body |= {name: ids[name] for name in NAMED_IN_BODY.get(operation, {})}
        if operation == "POST /api/v1/associations" and body is not None:
            del body["dataset_id" if "model_id" in (named or {}) else "model_id"]
        if operation == "POST /api/v1/datasets" and asker is Asker.WORKER and body is not None:
            body["site"] = "site-c"
        address = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), path)
        return self.clients[asker].request(method, address, json=body, headers=OTHER_REVISION)

    def _usual(self, asker: Asker) -> dict[str, int]:
        """What is named beside what is aimed at: the first of each noun, a dataset of the asker's own."""
        ids = self.consortium.ids
        mine = {Asker.NEIGHBOUR: "neighbours", Asker.WORKER: "beside"}.get(asker, "rivals")
        first = {f"{noun}_id": min(found.values()) for noun, found in ids.items()}
        organisation_id = ids["organisation"]["committee"]
        return first | {
            "dataset_id": ids["dataset"][mine],
            "model_id": ids["cube"]["modellers"],
            "organisation_id": organisation_id,
        }

    def _example(self, method: str, path: str) -> dict[str, JsonValue] | None:
        body = self.document[path][method.lower()].get("requestBody")
        if body is None:
            return None
        found = httpx.Response(200, json=body).json()["content"]["application/json"]["example"]
        return dict(found)


def named_by(operation: str) -> dict[str, str]:
    """What an operation names by id: the name of the place, and the noun that it is of."""
    path = operation.partition(" ")[2]
    in_path = {name: name.removesuffix("_id") for name in re.findall(r"\{(\w+)\}", path)}
    if path in NOUN_OF_PATH:
        in_path = dict.fromkeys(in_path, NOUN_OF_PATH[path])
    return {**in_path, **NAMED_IN_BODY.get(operation, {})}


def knows(asker: Asker, aim: Aim) -> bool:
    """Whether somebody may know of what is aimed at."""
    return asker in KNOWN[aim.noun][aim.label]


def known_to(asker: Asker, noun: str) -> set[str]:
    """The labels of what somebody may know of."""
    return {label for label, askers in KNOWN[noun].items() if asker in askers}


def may_list(asker: Asker, path: str) -> bool:
    """Whether a list is for somebody at all."""
    return asker is Asker.ADMINISTRATOR or f"GET {path}" not in ADMINISTRATORS


def is_ones_own(asker: Asker, aim: Aim) -> bool:
    """Whether it is the asker's own, so that nothing is refused for whose it is."""
    reads = aim.operation.startswith("GET ")
    mine = aim.label in OWN.get(asker, {}).get(aim.noun, ())
    return (mine and not reads) or (aim.operation, aim.by) in FREE_TO_NAME


def awaited(asker: Asker, aim: Aim) -> int:
    """The status for somebody who knows of a thing that is another's."""
    if asker is Asker.ADMINISTRATOR and (aim.operation, aim.label) in OTHERWISE_TO:
        return OTHERWISE_TO[aim.operation, aim.label]
    usual = 200 if aim.operation.startswith("GET ") else 403
    return OTHERWISE.get(aim.operation, {}).get(asker, usual)


def unknown_status(operation: str) -> int:
    """The status for somebody who may not know of a thing: 404, or 403 where nobody but an administrator asks."""
    return 403 if operation in ADMINISTRATORS else 404


def told(answer: httpx.Response) -> tuple[int, str]:
    """What somebody learns of an answer that refuses: its status, and its text but for the numbers.

    That there is a benchmark is no secret where only its leaderboard is one.
    """
    text = answer.text.replace("leaderboard of ", "").replace("join it first", "check the id")
    return answer.status_code, re.sub(r"\d+", "#", text)
