"""Cubes from folders and records: digests over all that matters, and the mount-key contract."""

import json
import logging
import shutil
from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds.cubes import from_record, kind_of, read_cube, source_digest, to_record
from rounds.errors import IntegrityError, SpecError
from rounds.invocations import plan_call, write_parameters
from site_profiles.models import Limits
from tests.engines import PROBE

IMAGE = "ab" * 32
CONFIG = (PROBE / "container_config.yaml").read_text()


def make_folder(root: Path, config: str = CONFIG, parameters: str = "threshold: 0.5\n") -> Path:
    """A copy of the probe's folder with this config and these parameters."""
    folder = root / "probe"
    shutil.copytree(PROBE, folder, dirs_exist_ok=True)
    (folder / "container_config.yaml").write_text(config)
    (folder / "parameters.yaml").write_text(parameters)
    return folder


class TestReadCube:
    def test_tells_what_runs(self, tmp_path: Path) -> None:
        """Name, kind, parameters and the digests of what would run come out of a folder."""
        folder = make_folder(tmp_path)

        cube = read_cube(folder, f"sha256:{IMAGE}")

        assert (cube.name, cube.kind) == ("probe", CubeKind.MODEL)
        assert cube.parameters == {"threshold": 0.5}
        assert cube.artifacts == {"source": source_digest(folder), "image": IMAGE}
        assert cube.additional_files_sha256 is None

    def test_has_a_digest_over_content_only(self, tmp_path: Path) -> None:
        """The config's layout and comments do not count towards its part of the digest."""
        first = read_cube(make_folder(tmp_path / "1"))
        second = read_cube(make_folder(tmp_path / "2", config=f"# a comment\n{CONFIG}"))

        assert first.config == second.config
        assert first.artifacts != second.artifacts

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("parameters.yaml", "threshold: 0.6\n"),
            ("container_config.yaml", CONFIG.replace("rounds/probe:1", "rounds/probe:2")),
            ("main.py", "pass\n"),
            ("additional_files.tar.gz", "weights"),
        ],
    )
    def test_changes_its_digest_with_every_part(
        self, tmp_path: Path, name: str, content: str
    ) -> None:
        """Parameters, config, program and additional files are all in the digest."""
        folder = make_folder(tmp_path)
        before = read_cube(folder).digest
        (folder / name).write_text(content)

        after = read_cube(folder).digest

        assert after != before

    def test_leaves_dockerfile_and_tarball_out_of_the_source(self, tmp_path: Path) -> None:
        """The source digest is over the program and its documents, not over what packs or feeds them."""
        folder = make_folder(tmp_path)
        before = source_digest(folder)
        (folder / "Dockerfile").write_text("FROM scratch\n")
        (folder / "additional_files.tar.gz").write_text("weights")

        assert source_digest(folder) == before

    def test_warns_of_an_unknown_top_level_key(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """MedPerf tolerates further keys at the top, so they only warn."""
        folder = make_folder(tmp_path, config=f"{CONFIG}authors: someone\n")

        with caplog.at_level(logging.WARNING):
            read_cube(folder)

        assert "ignoring the unknown top-level keys authors" in caplog.text

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("data_path:", "data_pth:", r"input_volumes: .*mount key 'data_pth'.*'data_path'"),
            ("output_path:", "output:", r"output_volumes: .*mount key 'output'.*'output_path'"),
            ("/mlcommons/volumes/data,", "data,", "needed an absolute path inside the container"),
            ("command:", "comand:", "unknown key 'comand' in tasks.infer.run_args.*'command'"),
            ("parameters_file:", "output_path:", "found 'output_path' as input and as output"),
            ("  infer:", "  train:", "found the tasks train, needed exactly one of infer, prepare"),
            ("container_type: DockerImage", "", "found no 'container_type' in the document"),
        ],
    )
    def test_refuses_a_broken_promise(
        self, tmp_path: Path, old: str, new: str, message: str
    ) -> None:
        """A config that does not keep to the contract is refused with field and nearest known key."""
        folder = make_folder(tmp_path, config=CONFIG.replace(old, new))

        with pytest.raises(SpecError, match=message):
            read_cube(folder)

    def test_needs_the_output_key(self, tmp_path: Path) -> None:
        """A model that has nowhere to write its predictions is refused before it runs."""
        folder = make_folder(tmp_path, config=CONFIG[: CONFIG.index("    output_volumes")])

        with pytest.raises(SpecError, match="output_volumes: found no 'output_path', needed it"):
            read_cube(folder)

    def test_refuses_parameters_that_are_no_mapping(self, tmp_path: Path) -> None:
        """Parameters have names."""
        folder = make_folder(tmp_path, parameters="[1, 2]")

        with pytest.raises(SpecError, match=r"parameters.yaml: found no mapping"):
            read_cube(folder)


