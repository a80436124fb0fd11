"""Everything that Rounds refuses or reports, as one tree; the class says who must act.

RoundsError
├── SpecError          a cube, site or benchmark document is wrong      -> its author
├── IntegrityError     bytes do not match the digest naming them        -> whoever shipped them
├── RunnerError        a cube could not run, failed, or wrote badly      -> the cube's author, or the site
│   └── ManualWork         people have to do something before it can go on  -> people at the site
├── EgressDenied       policy or approval keeps the result home          -> nobody: the system works
└── RegistryError      the registry said no, or nothing
    ├── SignInNeeded       no token, or one that is expired or revoked   -> sign in again
    ├── NotFound           no such thing, or none that you may know of   -> check the id
    ├── Forbidden          you may see it, but not do this               -> ask who may
    ├── Conflict           the state of the thing does not allow it      -> read it again
    ├── InvalidInput       the request itself is wrong                   -> correct it
    └── Unreachable        no answer from the registry                   -> try again later
"""

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from rounds.records.crashes import Crash


class Code(StrEnum):
    """What went wrong, in a word that may leave the site; a failed cell's row carries it."""

    SPEC = "spec"
    INTEGRITY = "integrity"
    CUBE_FAILED = "cube_failed"
    CUBE_TIMEOUT = "cube_timeout"
    CUBE_MEMORY = "cube_memory"
    CUBE_PROCESSES = "cube_processes"
    CUBE_SCRATCH = "cube_scratch"
    NO_ROOM = "no_room"
    CANCELLED = "cancelled"
    MANUAL_WORK = "manual_work"
    ENGINE_MISSING = "engine_missing"
    ENGINE_REFUSED = "engine_refused"
    OUTPUT_MISSING = "output_missing"
    OUTPUT_INVALID = "output_invalid"
    OUTPUT_TOO_LARGE = "output_too_large"
    METRIC_INVALID = "metric_invalid"
    EGRESS_DENIED = "egress_denied"
    SIGN_IN = "sign_in"
    STALE_SIGN_IN = "stale_sign_in"
    SECOND_FACTOR = "second_factor"
    TOO_MANY_TRIES = "too_many_tries"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    CHANGED_MEANWHILE = "changed_meanwhile"
    REVISION_NEEDED = "revision_needed"
    TOO_LARGE = "too_large"
    CLIENT_TOO_OLD = "client_too_old"
    DEADLINE = "deadline"
    INVALID_INPUT = "invalid_input"
    UNREACHABLE = "unreachable"
    UNEXPECTED = "unexpected"


class RoundsError(Exception):
    """Base of the tree.

    Args:
        summary: What was found, what was needed, what to do. May leave the site: never a path, a
            patient's value, a cube's own words or a suppressed count.
        detail: What only the site may read. Written to the site's log, never to a state or a reply.
        code: A finer word than the class's own.
    """

    default_code: ClassVar[Code] = Code.UNEXPECTED

    def __init__(self, summary: str, *, detail: str = "", code: Code | None = None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.code = code or self.default_code


class SpecError(RoundsError):
    """A document does not say what it must."""

    default_code = Code.SPEC


class IntegrityError(RoundsError):
    """Bytes differ from the digest that names them."""

    default_code = Code.INTEGRITY


class RunnerError(RoundsError):
    """A cube could not be run, ended badly, or left outputs that break its promise.

    Args:
        crash: What may be told of a cube that ended by itself, badly; None of every other error.
    """

    default_code = Code.CUBE_FAILED

    def __init__(
        self,
        summary: str,
        *,
        detail: str = "",
        code: Code | None = None,
        crash: "Crash | None" = None,
    ) -> None:
        super().__init__(summary, detail=detail, code=code)
        self.crash = crash


class ManualWork(RunnerError):
    """People have work before a preparation can go on."""

    default_code = Code.MANUAL_WORK


class EgressDenied(RoundsError):
    """The site's policy, or the lack of a valid approval, keeps a result at home."""

    default_code = Code.EGRESS_DENIED


class RegistryError(RoundsError):
    """The registry refused, or could not be asked."""

    default_code = Code.UNREACHABLE


class SignInNeeded(RegistryError):
    """The token is missing, unknown, expired or revoked."""

    default_code = Code.SIGN_IN


class NotFound(RegistryError):
    """There is no such thing, or none that the caller may know of."""

    default_code = Code.NOT_FOUND


class Forbidden(RegistryError):
    """The caller may see the thing but not do this to it."""

    default_code = Code.FORBIDDEN


class Conflict(RegistryError):
    """The state of the thing does not allow the request."""

    default_code = Code.CONFLICT


class InvalidInput(RegistryError):
    """The request is wrong in itself."""

    default_code = Code.INVALID_INPUT


class Unreachable(RegistryError):
    """The registry gave no answer in the time allowed."""

    default_code = Code.UNREACHABLE
