"""A preparation in several steps, as a preparator's document describes it.

The steps of one `each` follow one another for every case by itself; a step without `each` is for all cases, and
waits for them. The last one is `prepare`.
"""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Source = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}(/\*)?$")]
ExitCode = Annotated[int, Field(ge=0, le=125)]
RAW: Final = "raw"
END: Final = "end"
OF_CASE: Final = "/*"


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


Sources = Annotated[tuple[Source, ...], BeforeValidator(_several), Field(min_length=1)]


class OnError(StrEnum):
    """What becomes of the dataset if a step fails on a case: it is not prepared, or without that case."""

    STOP = "stop"
    SKIP = "skip"


class Step(BaseModel):
    """One step: a task of the cube, or what a person does by hand.

    Attributes:
        step: Its name.
        task: The task that is called; if it is not named, the one called as the step.
        manual: What a person is asked to do with the files of `inputs`; then there is no task.
        image: One of the document's `images`; if it is not named, the cube's own.
        each: The folder whose entries are the cases, such as `raw.data_path` or `split.output_path`.
        inputs: For each mount key what is mounted there: `raw.<key>`, or `<step>.<key>` of an earlier step; of
            several the first that the case has. `/*` takes the case's own entry of a folder.
        parallel: How many cases at once, as far as the site allows.
        retries: How often it is tried again on a case where it failed.
        on_error: What happens after that.
        next: By exit status, the later step of the same cases that follows, or `end`. Another status than
            these and 0 is a failure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: Name
    task: str | None = None
    manual: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    image: Name | None = None
    each: Source | None = None
    inputs: dict[Name, Sources] = Field(default_factory=dict)
    parallel: Annotated[int, Field(ge=1, le=64)] = 1
    retries: Annotated[int, Field(ge=0, le=10)] = 0
    on_error: OnError = OnError.STOP
    next: dict[ExitCode, Name] = Field(default_factory=dict)

    @property
    def called(self) -> str:
        """The task of the step."""
        return self.task or self.step

    @model_validator(mode="after")
    def _check_manual(self) -> Self:
        if self.manual is None:
            return self
        if not self.inputs:
            raise ValueError("needed inputs: the files that a person works on")
        if self.task or self.image or self.next or self.retries:
            raise ValueError("needed no task, image, next or retries where a person works")
        return self
