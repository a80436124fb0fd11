"""Who asks, what each may know of, and what each is answered: the expectations of the walk over the whole API."""

from collections.abc import Mapping
from enum import StrEnum


class Asker(StrEnum):
    """Somebody who walks; the worker is the neighbouring hospital's, limited to its site-c."""

    NOBODY = "nobody"
    STRANGER = "stranger"
    MODELLER = "modeller"
    NEIGHBOUR = "neighbour"
    READER = "committee reader"
    WORKER = "worker of a site"
    ADMINISTRATOR = "administrator's API token"


Askers = frozenset[Asker]
SIGNED_IN: Askers = frozenset(set(Asker) - {Asker.NOBODY})
ADMINISTRATOR: Askers = frozenset({Asker.ADMINISTRATOR})
COMMITTEE = ADMINISTRATOR | {Asker.READER}
HOSPITAL = ADMINISTRATOR | {Asker.NEIGHBOUR}
SITE = HOSPITAL | {Asker.WORKER}
BOTH_SIDES = COMMITTEE | HOSPITAL

KNOWN: Mapping[str, Mapping[str, Askers]] = {
    "user": {"owner": ADMINISTRATOR, "committee": COMMITTEE},
    "token": {"owners": ADMINISTRATOR, "committees": ADMINISTRATOR},
    "organisation": {
        "committee": COMMITTEE,
        "owners own": ADMINISTRATOR,
        "committees own": ADMINISTRATOR,
    },
    "member": {"founder": COMMITTEE},
    "cube": {"modellers": SIGNED_IN},
    "benchmark": {"joined": SIGNED_IN, "rivals": SIGNED_IN, "pending": ADMINISTRATOR},
    "leaderboard": {
        "joined": BOTH_SIDES | {Asker.MODELLER},
        "rivals": ADMINISTRATOR,
        "pending": ADMINISTRATOR,
    },
    "dataset": {
        "owners": COMMITTEE,
        "neighbours": BOTH_SIDES,
        "beside": COMMITTEE | SITE,
        "rivals": ADMINISTRATOR,
    },
    "association": {
        "owners": COMMITTEE,
        "neighbours": BOTH_SIDES,
        "modellers": COMMITTEE | {Asker.MODELLER},
        "pending": COMMITTEE,
        "rejected": COMMITTEE,
        "revoked": COMMITTEE,
        "withdrawn": COMMITTEE,
    },
    "approval": {
        "benchmark": ADMINISTRATOR,
        "association": COMMITTEE,
        "publication": COMMITTEE,
        "statistics": SITE,
        "owners": ADMINISTRATOR,
        "neighbours": HOSPITAL,
    },
    "execution": {"owners": COMMITTEE, "neighbours": BOTH_SIDES, "claimed": COMMITTEE},
    "result": {"owners": COMMITTEE, "neighbours": BOTH_SIDES},
    "publication": {"published": frozenset(Asker), "waiting": frozenset()},
    "proposal": {"published": COMMITTEE, "waiting": COMMITTEE},
    "notice": {"first": ADMINISTRATOR},
}

OWN: Mapping[Asker, Mapping[str, frozenset[str]]] = {
    Asker.MODELLER: {
        "cube": frozenset({"modellers"}),
        "association": frozenset({"modellers"}),
    },
    Asker.NEIGHBOUR: {
        "dataset": frozenset({"neighbours", "beside"}),
        "association": frozenset({"neighbours"}),
        "approval": frozenset({"statistics", "neighbours"}),
        "execution": frozenset({"neighbours"}),
        "result": frozenset({"neighbours"}),
    },
    Asker.WORKER: {"dataset": frozenset({"beside"}), "approval": frozenset({"statistics"})},
}

NOUN_OF_PATH: Mapping[str, str] = {
    "/api/v1/benchmarks/{benchmark_id}/leaderboard": "leaderboard",
    "/api/v1/publications/{publication_id}/proposed": "proposal",
}
IDS_OF: Mapping[str, str] = {"leaderboard": "benchmark", "proposal": "publication"}

