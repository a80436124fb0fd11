"""Documents and folders that are wrong: refused at the terminal, before the registry hears of them."""

import pytest

from tests.contract.command_line.desk import ASKED, write_cube, write_raw
from tests.contract.command_line.terminal import Terminal


class TestProfile:
    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"engine": None}, "found no 'engine' in the document, needed it"),
            ({"engine": "podman"}, "found text in engine, but input should be 'docker'"),
            (
                {"engnie": "docker"},
                "found the unknown key 'engnie' in the document, needed a known",
            ),
            ({"release": None}, "found no 'release' in the document, needed it"),
        ],
    )
    def test_that_is_wrong_is_refused(
        self, terminal: Terminal, changes: dict[str, object], says: str
    ) -> None:
        """A profile without an engine, with an unknown one, or with an unknown key ends with 3."""
        terminal.stand_at_site(**changes)
        raw = write_raw(terminal.home, "data", "labels")

        ended = terminal.run("dataset", "submit", "1", *raw, *ASKED)

        assert ended.status == 3
        assert ended.line.startswith(f"rounds: [spec] profile.yaml: {says}")
        assert "Traceback" not in ended.complained

    def test_key_is_told_by_the_nearest(self, terminal: Terminal) -> None:
        """A key that was mistyped is met with the one that was meant."""
        terminal.stand_at_site(engnie="docker")

        ended = terminal.run("dataset", "submit", "1", *write_raw(terminal.home), *ASKED)

        assert ended.line.endswith("did you mean 'engine'?")
        assert ended.below == ""

    def test_that_is_not_there_is_missed(self, terminal: Terminal) -> None:
        """A variable that names no file ends with 3, the path below."""
        terminal.variables["ROUNDS_SITE_PROFILE"] = "/nowhere/profile.yaml"

        ended = terminal.run("dataset", "submit", "1", *write_raw(terminal.home), *ASKED)

        assert ended.status == 3
        assert "found no site profile, needed the file that ROUNDS_SITE_PROFILE names" in ended.line
        assert ended.below == "/nowhere/profile.yaml"


class TestCube:
    def test_unknown_run_arg_is_told_by_the_nearest(self, terminal: Terminal) -> None:
        """A cube asks for nothing that the contract does not know; a slip is met with what was meant."""
        write_cube(terminal.home / "model", run_args={"comand": "infer"})

        ended = terminal.run("cube", "submit", "model")

        assert ended.status == 3
        assert "found the unknown key 'comand' in tasks.infer.run_args" in ended.line
        assert ended.line.endswith("did you mean 'command'?")

    def test_relative_mount_path_is_refused(self, terminal: Terminal) -> None:
        """A mount path is absolute, and the volume that is not is named."""
        write_cube(terminal.home / "model", mount_path="data/raw")

        ended = terminal.run("cube", "submit", "model")

        assert ended.status == 3
        assert "tasks.infer.input_volumes.data_path.mount_path" in ended.line
        assert "needed an absolute path inside the container" in ended.line

    def test_folder_without_a_config_is_none(self, terminal: Terminal) -> None:
        """A folder is a cube by its config."""
        ended = terminal.run("cube", "submit", "model")

        assert ended.status == 3
        assert "found no file container_config.yaml, needed it" in ended.line


class TestBenchmark:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("name: [lumps", "benchmark.yaml: found"),
            ("name: &n lumps\ndescription: *n\n", "benchmark.yaml: found"),
            ("nmae: lumps\n", "found no 'contract' in the document, needed it"),
        ],
    )
    def test_that_is_wrong_is_refused(self, terminal: Terminal, text: str, says: str) -> None:
        """A benchmark that is no plain YAML or lacks a field ends with 3."""
        (terminal.home / "benchmark.yaml").write_text(text)

        ended = terminal.run("benchmark", "submit", "benchmark.yaml")

        assert ended.status == 3
        assert says in ended.line
        assert "Traceback" not in ended.complained

    def test_report_that_is_not_there_is_missed(self, terminal: Terminal) -> None:
        """A model joins with its compatibility test's report, not without."""
        ended = terminal.run("model", "associate", "1", "7", "report.json")

        assert ended.status == 3
        assert ended.line.endswith(
            "found no file report.json, needed the compatibility test's report"
        )


class TestDataset:
    @pytest.mark.parametrize("filled", ["data", "labels"])
    def test_empty_folder_is_refused(self, terminal: Terminal, filled: str) -> None:
        """Data without labels, or labels without data, ends with 4; the line names no path, the next does."""
        terminal.stand_at_site()
        raw = write_raw(terminal.home, filled)

        ended = terminal.run("dataset", "submit", "1", *raw, *ASKED)

        assert ended.status == 4
        assert "found no raw data under one of the given paths, needed a folder" in ended.line
        assert "ward-7" not in ended.line
        assert ended.below == str(terminal.home / "ward-7" / ({"data", "labels"} - {filled}).pop())

    def test_refusal_of_the_registry_names_no_path(self, terminal: Terminal) -> None:
        """What goes wrong beyond the disk says nothing of where the data lies or of who is in it."""
        terminal.stand_at_site()
        raw = write_raw(terminal.home, "data", "labels")

        ended = terminal.run("dataset", "submit", "1", *raw, *ASKED, "--yes")

        assert ended.status == 7
        assert "ward-7" not in ended.said + ended.complained
        assert "mueller" not in ended.said + ended.complained


class TestDemo:
    def test_unknown_engine_is_refused(self, terminal: Terminal) -> None:
        """A demo in an engine that is none ends with 3, names those there are, and starts nothing."""
        ended = terminal.run("demo", "--engine", "nonsense")

        assert ended.status == 3
        assert ended.line.endswith(
            "found no engine of that name, needed one of: docker, apptainer, process"
        )
        assert not (terminal.home / ".demo").exists()
