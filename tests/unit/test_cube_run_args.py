"""What a cube asks of its call: the words MedPerf takes, checked when the document is read."""

import pytest
from pydantic import JsonValue

from cube_specs.models import RunArgs
from rounds.documents import parse_document
from rounds.errors import SpecError


def ask(**asked: JsonValue) -> RunArgs:
    """The run_args of a document."""
    return parse_document(RunArgs, dict(asked), name="container_config.yaml")


class TestGpus:
    @pytest.mark.parametrize(
        "gpus", [None, 0, 1, 16, "", "0", "2", "all", "device=0", "device=0,GPU-ab1"]
    )
    def test_are_said_as_medperf_says_them(self, gpus: str | int | None) -> None:
        """A number, all of them, or devices by their ids."""
        assert ask(gpus=gpus).gpus == gpus

    @pytest.mark.parametrize(
        "gpus", [-1, 1.5, True, "All", "device=", "device=0,", "some", "-1", 1000, ["0"], "1\n"]
    )
    def test_are_refused_in_other_words(self, gpus: JsonValue) -> None:
        """What no engine understands is told before anything runs."""
        with pytest.raises(
            SpecError, match=r"in gpus, but needed a whole number, 'all' or 'device"
        ):
            ask(gpus=gpus)


class TestShmSize:
    @pytest.mark.parametrize(
        ("said", "size"),
        [
            ("64m", "64m"),
            ("2G", "2G"),
            ("0.5g", "0.5g"),
            ("1024", "1024"),
            ("2 GiB", "2GB"),
            ("8kb", "8kb"),
        ],
    )
    def test_is_a_size(self, said: str, size: str) -> None:
        """Docker's words for sizes are taken, in the spelling that every engine knows."""
        assert ask(shm_size=said).shm_size == size

    @pytest.mark.parametrize("said", [64, "", "big", "-1m", "1mm", "1e9", "5i", "1.2345g", "m"])
    def test_is_refused_otherwise(self, said: JsonValue) -> None:
        """A size that Docker would refuse at the site is refused at the desk."""
        with pytest.raises(SpecError, match=r"in shm_size, but needed a size such as 512m or 2g"):
            ask(shm_size=said)


class TestWords:
    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ("python3 '/my app/main.py'", "python3 '/my app/main.py'"),
            (["a", "b c"], ("a", "b c")),
            ([], ()),
            ("", ""),
            (None, None),
        ],
    )
    @pytest.mark.parametrize("key", ["command", "entrypoint"])
    def test_are_one_text_or_a_list(
        self, key: str, said: JsonValue, words: str | tuple[str, ...] | None
    ) -> None:
        """A text is split as a shell would split it, later; a list is taken word by word."""
        assert getattr(ask(**{key: said}), key) == words

    @pytest.mark.parametrize(
        ("said", "message"),
        [
            (3, "found a whole number in command, but needed one text or a list of texts"),
            (["a", 3], "found a list in command, but needed one text or a list of texts"),
            ({"a": "b"}, "found a mapping in command, but needed one text or a list of texts"),
            ("a\x00b", "found text in command, but needed one text or a list of texts, none"),
            ("a 'b", "found text in command, but needed every quotation mark closed"),
        ],
    )
    def test_are_refused_by_one_line(self, said: JsonValue, message: str) -> None:
        """The field is named once, whatever forms it might have had."""
        with pytest.raises(SpecError, match=rf"^container_config\.yaml: {message}"):
            ask(command=said)