# What a body names, beside what the path does.
NAMED_IN_BODY: Mapping[str, Mapping[str, str]] = {
    "POST /api/v1/cubes": {"organisation_id": "organisation"},
    "POST /api/v1/benchmarks": {"organisation_id": "organisation"},
    "POST /api/v1/datasets": {"organisation_id": "organisation", "benchmark_id": "benchmark"},
    "POST /api/v1/associations": {
        "benchmark_id": "benchmark",
        "dataset_id": "dataset",
        "model_id": "cube",
    },
    "POST /api/v1/approvals": {"dataset_id": "dataset"},
    "POST /api/v1/executions/claim": {"benchmark_id": "benchmark", "dataset_id": "dataset"},
}
# Naming these is nobody's privilege: whoever may know of the benchmark may do it.
FREE_TO_NAME = frozenset(
    {
        ("POST /api/v1/datasets", "benchmark_id"),
        ("POST /api/v1/associations", "benchmark_id"),
        ("POST /api/v1/executions/claim", "benchmark_id"),
    }
)

# Who knows of a thing that is not theirs reads it (200) and is refused everything else (403), but for this.
OTHERWISE: Mapping[str, Mapping[Asker, int]] = {
    "PATCH /api/v1/users/{user_id}": {Asker.ADMINISTRATOR: 412},
    "PUT /api/v1/associations/{association_id}/priority": {Asker.ADMINISTRATOR: 412},
    "POST /api/v1/users/{user_id}/invitation": {Asker.ADMINISTRATOR: 401},
    "DELETE /api/v1/users/{user_id}/second-factor": {Asker.ADMINISTRATOR: 401},
    "DELETE /api/v1/tokens/{token_id}": {Asker.ADMINISTRATOR: 200},
    "POST /api/v1/organisations/{organisation_id}/membership": {
        Asker.READER: 201,
        Asker.ADMINISTRATOR: 404,
    },
    "POST /api/v1/outbox/{notice_id}/requeue": {Asker.ADMINISTRATOR: 409},
}
# An administrator may do these to some of what there is; an API token decides nothing (401).
OTHERWISE_TO: Mapping[tuple[str, str], int] = {
    ("POST /api/v1/approvals/{approval_id}/decision", "benchmark"): 401,
    ("POST /api/v1/approvals/{approval_id}/code", "benchmark"): 401,
    ("POST /api/v1/approvals/{approval_id}/revocation", "benchmark"): 401,
    ("POST /api/v1/approvals/{approval_id}/delegation", "benchmark"): 401,
    ("POST /api/v1/approvals/{approval_id}/extension", "benchmark"): 409,
    **{
        (f"{method} /api/v1/approvals/{{approval_id}}/suspension", label): 200
        for method in ("POST", "DELETE")
        for label in (
            "benchmark",
            "association",
            "publication",
            "statistics",
            "owners",
            "neighbours",
        )
    },
    ("DELETE /api/v1/organisations/{organisation_id}/members/{member_id}", "owners own"): 404,
    ("DELETE /api/v1/organisations/{organisation_id}/members/{member_id}", "committees own"): 404,
}

LISTED: Mapping[str, str] = {
    "/api/v1/users": "user",
    "/api/v1/tokens": "token",
    "/api/v1/organisations": "organisation",
    "/api/v1/cubes": "cube",
    "/api/v1/benchmarks": "benchmark",
    "/api/v1/publications": "publication",
    "/api/v1/datasets": "dataset",
    "/api/v1/associations": "association",
    "/api/v1/approvals": "approval",
    "/api/v1/executions": "execution",
    "/api/v1/results": "result",
    "/api/v1/outbox": "notice",
}
# Whose answer is nobody else's thing: one's own account, or what the registry says of itself.
OPEN = frozenset(
    {
        "GET /health",
        "GET /ready",
        "GET /version",
        "POST /api/v1/sign-in",
        "POST /api/v1/sign-in/invitation",
        "GET /api/v1/publications",
    }
)
ONES_OWN = frozenset(
    {
        "POST /api/v1/sign-out",
        "GET /api/v1/users/me",
        "PUT /api/v1/users/me/password",
        "POST /api/v1/users/me/second-factor",
        "PUT /api/v1/users/me/second-factor",
        "POST /api/v1/organisations",
        "GET /api/v1/cells",
    }
)
ADMINISTRATORS = frozenset(
    {
        "GET /metrics",
        "POST /api/v1/users",
        "GET /api/v1/audit",
        "GET /api/v1/audit/head",
        "GET /api/v1/outbox",
        "POST /api/v1/outbox/{notice_id}/requeue",
        "DELETE /api/v1/users/{user_id}/second-factor",
    }
)
