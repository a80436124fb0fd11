"""What a model wrote before it failed, published by itself: under a key of its own, never that of whole predictions.

1. Only a benchmark that says so takes it, and then for one execution: the next one runs the model again.
2. Only of a model that ended by itself: what was cancelled, broke a limit of the site or was refused keeps nothing.
3. At least one file must have content, and the gate must let all of them pass.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rounds import stage_inputs
from rounds.artifacts import Published
from rounds.attempts import Attempt
from rounds.digests import list_files
from rounds.errors import RunnerError
from rounds.output_gate import check_output
from rounds.workspace import Workspace
from site_profiles.models import Limits

PREDICTIONS = "predictions"
STAGE = "infer"
_log = logging.getLogger("rounds.site")


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a model's predictions for `inputs`, should it fail; of no execution, nothing is."""

    workspace: Workspace
    limits: Limits
    inputs: Mapping[str, str]
    execution_id: int | None = field(kw_only=True)
    _kept: list[Published] = field(default_factory=list, init=False)

    @contextmanager
    def kept_of(self, attempt: Attempt, is_cancelled: Callable[[], bool]) -> Iterator[None]:
        """Publish what an attempt wrote if its model fails in the block; the error goes on.

        Raises:
            IntegrityError: A file that it wrote cannot be read.
        """
        try:
            yield
        except RunnerError as error:
            if self.execution_id is not None and error.crash is not None and not is_cancelled():
                self._keep(attempt, self.execution_id)
            raise

    def or_whole(self, make: Callable[[Attempt], None]) -> tuple[Published, bool]:
        """The whole predictions, made by `make` unless they are there; or the rest, and whether it is that.

        Raises:
            RunnerError: There is neither.
        """
        try:
            return self.workspace.publish(STAGE, self.inputs, make), False
        except RunnerError:
            if not self._kept:
                raise
            return self._kept[-1], True

    def _keep(self, failed: Attempt, execution_id: int) -> None:
        written = failed.files / PREDICTIONS
        try:
            check_output(failed.files, self.limits)
        except RunnerError as refused:
            _log.warning("partial predictions not taken: %s %s", refused.summary, refused.detail)
            return
        if any(file.stat().st_size for file in list_files(written)):
            inputs = stage_inputs.of_partial(self.inputs, execution_id)
            self._kept.append(self.workspace.publish(STAGE, inputs, _moved(written)))


def _moved(written: Path) -> Callable[[Attempt], None]:
    def make(attempt: Attempt) -> None:
        written.rename(attempt.files / PREDICTIONS)

    return make
