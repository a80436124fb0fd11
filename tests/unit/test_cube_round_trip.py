"""Whatever config is valid is the same config after YAML, and after the canonical form."""

import json
from collections.abc import Collection

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from cube_specs.models import ContainerConfig, ContainerType
from rounds.cube_contract import TASK_KEYS, TaskKeys
from rounds.cubes import Cube, from_record, kind_of, to_record
from rounds.documents import load_yaml, parse_document
from rounds.records.cubes import CubeIn

FEW = settings(max_examples=25)
KINDS = ("infer", "prepare", "evaluate", "run_script")
LETTERS = st.characters(exclude_characters="\x00", codec="utf-8")
WORDS = st.text(LETTERS, max_size=8).map(lambda text: f"w{text}")
PLAIN = WORDS.map(lambda text: "".join(letter for letter in text if letter not in "'\"\\"))
NUMBERS = st.integers(-9, 10**20) | st.floats(allow_nan=False, allow_infinity=False)
GPUS = st.integers(0, 999) | st.sampled_from(["", "all", "0", "7", "device=0", "device=0,GPU-a1"])
SEGMENTS = st.sampled_from(["a", "b c", "ä.yaml", "x/y", "-_", "data/", "..."])
IMAGES = st.sampled_from(["a", "h.example:5000/a/b:1", "a/b@sha256:" + "0" * 64])


def told(strategy: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[dict[str, JsonValue]]:
    """Variables of an environment."""
    return st.dictionaries(st.sampled_from(["A", "OMP_NUM_THREADS", "a.b"]), strategy, max_size=3)


RUN_ARGS: st.SearchStrategy[dict[str, JsonValue]] = st.fixed_dictionaries(
    {},
    optional={
        "command": PLAIN | st.lists(WORDS, max_size=3),
        "entrypoint": PLAIN | st.lists(WORDS, max_size=3),
        "environment": told(WORDS | NUMBERS | st.booleans()),
        "gpus": GPUS,
        "shm_size": st.sampled_from(["64m", "1.5g", "2 GiB", "4096"]),
    },
)


@st.composite
def tasks(draw: st.DrawFn, name: str) -> dict[str, JsonValue]:
    """A task that keeps to the contract, each key at a path of its own."""
    keys = TASK_KEYS[name]
    inputs = draw(some(keys.inputs | {"parameters_file", "additional_files"}))
    outputs = keys.outputs | draw(some(keys.optional_outputs))
    return {
        "run_args": draw(RUN_ARGS),
        "input_volumes": {key: draw(volumes(key, keys)) for key in sorted(inputs)},
        "output_volumes": {key: draw(volumes(key, keys)) for key in sorted(outputs)},
    }


def some(keys: Collection[str]) -> st.SearchStrategy[set[str]]:
    """Any of the keys, none of them too."""
    return st.sets(st.sampled_from(sorted(keys))) if keys else st.just(set())


@st.composite
def volumes(draw: st.DrawFn, key: str, keys: TaskKeys) -> dict[str, JsonValue]:
    """A mount of a key below a folder that is named after it, in any spelling."""
    slashes = draw(st.sampled_from(["/", "//", "/./"]))
    end = draw(SEGMENTS)
    kind = "file" if key in keys.files else draw(st.sampled_from(["file", "directory"]))
    return {"mount_path": f"/{key}{slashes}{end}", "type": kind}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, JsonValue]:
    """A container_config.yaml that is valid."""
    kind = draw(st.sampled_from(KINDS))
    names = [kind, *draw(some({"sanity_check", "statistics"}))]
    delivered = draw(st.sampled_from(list(ContainerType)))
    return {
        "container_type": delivered.value,
        "image": draw(IMAGES),
        "tasks": {name: draw(tasks(name)) for name in names},
    }


def parse(document: JsonValue) -> ContainerConfig:
    """The document as a config."""
    return parse_document(ContainerConfig, document, name="container_config.yaml")


def make_cube(config: ContainerConfig) -> Cube:
    """A cube of this config."""
    return Cube(name="a", kind=kind_of(config), config=config, artifacts={"source": "0" * 64})


class TestConfigs:
    @FEW
    @given(documents())
    def test_are_the_same_after_yaml(self, document: dict[str, JsonValue]) -> None:
        """Written as YAML and read with our bounded reader, a config is the one that was written."""
        text = yaml.safe_dump(document, sort_keys=False)

        assert parse(load_yaml(text.encode("utf-8"))) == parse(document)

    @FEW
    @given(documents())
    def test_are_the_same_after_the_registry(self, document: dict[str, JsonValue]) -> None:
        """The canonical form that a record holds gives the same cube with the same digest."""
        cube = make_cube(parse(document))
        record = to_record(cube)

        back = from_record(CubeIn.model_validate_json(record.model_dump_json()))

        assert back == cube
        assert back.digest == record.digest

    @FEW
    @given(documents())
    def test_are_canonical_once(self, document: dict[str, JsonValue]) -> None:
        """The canonical form of a canonical form is itself, so a digest never drifts."""
        once = to_record(make_cube(parse(document))).config

        twice = to_record(make_cube(parse(json.loads(json.dumps(once))))).config

        assert twice == once
