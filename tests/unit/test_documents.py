"""Reading what strangers wrote: bounded, plain, and errors that name the field but never a value."""

import math
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, JsonValue

from cube_specs.models import ContainerConfig
from rounds.documents import load_yaml, parse_document, read_document, read_output
from rounds.errors import Code, RunnerError, SpecError


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    weight: float
    colour: str = "green"


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")

    leaves: dict[str, Leaf]
    crown: Leaf | None = None


def write(folder: Path, content: str | bytes) -> Path:
    """A file `results.yaml` with this content."""
    path = folder / "results.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class TestLoadYaml:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1e-05", 1e-05),
            ("-3", -3),
            (".5", 0.5),
            ("010", 10),
            ("true", True),
            ("on", "on"),
            ("2026-11-21", "2026-11-21"),
            ("12:30:00", "12:30:00"),
            ("'3'", "3"),
            ("'NaN'", "NaN"),
            ("~", None),
            ("", None),
            ("{1: a}", {"1": "a"}),
            ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ],
    )
    def test_reads_plain_words_as_json_does(self, text: str, value: JsonValue) -> None:
        """YAML 1.2's core schema: numbers as JSON writes them, and no word is turned into a surprise."""
        assert load_yaml(text.encode()) == value

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("a: &x 1\nb: *x", "an alias or an anchor at line 1"),
            ("a: !!python/name:os.system x", "a tag at line 1"),
            ("a: 1\na: 2", "the same key twice at line 2"),
            ("? [1]\n: 2", "a key that is no text at line 1"),
            ("---\na: 1\n---\nb: 2", "a second document at line 3"),
            ("[" * 10_000, "more than 20 levels"),
            ("a: [1", "no valid YAML at line"),
            ("a: \x00", "no valid YAML"),
            ("9" * 5_000, "a whole number of more than 400 digits"),
            ("a: .nan", "NaN or an infinity at line 1"),
            ("a: 1e400", "NaN or an infinity at line 1"),
            ("x" * 1_000_001, "more than 1000000 bytes"),
        ],
    )
    def test_refuses_what_is_not_plain(self, text: str, found: str) -> None:
        """Each trick is named, with its line where there is one."""
        with pytest.raises(SpecError, match=found):
            load_yaml(text.encode())

    def test_names_the_file_not_its_path(self, tmp_path: Path) -> None:
        """A message that may leave the site holds the file's name only."""
        path = write(tmp_path, "a: [1")

        with pytest.raises(SpecError, match=r"^results.yaml: found no valid YAML") as caught:
            load_yaml(path)

        assert str(tmp_path) not in caught.value.summary

    def test_says_that_the_file_is_missing(self, tmp_path: Path) -> None:
        """A missing document is the author's to add."""
        with pytest.raises(SpecError, match=r"found no file none.yaml, needed it"):
            load_yaml(tmp_path / "none.yaml")


class TestParseDocument:
    def test_makes_a_model(self, tmp_path: Path) -> None:
        """A right document comes out as its model."""
        path = write(tmp_path, "leaves: {a: {weight: 2}}")

        tree = read_document(Tree, path)

        assert tree == Tree(leaves={"a": Leaf(weight=2.0)})

    @pytest.mark.parametrize(
        ("document", "message"),
        [
            ({"leafs": {}}, r"found no 'leaves' in the document, needed it \(and 1 more\)"),
            ({"leaves": {}, "crwn": 1}, "unknown key 'crwn' in the document.*did you mean 'crown'"),
            (
                {"leaves": {"a": {"weight": 1, "color": 2}}},
                r"unknown key 'color' in leaves\.a, .*did you mean 'colour'",
            ),
            (
                {"leaves": {}, "crown": {"weight": 1, "zzz": 2}},
                "unknown key 'zzz' in crown, needed a known one: colour, weight",
            ),
            ({"leaves": {"a": {"weight": "Anna"}}}, r"found text in leaves\.a\.weight, but input"),
            ([], "found a list in the document"),
        ],
    )
    def test_names_field_and_nearest_key(self, document: JsonValue, message: str) -> None:
        """One line says where, what was found and what was needed, and never repeats a value."""
        with pytest.raises(SpecError, match=message) as caught:
            parse_document(Tree, document, name="tree.yaml")

        assert caught.value.summary.startswith("tree.yaml: ")
        assert "Anna" not in caught.value.summary + caught.value.detail

    def test_names_a_relative_mount_path(self) -> None:
        """A cube's mount path that is not absolute is refused by its field."""
        volume: JsonValue = {"mount_path": "data", "type": "directory"}
        document: JsonValue = {
            "container_type": "DockerImage",
            "image": "x",
            "tasks": {"infer": {"input_volumes": {"data_path": volume}}},
        }

        with pytest.raises(SpecError, match=r"data_path\.mount_path, but needed an absolute path"):
            parse_document(ContainerConfig, document, name="container_config.yaml")


class TestReadOutput:
    def test_returns_the_mapping(self, tmp_path: Path) -> None:
        """A cube's YAML comes out nested as its author wrote it."""
        path = write(tmp_path, '{"discrimination": {"auroc": 9e-1}}')

        assert read_output(path) == {"discrimination": {"auroc": 0.9}}

    def test_leaves_nan_to_the_contract(self, tmp_path: Path) -> None:
        """A number that is not finite comes out as it is: the contract's reader names its metric."""
        path = write(tmp_path, '{"auroc": NaN, "brier": -Infinity}')

        document = read_output(path)

        assert document["brier"] == -math.inf
        assert isinstance(document["auroc"], float)
        assert math.isnan(document["auroc"])

    @pytest.mark.parametrize(
        ("content", "code", "found"),
        [
            (b"", Code.OUTPUT_MISSING, "nothing in it"),
            (b"{}", Code.OUTPUT_MISSING, "nothing in it"),
            (b"[1]", Code.OUTPUT_INVALID, "a list"),
            (b"Anna Muster", Code.OUTPUT_INVALID, "text"),
            (b"\xff\xfe\xff", Code.OUTPUT_INVALID, "no valid YAML"),
            (b"a: [", Code.OUTPUT_INVALID, "no valid YAML"),
        ],
    )
    def test_refuses_what_is_no_mapping(
        self, tmp_path: Path, content: bytes, code: Code, found: str
    ) -> None:
        """Nothing, no YAML or another shape: the cube broke its promise, in one line without its words."""
        path = write(tmp_path, content)

        with pytest.raises(RunnerError, match=f"the cube's results.yaml: found {found}") as caught:
            read_output(path)

        assert caught.value.code is code
        assert "Anna" not in caught.value.summary

    def test_refuses_nan_where_asked(self, tmp_path: Path) -> None:
        """Who needs finite numbers everywhere gets the error of a wrong metric."""
        path = write(tmp_path, "a: .inf")

        with pytest.raises(RunnerError, match="NaN or an infinity at line 1") as caught:
            read_output(path, finite=True)

        assert caught.value.code is Code.METRIC_INVALID

    def test_says_that_nothing_was_written(self, tmp_path: Path) -> None:
        """No file at all is an output that is missing."""
        with pytest.raises(RunnerError, match="found no such file") as caught:
            read_output(tmp_path / "results.yaml")

        assert caught.value.code is Code.OUTPUT_MISSING
