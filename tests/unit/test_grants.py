"""Needs are granted by digest, or refused with what to write; GPUs are those both asked for and there."""

from dataclasses import replace

import pytest
import yaml
from pydantic import ValidationError

from cube_specs.models import CubeKind
from rounds.cubes import Cube
from rounds.errors import Code, RunnerError
from rounds.grants import Grants, as_declared, give, given_gpus
from rounds.records.cubes import Needs
from rounds.runners.base import Given
from site_profiles.grants import Gpus, Grant
from site_profiles.models import Limits, SiteProfile
from tests.unit.little_site import make_cube

LIMITS = Limits(tmp_gib=1)
BOTH = Needs(writable_root=True, scratch_gib=20)


def make_needy(needs: Needs, *, version: str = "1") -> Cube:
    """A model that declares these needs."""
    return replace(make_cube(CubeKind.MODEL, version=version), needs=needs)


class TestNeeds:
    def test_are_given_if_granted(self) -> None:
        """A cube gets what it declares, where its digest has a grant."""
        cube = make_needy(BOTH)

        given, limits = give(cube, "infer", limits=LIMITS, grants=as_declared([cube]))

        assert given == Given(writable_root=True, scratch_on_disk=True)
        assert limits == LIMITS.model_copy(update={"tmp_gib": 20})

    def test_are_refused_with_what_to_write(self) -> None:
        """Without a grant the error ends with a line for the profile, and with that line in it the cube is given it."""
        cube = make_needy(BOTH)

        with pytest.raises(RunnerError, match="needs more than this site grants it") as caught:
            give(cube, "infer", limits=LIMITS, grants=Grants())

        assert caught.value.code is Code.ENGINE_REFUSED
        line = yaml.safe_load(caught.value.summary.rpartition("profile ")[2])
        grants = {digest: Grant.model_validate(told) for digest, told in line["grants"].items()}
        assert grants == as_declared([cube]).cubes

    @pytest.mark.parametrize(
        "granted",
        [
            Grant(writable_root=True),
            Grant(scratch_gib=20),
            Grant(writable_root=True, scratch_gib=19),
        ],
    )
    def test_are_refused_if_less_is_granted(self, granted: Grant) -> None:
        """Half of what is needed is not enough."""
        cube = make_needy(BOTH)

        with pytest.raises(RunnerError, match="needs more than this site grants it"):
            give(cube, "infer", limits=LIMITS, grants=Grants(cubes={cube.digest: granted}))

    def test_are_not_inherited(self) -> None:
        """A new version of a cube is another cube: what the old one was granted is not its own."""
        grants = as_declared([make_needy(BOTH)])

        with pytest.raises(RunnerError, match="needs more than this site grants it"):
            give(make_needy(BOTH, version="2"), "infer", limits=LIMITS, grants=grants)

    def test_do_not_widen_with_what_the_owner_changes(self) -> None:
        """Needs are not in the digest, since a grant names what is granted: more needs are refused, fewer are given less."""
        small = make_needy(Needs(scratch_gib=2))
        grants = as_declared([small])

        plain, all_granted = make_needy(Needs()), as_declared([make_needy(BOTH)])
        given, limits = give(plain, "infer", limits=LIMITS, grants=all_granted)

        assert make_needy(BOTH).digest == small.digest
        assert (given, limits) == (Given(), LIMITS)
        with pytest.raises(RunnerError, match="needs more than this site grants it"):
            give(make_needy(BOTH), "infer", limits=LIMITS, grants=grants)

    def test_within_the_limits_take_no_grant(self) -> None:
        """Who needs no more scratch than every cube has is given just that."""
        given, limits = give(
            make_needy(Needs(scratch_gib=0.5)), "infer", limits=LIMITS, grants=Grants()
        )

        assert (given, limits) == (Given(), LIMITS)


class TestProfile:
    @pytest.mark.parametrize(
        "grants",
        [{"a-name": {}}, {"0" * 64: {"network": True}}, {"0" * 64: {"writable_root": "yes"}}],
    )
    def test_grants_by_digest_and_what_is_known(self, grants: object) -> None:
        """No grant by name, none of anything else."""
        with pytest.raises(ValidationError, match="grants"):
            SiteProfile.model_validate({"grants": grants})


class TestGpus:
    @pytest.mark.parametrize(
        ("asked", "site", "given"),
        [
            (None, "all", ()),
            (0, "all", ()),
            ("", "all", ()),
            ("all", "none", ()),
            (2, "none", ()),
            ("all", "all", ("all",)),
            (2, "all", ("0", "1")),
            ("device=3,GPU-ab", "all", ("3", "GPU-ab")),
            ("all", 2, ("0", "1")),
            (4, 2, ("0", "1")),
            ("1", 2, ("0",)),
            ("device=1,2", 2, ("1",)),
            ("all", ("2", "GPU-ab"), ("2", "GPU-ab")),
            (1, ("2", "GPU-ab"), ("2",)),
            ("device=2,3", ("2", "GPU-ab"), ("2",)),
            ("device=7", ("2",), ()),
        ],
    )
    def test_are_those_asked_for_and_there(
        self, asked: str | int | None, site: Gpus, given: tuple[str, ...]
    ) -> None:
        """The intersection; a number of the site's are its first so many; nothing in common is none, and no error."""
        assert given_gpus(asked, site) == given
