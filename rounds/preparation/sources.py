"""Where a step finds what it reads: in the site's export, in steps of the lanes behind, in the case's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from cube_specs.workflow import OF_CASE, RAW, Step
from rounds.cubes import Cube
from rounds.errors import RoundsError, SpecError
from rounds.preparation.desk import ALL_CASES
from rounds.preparation.trees import Tree, gathered

Outputs = Mapping[str, Tree]


class Stand(StrEnum):
    """Where a case stands at a step, and at the end of a lane."""

    RUNS = "runs"
    THROUGH = "through"
    WAITS = "waits"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(slots=True)
class Case:
    """One case on its way through a lane: what its steps wrote so far, and the error that ended it, if one did."""

    name: str
    outputs: dict[str, Outputs] = field(default_factory=dict)
    stand: Stand = Stand.THROUGH
    error: RoundsError | None = None


@dataclass(slots=True)
class Sources:
    """What can be read: `done` maps the export and each step of the lanes behind to what it wrote for each case."""

    cube: Cube
    done: dict[str, dict[str, Outputs]]

    @classmethod
    def of(cls, cube: Cube, raw: Outputs) -> Self:
        """What the first step of a cube can read."""
        return cls(cube, {RAW: {ALL_CASES: raw}})

    def trees(self, case: Case, step: Step) -> Outputs:
        """What a step reads with a case, by its mount keys; of the export also what it does not name.

        Raises:
            SpecError: The case has none of the sources that the step names for a key.
        """
        volumes = {} if step.manual else self.cube.config.tasks[step.called].input_volumes
        raw = {
            key: self.done[RAW][ALL_CASES][key]
            for key in volumes
            if key in self.done[RAW][ALL_CASES] and key not in step.inputs
        }
        return raw | {key: self._source(case, names) for key, names in step.inputs.items()}

    def _source(self, case: Case, names: Sequence[str]) -> Tree:
        """The first of several sources that the case has; of all cases together, each its first."""
        for name in names:
            step, _, key = name.removesuffix(OF_CASE).partition(".")
            if step in case.outputs:
                return case.outputs[step][key]
            if name.endswith(OF_CASE):
                return self.whole(name.removesuffix(OF_CASE)).entry(case.name)
        firsts: dict[str, Tree] = {}
        for name in names:
            step, _, key = name.partition(".")
            for other, outputs in self.done.get(step, {}).items():
                firsts.setdefault(other, outputs[key])
        if not firsts:
            message = f"found no output of {' or '.join(names)} for a case, needed one"
            raise SpecError(f"{message}; every way through the workflow needs one of them")
        return firsts[ALL_CASES] if ALL_CASES in firsts else gathered(firsts)

    def whole(self, source: str) -> Tree:
        """What a step for all cases wrote, or the export, as `<step>.<key>`."""
        step, _, key = source.partition(".")
        return self.done[step][ALL_CASES][key]
