"""What is told of a cube that crashed."""

from typing import Annotated

from pydantic import Field

from rounds.records.base import LARGEST_ID, Record

TASKS = r"^(prepare|sanity_check|statistics|infer|evaluate)$"
# Linux's, without the real-time ones: signal(7).
SIGNALS = (
    r"^SIG(HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP"
    r"|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|PWR|SYS)$"
)
PLACE = r"^[A-Za-z0-9_.]{1,120}:[1-9][0-9]{0,6}$"


class Crash(Record):
    """What is told of a cube that ended by itself, badly: numbers, and words from closed lists.

    `place` is `module:line` of a file of the cube's own image. None is not known, or not told.
    """

    task: Annotated[str, Field(pattern=TASKS)] | None = None
    exit_code: Annotated[int, Field(ge=0, le=255, strict=True)] | None = None
    signal: Annotated[str, Field(pattern=SIGNALS)] | None = None
    peak_memory_mib: Annotated[int, Field(ge=0, le=LARGEST_ID, strict=True)] | None = None
    place: Annotated[str, Field(pattern=PLACE)] | None = None
