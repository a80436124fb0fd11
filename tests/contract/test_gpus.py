"""GPUs as the engines are told of them: what was given, whatever the cube asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from rounds.runners.apptainer_options import (
    Held,
    Sif,
    apptainer_environment,
    apptainer_options,
)
from rounds.runners.base import ALL_GPUS, Given, Invocation
from rounds.runners.docker_options import docker_options
from tests.engines import make_call

HELD = Held(uid=1000, gid=1000, is_root=False, has_groups=False)
SIF = Sif(path=Path("/images/a.sif"), workdir="/cube")


def make_given(root: Path, gpus: tuple[str, ...]) -> Invocation:
    """A call of the probe, which was given these GPUs."""
    return replace(make_call(root, "copy", image="0" * 64), given=Given(gpus=gpus))


class TestDocker:
    @pytest.mark.parametrize(
        ("gpus", "told"), [(ALL_GPUS, (-1, None)), (("0", "GPU-ab"), (0, ["0", "GPU-ab"]))]
    )
    def test_is_asked_for_those_given(
        self, gpus: tuple[str, ...], told: tuple[int, list[str] | None], tmp_path: Path
    ) -> None:
        """One request for devices with the capability gpu: all, or those by number or UUID."""
        (request,) = docker_options(make_given(tmp_path, gpus), user="7:8")["device_requests"]

        assert (request["Count"], request["DeviceIDs"] or None) == told
        assert request["Capabilities"] == [["gpu"]]

    def test_is_asked_for_none(self, tmp_path: Path) -> None:
        """A call that was given none asks the daemon for no device."""
        assert docker_options(make_given(tmp_path, ()), user="7:8")["device_requests"] == []


class TestApptainer:
    @pytest.mark.parametrize(
        ("gpus", "n_options", "visible"),
        [((), 0, None), (ALL_GPUS, 1, None), (("0", "GPU-ab"), 1, "0,GPU-ab")],
    )
    def test_is_told_of_those_given(
        self, gpus: tuple[str, ...], n_options: int, visible: str | None, tmp_path: Path
    ) -> None:
        """`--nv` if there are any; which ones is CUDA's to heed, and nothing that the cube may set."""
        call = make_given(tmp_path, gpus)

        argv, environment = apptainer_options(call, SIF, HELD), apptainer_environment(call)

        assert argv.count("--nv") == n_options
        assert environment.get("APPTAINERENV_CUDA_VISIBLE_DEVICES") == visible
