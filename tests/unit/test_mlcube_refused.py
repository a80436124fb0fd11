"""Classic documents that are refused, each by its file and field, and those that only warn."""

import logging

import pytest
from pydantic import JsonValue

from rounds.errors import SpecError
from rounds.mlcube_files import parse_mlcube
from tests.unit.cube_documents import MODEL, parse


class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (
                "docker:",
                "dockr:",
                "found neither 'docker' nor 'singularity', needed one with its im",
            ),
            (
                '"a/b:1"',
                "a, build_fil: x",
                "unknown key 'build_fil' in docker, .* mean 'build_file'",
            ),
            ("a/b:1", "", r"found text in docker\.image, but needed a reference such as"),
            ("count: 0", "count: -1", r"in platform\.accelerator_count, but input should be gr"),
            (
                "count: 0",
                "cpus: 1",
                "found the unknown key 'accelerator_cpus' in platform, needed a known",
            ),
            ("inputs:", "input:", r"'input' in tasks\.infer\.parameters, .* did you mean 'inputs'"),
            (
                "data_path: data/",
                "data_pth: data/",
                "'data_pth', needed .* did you mean 'data_path'",
            ),
            (
                "data_path: data/",
                "w: ../additional_files/w",
                "found the unknown key 'w', needed a k",
            ),
            (
                "data_path: data/",
                "w: additional_files/../w",
                "found the unknown key 'w', needed a k",
            ),
            ("output_path:", "output_pth:", "'output_pth', .* did you mean 'output_path'"),
            ("output_path:", "logs:", r"parameters\.outputs: found no 'output_path', needed it"),
            ("data/", "{type: folder}", r"inputs\.data_path\.type, but input should be 'file' or"),
            ("data/", "{defualt: x}", "unknown key 'defualt' in .*did you mean 'default'"),
            ("data/", "[a]", r"found a list in tasks\.infer\..*data_path, but needed a mapping"),
            ("data/", "3", r"found a whole number in .*data_path, but needed a mapping"),
            ("data/", "{opts: rx}", r"data_path\.opts, but"),
            ("data/", '"a:b"', r"data_path\.default, but needed a path without control char"),
            (
                "  infer:",
                "  infer: [1]\n  x:",
                r"found a list in tasks\.infer, but needed a mapping",
            ),
            (
                '"a/b:1"',
                '"a/b:1", cpu_args: --shm-size',
                r"docker\.cpu_args: found no options of d",
            ),
            (
                '"a/b:1"',
                "a, cpu_args: --shm-size=x",
                r"docker\.cpu_args: found text in shm_size, but",
            ),
            ('"a/b:1"', """a, cpu_args: "'" """, r"docker\.cpu_args: found no options of docker"),
        ],
    )
    def test_name_the_field_and_what_was_needed(self, old: str, new: str, message: str) -> None:
        """A classic document that is wrong is refused by file, field, what was found and needed."""
        with pytest.raises(SpecError, match=rf"^mlcube\.yaml: .*{message}"):
            parse(MODEL, (old, new))

    @pytest.mark.parametrize("tasks", [None, [], {}, "infer", 3])
    def test_need_tasks(self, tasks: JsonValue) -> None:
        """A document without tasks makes no cube, whatever is in their place."""
        document: JsonValue = {"docker": {"image": "a"}, "tasks": tasks}

        with pytest.raises(SpecError, match=r"^mlcube\.yaml: found .* in tasks, but"):
            parse_mlcube(document, name="mlcube.yaml")

    def test_spare_what_mlcube_takes(self, caplog: pytest.LogCaptureFixture) -> None:
        """Nothing in place of a task's parameters is none of them, and strange keys at the top only warn."""
        more = "  fetch:\n  tidy: {parameters: }\nworkflow: {a: 1}\n"

        with caplog.at_level(logging.WARNING):
            config = parse(MODEL + more)

        assert config.tasks["fetch"].run_args.command == ("fetch",)
        assert "ignoring the unknown top-level keys workflow" in caplog.text
