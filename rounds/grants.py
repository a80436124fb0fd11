"""What a call is given beyond what holds every cube: what the cube asks for and the site's profile grants.

1. A need is granted by the cube's digest: another version of the cube is another cube, and has no grant.
2. A cube gets what it needs and no more, whatever was granted; what it does not declare, it does not get.
3. A need without a grant is refused before anything is started, with the words to write into the profile.
4. GPUs are a wish: a cube gets those that it asks for and the site has for cubes, if it is none it runs without.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rounds.cubes import Cube
from rounds.errors import Code, RunnerError
from rounds.runners.base import ALL_GPUS, Given
from site_profiles.grants import Gpus, Grant
from site_profiles.models import Limits

_DEVICES = "device="


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What a site gives beyond the common: to single cubes by digest, and GPUs to those that ask. By default nothing."""

    cubes: Mapping[str, Grant] = field(default_factory=dict)
    gpus: Gpus = "none"


def as_declared(cubes: Iterable[Cube]) -> Grants:
    """Grants of just what these cubes declare, for a test at their owner's desk."""
    return Grants(cubes={cube.digest: Grant(**cube.needs.model_dump()) for cube in cubes})


def give(cube: Cube, task: str, *, limits: Limits, grants: Grants) -> tuple[Given, Limits]:
    """What a call of the task is given, and its limits, `tmp_gib` raised where more is needed and granted.

    Raises:
        RunnerError: The cube needs what the site does not grant (`Code.ENGINE_REFUSED`).
    """
    needed = cube.needs.scratch_gib or 0
    on_disk = needed > limits.tmp_gib
    granted = grants.cubes.get(cube.registered, Grant())
    lacks_root = cube.needs.writable_root and not granted.writable_root
    if lacks_root or (on_disk and needed > (granted.scratch_gib or 0)):
        raise _ungranted(cube)
    asked = cube.config.tasks[task].run_args.gpus
    given = Given(
        writable_root=cube.needs.writable_root,
        scratch_on_disk=on_disk,
        gpus=given_gpus(asked, grants.gpus),
    )
    return given, limits.model_copy(update={"tmp_gib": max(needed, limits.tmp_gib)})


def given_gpus(asked: str | int | None, site: Gpus) -> tuple[str, ...]:
    """The GPUs that are both asked for and the site's to give, by number or UUID; `ALL_GPUS`; or none.

    Args:
        asked: As in a cube's `run_args`: a number of them, `all`, or `device=` and ids.
        site: As in a profile. A number of them are the first so many.
    """
    wish = "" if asked is None else str(asked)
    if site == "none" or wish in {"", "0"}:
        return ()
    there = None if site == "all" else _ids(site)
    if wish == "all":
        return ALL_GPUS if there is None else there
    if not wish.startswith(_DEVICES):
        return _ids(int(wish)) if there is None else there[: int(wish)]
    named = tuple(wish.removeprefix(_DEVICES).split(","))
    return tuple(one for one in named if there is None or one in there)


def _ids(site: int | str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(str, range(site))) if isinstance(site, int) else tuple(site)


def _ungranted(cube: Cube) -> RunnerError:
    told = {name: str(value).lower() for name, value in cube.needs if value}
    needs = ", ".join(f"{name}: {value}" for name, value in told.items())
    message = (
        f"cube {cube.name} needs more than this site grants it; to grant it, write into the profile"
    )
    line = f"grants: {{{cube.registered}: {{{needs}}}}}"
    return RunnerError(f"{message} {line}", code=Code.ENGINE_REFUSED)
