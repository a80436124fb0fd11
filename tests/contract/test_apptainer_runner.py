"""What the apptainer engine promises beyond every runner's promise."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cube_specs.models import ContainerType
from rounds.cubes import Cube, read_cube
from rounds.digests import sha256_file
from rounds.errors import Code, IntegrityError, RunnerError
from rounds.runners.apptainer import ApptainerRunner
from rounds.runners.apptainer_options import Held, Sif, apptainer_environment, apptainer_options
from rounds.supplies import Supplies
from tests.engines import (
    EMPTY,
    PROBE,
    image_of,
    make_call,
    make_runner,
    need_apptainer,
    supplies_of,
)

ROOTS = Held(uid=7, gid=8, is_root=True, has_groups=True)
PLAIN = Held(uid=1000, gid=1000, is_root=False, has_groups=False)
SIF = Sif(path=Path("/images/a.sif"), workdir="/cube")
AN_ORDINARY_USER = 1000
AS_AN_ORDINARY_USER = """
import json, sys
from pathlib import Path
from rounds.errors import RunnerError
from rounds.runners.apptainer import UNLIMITED, ApptainerRunner
from rounds.supplies import Supplies
from tests.engines import PROBE, make_call
root, image, mirror, cache = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
supplies = Supplies(mirror=mirror, cache=cache)
try:
    ApptainerRunner(supplies).run(make_call(root / "refused", "probe", image=image))
except RunnerError as error:
    print(error.summary)
runner = ApptainerRunner(supplies, UNLIMITED)
for act in ("probe", "reach"):
    runner.run(make_call(root / act, act, image=image))
"""


class TestOptions:
    def test_isolate_the_cube(self, tmp_path: Path) -> None:
        """Whatever the cube asks for: no network, nothing of the machine, no privileges, the site's limits."""
        argv = apptainer_options(make_call(tmp_path, "copy"), SIF, ROOTS)

        told = " ".join(argv)
        assert argv.index("run") < argv.index(str(SIF.path)) < argv.index("infer")
        assert "--containall --cleanenv --no-eval" in told
        assert "--net --network none" in told
        assert "--no-privs --security uid:7,gid:8" in told
        assert "--security seccomp:seccomp.json" in told
        assert f"--memory {2**29} --memory-swap {2**29} --pids-limit 256 --cpus 1" in told

    def test_ask_nothing_of_root_for_others(self, tmp_path: Path) -> None:
        """An ordinary user's cubes run as that user, without what only root may ask."""
        told = " ".join(apptainer_options(make_call(tmp_path, "copy"), SIF, PLAIN))

        assert not any(word in told for word in ("--no-privs", "uid:", "--config", "--memory"))
        assert "--net --network none" in told

    def test_name_each_mount_as_csv(self, tmp_path: Path) -> None:
        """A comma, a colon or a quote in a path is a letter of it; inputs are read-only."""
        root = tmp_path / "a,b:c'd\"e"

        argv = apptainer_options(make_call(root, "copy"), SIF, ROOTS)

        mounts = [argv[at + 1] for at, word in enumerate(argv) if word == "--mount"]
        read = [next(csv.reader([mount])) for mount in mounts]
        data = ["type=bind", f"src={root}/data", "dst=/mlcommons/volumes/data", "ro"]
        assert data in read
        assert ["type=bind", f"src={root}/output", "dst=/mlcommons/volumes/predictions"] in read

    def test_show_no_value_of_the_environment(self, tmp_path: Path) -> None:
        """What a cube's environment holds is no argument, which every user of the machine can read."""
        call = make_call(tmp_path, "copy")

        argv, environment = apptainer_options(call, SIF, ROOTS), apptainer_environment(call)

        assert environment["APPTAINERENV_GREETING"] == "hello, cube"
        assert not any("hello" in word for word in argv)


@pytest.fixture
def supplies(tmp_path: Path) -> Supplies:
    """A mirror with the probe's archive, and a cache with its conversion, both of the test's own."""
    need_apptainer()
    shared = supplies_of(PROBE)
    runner, image = make_runner("apptainer")
    runner.run(make_call(tmp_path / "first", "copy", image=image))
    for folder in (shared.mirror, shared.cache):
        shutil.copytree(folder, tmp_path / folder.name)
    return Supplies(mirror=tmp_path / shared.mirror.name, cache=tmp_path / shared.cache.name)


