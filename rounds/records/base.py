"""What every body has in common."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

LARGEST_ID = 2**31 - 1  # PostgreSQL's INTEGER holds no larger one
Id = Annotated[int, Field(ge=1, le=LARGEST_ID, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
Url = Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s\x00-\x1f]+$")]
Seconds = Annotated[int, Field(gt=0, le=366 * 24 * 3600, strict=True)]
T = TypeVar("T", bound=BaseModel)


class Record(BaseModel):
    """Base of every body: frozen, unknown keys refused, no NaN and no infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Revised(Record):
    """Something that may change: `revision` counts its changes and is its ETag; withdrawn it is not valid."""

    revision: int
    is_valid: bool


class ShownOnce(Record):
    """An answer that holds a secret: it is never kept to be given again."""


class Page(Record, Generic[T]):
    """A page of a list and how many there are in all."""

    total: int
    items: list[T]