class TestRecords:
    def test_survive_the_registry(self, tmp_path: Path) -> None:
        """A cube that went through its record as JSON is the same cube."""
        cube = read_cube(make_folder(tmp_path), IMAGE)
        record = to_record(cube, url="https://example.org/a.tar.gz")

        read = type(record).model_validate_json(record.model_dump_json())

        assert from_record(read) == cube
        assert from_record(read).digest == record.digest

    def test_are_refused_when_changed(self, tmp_path: Path) -> None:
        """A record whose parameters differ from those its digest names is not run."""
        record = to_record(read_cube(make_folder(tmp_path)))
        changed = record.model_copy(update={"parameters": {"threshold": 0.4}})

        with pytest.raises(IntegrityError, match=f"needed the registered {record.digest}"):
            from_record(changed)

    def test_must_name_their_kind(self, tmp_path: Path) -> None:
        """A model cannot be registered as a metrics cube."""
        record = to_record(read_cube(make_folder(tmp_path)))
        changed = record.model_copy(update={"kind": CubeKind.METRICS})

        with pytest.raises(SpecError, match="registered as metrics, but its tasks make a model"):
            from_record(changed)


class TestKindOf:
    def test_refuses_two_kinds(self, tmp_path: Path) -> None:
        """A cube that would be a model and a metrics cube at once is neither."""
        config = read_cube(make_folder(tmp_path)).config
        tasks = {**config.tasks, "evaluate": config.tasks["infer"]}

        with pytest.raises(SpecError, match="found the tasks evaluate, infer, needed exactly one"):
            kind_of(config.model_copy(update={"tasks": tasks}))


class TestPlanCall:
    def test_mounts_what_the_task_declares(self, tmp_path: Path) -> None:
        """Inputs are read-only, outputs writable, and a path that nobody declared is not mounted."""
        cube = read_cube(make_folder(tmp_path))
        keys = ("data_path", "output_path", "parameters_file", "labels_path")

        call = plan_call(
            cube,
            "infer",
            {key: tmp_path / key for key in keys},
            limits=Limits(),
            log=tmp_path / "log",
            scratch=tmp_path,
            labels={"a": "b"},
        )

        assert {(m.key, m.inside, m.writable) for m in call.mounts} == {
            ("data_path", "/mlcommons/volumes/data", False),
            ("parameters_file", "/mlcommons/volumes/parameters/parameters.yaml", False),
            ("output_path", "/mlcommons/volumes/predictions", True),
        }
        assert str(tmp_path) not in repr(call)

    @pytest.mark.parametrize(
        ("task", "message"),
        [
            ("prepare", "has the tasks infer, needed prepare"),
            ("infer", "asks for the mount 'data_path', but only labels_path are there"),
        ],
    )
    def test_refuses_what_cannot_be_mounted(self, tmp_path: Path, task: str, message: str) -> None:
        """A task that the cube lacks, or a key that the site does not supply, is named."""
        cube = read_cube(make_folder(tmp_path))

        with pytest.raises(SpecError, match=message):
            plan_call(
                cube,
                task,
                {"labels_path": tmp_path},
                limits=Limits(),
                log=tmp_path / "log",
                scratch=tmp_path,
                labels={},
            )


class TestWriteParameters:
    def test_writes_json_for_any_reader(self, tmp_path: Path) -> None:
        """The file is JSON, which is YAML, and the container's user may read it."""
        cube = read_cube(make_folder(tmp_path, parameters="{word: bösartig, tiny: 1e-9}"))

        write_parameters(cube, tmp_path / "parameters.yaml")

        content = (tmp_path / "parameters.yaml").read_text(encoding="utf-8")
        assert json.loads(content) == {"word": "bösartig", "tiny": 1e-9}
        assert (tmp_path / "parameters.yaml").stat().st_mode & 0o777 == 0o644
