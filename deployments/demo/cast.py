"""What the chapters of the demo share, and how they wait for one another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep

from deployments.demo.display import Display
from deployments.demo.people import ADMINISTRATOR, Person
from deployments.demo.place import Place
from deployments.stack import Stack
from rounds.client.registry import RegistryClient
from rounds.errors import RunnerError
from site_profiles.models import Engine

PATIENCE_S = 300


@dataclass
class Cast:
    """Everyone and everything on stage. `cubes` and `datasets` map names to registry ids."""

    place: Place
    stack: Stack
    display: Display
    engine: Engine
    people: dict[str, Person] = field(default_factory=dict)
    cubes: dict[str, int] = field(default_factory=dict)
    datasets: dict[str, int] = field(default_factory=dict)
    benchmark_id: int = 0

    @property
    def admin(self) -> RegistryClient:
        """The administrator's own sign-in."""
        return self.people[ADMINISTRATOR].client

    @property
    def committee(self) -> RegistryClient:
        """The committee's own sign-in."""
        return self.people["committee"].client

    def leave(self) -> None:
        """Close everybody's connection to the registry."""
        for person in self.people.values():
            person.client.close()

    def wait(self, what: str, done: Callable[[], bool], *, timeout_s: float = PATIENCE_S) -> None:
        """Let the people decide what comes before them until `done()`.

        Raises:
            RunnerError: It did not happen in time; the logs below `.demo/logs` say why.
        """
        until = monotonic() + timeout_s
        while not done():
            for person in self.people.values():
                for approval in person.look():
                    words = f"read and granted approval {approval.id} ({approval.kind})"
                    self.display.say(person.key, words)
            if monotonic() > until:
                message = f"waited {timeout_s:.0f} s for: {what}; see the logs below .demo/logs"
                raise RunnerError(message)
            sleep(0.5)
