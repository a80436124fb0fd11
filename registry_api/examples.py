"""An example of each body that a route takes, from one small story: chest X-rays, judged at Utrecht."""

from collections.abc import Mapping

from pydantic import JsonValue

from rounds.records.approvals import (
    CodeIn,
    DecisionIn,
    Delegation,
    Extension,
    ReleaseRequest,
    Suspension,
)
from rounds.records.base import Record
from rounds.records.benchmarks import (
    AssociationIn,
    BenchmarkChange,
    BenchmarkIn,
    MetricsCubeChange,
    PreparatorChange,
    PriorityChange,
)
from rounds.records.cubes import CubeChange, CubeIn
from rounds.records.datasets import DatasetChange, DatasetIn, Preparation, ProgressIn
from rounds.records.executions import ClaimIn, Failure, Fenced, Scored, Submission, Withdrawal
from rounds.records.people import (
    Acceptance,
    CodeGiven,
    MemberIn,
    OrganisationChange,
    OrganisationIn,
    PasswordChange,
    SignIn,
    TokenIn,
    UserChange,
    UserIn,
)

Document = Mapping[str, JsonValue]

_PASSWORD = "four white gulls over the pier"  # noqa: S105  nobody's
_IMAGE = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
_CUBE = "5755a56f1b1ddb9165315c94532f4b25bcdcfb3d9251ae71314b96b042e88348"
_DEMO = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
_REPORT = "e258d248fda94c63753607f7c4494ee0fcbe92f1a76bfdac795c9d84101eb317"
_RAW = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
_PREPARED = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"
_DRAFT = "7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a"
_SHOWN = "68d6b9101e5a8b9039f15edcf3e1ad1f090a0a936f618996135f2620cceddd0e"
_SALT = "baa5a0964d3320fbc0c6a922140453c8513ea24ab8fd0577034804a967248096"

_PEOPLE: Mapping[type[Record], Document] = {
    SignIn: {"email": "noor@example.org", "password": _PASSWORD, "code": "492039"},
    Acceptance: {"secret": "rnd_the-invitation-as-it-was-handed-over", "password": _PASSWORD},
    PasswordChange: {"old": _PASSWORD, "new": "nine blue boats in the harbour"},
    CodeGiven: {"code": "492039"},
    UserIn: {"name": "Noor de Wit", "email": "noor@example.org"},
    UserChange: {"name": "Noor Jansen"},
    TokenIn: {"label": "worker of site-utrecht", "role": "member", "site": "site-utrecht"},
    OrganisationIn: {"name": "Chest X-ray committee", "second_factor": False},
    OrganisationChange: {"second_factor": True},
    MemberIn: {"email": "sam@example.org", "role": "decider"},
}

_REGISTRATIONS: Mapping[type[Record], Document] = {
    CubeIn: {
        "name": "chest-xray-model",
        "kind": "model",
        "config": {
            "container_type": "DockerImage",
            "image": "ghcr.io/example/chest-xray:1.4",
            "tasks": {
                "infer": {
                    "input_volumes": {
                        "data_path": {"mount_path": "/mlcommons/volumes/data", "type": "directory"}
                    },
                    "output_volumes": {
                        "output_path": {
                            "mount_path": "/mlcommons/volumes/predictions",
                            "type": "directory",
                        }
                    },
                }
            },
        },
        "parameters": {"threshold": 0.5},
        "artifacts": {"image": _IMAGE},
        "digest": _CUBE,
        "state": "OPERATION",
    },
    CubeChange: {"is_valid": False},
    BenchmarkIn: {
        "name": "chest-xray-pneumonia",
        "description": "Pneumonia on frontal chest X-rays of adults",
        "preparator_id": 1,
        "reference_model_id": 2,
        "metrics_id": 3,
        "contract": {
            "metrics": [
                {"name": "auroc", "path": "auc.value", "primary": True},
                {"name": "brier", "path": "brier", "direction": "lower"},
            ],
            "statistics": [{"name": "mean_age", "path": "age.mean"}],
        },
        "sharing": {"pooled": {"model_owner": True, "participants": True, "public": True}},
        "minimum_sites": 3,
        "models": {"mode": "ALLOWLIST", "allow": [7]},
        "two_people": {"required": True},
        "demo_dataset_url": "https://example.org/chest-xray-demo.tar.gz",
        "demo_dataset_sha256": _DEMO,
        "compatibility_sha256": _REPORT,
        "state": "OPERATION",
    },
    BenchmarkChange: {"description": "Pneumonia on frontal chest X-rays", "is_active": True},
    MetricsCubeChange: {"metrics_id": 9},
    PreparatorChange: {"preparator_id": 8, "is_compatible": True},
    DatasetIn: {
        "name": "chest X-rays of 2024",
        "location": "Utrecht",
        "site": "site-utrecht",
        "benchmark_id": 1,
        "raw_digest": _RAW,
        "progress_consent": True,
        "submitted_as_prepared": False,
    },
    DatasetChange: {"results_release": "person", "progress_consent": False},
    ProgressIn: {"status": "running", "percentages": {"segmented": 40}},
    Preparation: {
        "prepared_digest": _PREPARED,
        "sha256": _DRAFT,
        "statistics": {"mean_age": 54.5},
        "n_cases": 250,
        "salt": _SALT,
        "approval_id": 12,
    },
    AssociationIn: {"benchmark_id": 1, "dataset_id": 4, "test_sha256": _REPORT},
    PriorityChange: {"priority": 10},
}

_DECISIONS: Mapping[type[Record], Document] = {
    ReleaseRequest: {
        "kind": "results",
        "dataset_id": 4,
        "items": [{"subject_id": 31, "sha256": _DRAFT}],
        "shown_sha256": _SHOWN,
        "deadline_s": 604800,
    },
    DecisionIn: {"decision": "GRANT", "shown_sha256": _SHOWN, "held_back": []},
    CodeIn: {"code": "the-code-as-it-was-shown"},
    Extension: {"deadline_s": 1209600},
    Delegation: {"user_id": 5},
    Suspension: {"flow_run_id": "0b1f2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"},
    Withdrawal: {"reason": "asked for the wrong benchmark"},
}

_WORK: Mapping[type[Record], Document] = {
    ClaimIn: {"benchmark_id": 1, "dataset_id": 4, "model_id": 2, "key": "evaluate-4-2-try-1"},
    Fenced: {"fencing_token": 1},
    Failure: {"fencing_token": 1, "code": "cube_failed"},
    Scored: {"fencing_token": 1, "sha256": _DRAFT, "inputs": {"dataset": _PREPARED}},
    Submission: {
        "fencing_token": 1,
        "sha256": _DRAFT,
        "approval_id": 13,
        "metrics": {"auroc": {"score": 0.91, "variance": 0.0004}, "brier": {"score": 0.12}},
        "n_cases": 250,
        "salt": _SALT,
    },
}

EXAMPLES: Mapping[type[Record], Document] = {
    **_PEOPLE,
    **_REGISTRATIONS,
    **_DECISIONS,
    **_WORK,
}
