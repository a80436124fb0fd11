"""What a site gives single cubes beyond what it gives all: by the cube's digest, never by its name; and its GPUs."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
GpuId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
# None, all of the machine's, the first so many, or those with these numbers or UUIDs.
Gpus = (
    Literal["none", "all"]
    | Annotated[int, Field(ge=1, le=64, strict=True)]
    | Annotated[tuple[GpuId, ...], Field(min_length=1)]
)


class Grant(BaseModel):
    """What one cube may have if it declares that it needs it: nothing that is not written here.

    `writable_root`: the image's own files may be written, until the call ends. `scratch_gib`: `/tmp` may hold so
    much, on the workspace's disk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    writable_root: Annotated[bool, Field(strict=True)] = False
    scratch_gib: float | None = Field(default=None, gt=0)
