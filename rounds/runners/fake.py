"""An engine without containers: it plays a Python function in place of each cube."""

import contextlib
import io
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from rounds.errors import Code, RunnerError
from rounds.runners.base import Finished, Invocation, Source, overran
from rounds.runners.call_log import CallLog

Play = Callable[[Invocation], int | None]


@dataclass
class FakeRunner:
    """A `Runner` for tests and dry runs.

    `images` maps a cube's name to what is played for it: a function which reads and writes the call's
    mounts and returns the exit status, None being 0. `calls` holds every call in order, `sources` the
    Python files of every image by their paths.
    """

    images: dict[str, Play]
    calls: list[Invocation] = field(default_factory=list)
    sources: Mapping[str, Source] = field(default_factory=dict)

    def run(self, call: Invocation) -> Finished:
        """Play the function of the call's cube; what it prints goes to the call's log.

        Raises:
            RunnerError: No function has the cube's name (`Code.ENGINE_REFUSED`), or the played one took
                longer than the limit (`CUBE_TIMEOUT`, raised once it returns: nothing can stop it).
        """
        self.calls.append(call)
        play = self.images.get(call.cube.name)
        if play is None:
            message = (
                f"the fake engine has no cube {call.cube.name}, needed a function of that name"
            )
            raise RunnerError(message, code=Code.ENGINE_REFUSED)
        begin = time.monotonic()
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                exit_code = play(call) or 0
        finally:
            with CallLog(call.log) as log:
                log.write(printed.getvalue().encode())
        seconds = time.monotonic() - begin
        if seconds > call.limits.timeout_s:
            raise overran(call)
        return Finished(exit_code=exit_code, seconds=seconds)

    def find_sources(self, call: Invocation, paths: Collection[str]) -> Mapping[str, Source]:  # noqa: ARG002  as every runner's
        """Those of the paths that `sources` has."""
        return {path: self.sources[path] for path in paths if path in self.sources}

    def sweep(self, site: str, is_alive: Callable[[str], bool]) -> int:  # noqa: ARG002  as every runner's
        """Nothing is ever left: what is played ends in this process."""
        return 0