@pytest.mark.apptainer
class TestImages:
    def test_refuses_an_absent_image(self, tmp_path: Path) -> None:
        """An image that is not at the site is named by the file that is missing; nothing is pulled."""
        need_apptainer()

        with pytest.raises(RunnerError, match=r"needed 0{64}\.tar in its mirror") as caught:
            ApptainerRunner(nothing_at(tmp_path)).run(make_call(tmp_path, "copy", image="0" * 64))

        assert caught.value.code is Code.ENGINE_REFUSED

    def test_refuses_a_cube_without_an_image(self, tmp_path: Path) -> None:
        """A cube that was registered for the process engine only is refused with what to do."""
        need_apptainer()

        with pytest.raises(RunnerError, match="registered without an image, needed one"):
            ApptainerRunner(EMPTY).run(make_call(tmp_path, "copy"))

    def test_refuses_a_conversion_that_was_changed(
        self, supplies: Supplies, tmp_path: Path
    ) -> None:
        """One byte flipped in a converted image stops the cube before it starts."""
        converted = next(supplies.cache.glob("converted/*.sif"))
        flip(converted)
        call = make_call(tmp_path, "copy", image=image_of(PROBE))

        with pytest.raises(IntegrityError, match="converted image of cube probe was changed"):
            ApptainerRunner(supplies).run(call)

        assert not call.log.exists()

    def test_runs_a_sif_by_its_sha256(self, supplies: Supplies, tmp_path: Path) -> None:
        """A cube that is a SIF runs from the mirror in its own folder; changed by a byte it does not."""
        cube = as_sif(supplies)
        runner = ApptainerRunner(supplies)

        runner.run(make_call(tmp_path, "report", cube=cube))
        flip(supplies.mirror / f"{cube.artifacts['sif']}.sif")

        assert json.loads((tmp_path / "output" / "report.json").read_text())["folder"] == "/cube"
        with pytest.raises(IntegrityError, match="needed"):
            runner.run(make_call(tmp_path, "report", cube=cube))

    def test_says_that_apptainer_is_absent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without the program the error says what to install."""
        monkeypatch.setenv("PATH", str(tmp_path))

        with pytest.raises(RunnerError, match="found no Apptainer, needed it") as caught:
            ApptainerRunner(EMPTY).run(make_call(tmp_path, "copy", image="0" * 64))

        assert caught.value.code is Code.ENGINE_MISSING


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user may write, since only root may look into pytest's."""
    with tempfile.TemporaryDirectory(prefix="rounds-ordinary-") as name:
        os.chown(name, AN_ORDINARY_USER, AN_ORDINARY_USER)
        yield Path(name)


@pytest.mark.apptainer
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become an ordinary user")
class TestOrdinaryUser:
    def test_is_held_as_well(self, supplies: Supplies, open_folder: Path) -> None:
        """Without root: refused where no control groups are and nobody granted it; with the grant, held all the same."""
        shutil.copytree(supplies.mirror, open_folder / "mirror")
        (open_folder / "mirror").chmod(0o755)
        folders = [str(open_folder / name) for name in ("mirror", "cache")]
        # Root's Python may lie where others cannot read; no privilege that writes or runs anything is kept.
        user = [
            "--reuid",
            str(AN_ORDINARY_USER),
            "--regid",
            str(AN_ORDINARY_USER),
            "--clear-groups",
        ]
        reads = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
        program = [sys.executable, "-c", AS_AN_ORDINARY_USER, str(open_folder), image_of(PROBE)]

        done = subprocess.run(
            ["setpriv", *user, *reads, *program, *folders],
            env={"PATH": os.environ["PATH"], "HOME": str(open_folder)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert "needed a systemd session with cgroups v2, or the grants" in done.stdout, done.stderr
        held = json.loads((open_folder / "probe" / "output" / "held.json").read_text())
        assert (held["CapEff"], held["NoNewPrivs"]) == ("0" * 16, "1")
        assert (held["Seccomp"], held["root"]) == ("2", "read-only")
        assert json.loads((open_folder / "reach" / "output" / "roads.json").read_text()) == []


def nothing_at(root: Path) -> Supplies:
    """Supplies without anything, whose cache can be written."""
    return Supplies(mirror=root / "mirror", cache=root / "cache")


def as_sif(supplies: Supplies) -> Cube:
    """The probe as a cube that is delivered as a SIF, which lies in the mirror."""
    converted = next(supplies.cache.glob("converted/*.sif"))
    digest = sha256_file(converted)
    shutil.copyfile(converted, supplies.mirror / f"{digest}.sif")
    cube = read_cube(PROBE, sif_digest=digest)
    config = cube.config.model_copy(
        update={"container_type": ContainerType.SINGULARITY_FILE, "image": "probe.sif"}
    )
    return replace(cube, config=config)


def flip(path: Path) -> None:
    """Change the last byte of a file."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
