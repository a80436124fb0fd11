"""What is published is complete and verified, or it is not there."""

import json
import os
from pathlib import Path

import pytest

from rounds.artifacts import Published
from rounds.attempts import Attempt
from rounds.digests import sha256_bytes, sha256_json
from rounds.errors import IntegrityError
from rounds.workspace import Workspace, write_whole

INPUTS = {"cube": "1", "raw": "2"}
KEY = sha256_json(INPUTS)


def write_case(attempt: Attempt) -> None:
    """A stage that writes two files, and counts in the site's folder that it ran."""
    (attempt.files / "cases").mkdir()
    (attempt.files / "cases" / "1.txt").write_text("benign")
    (attempt.files / "2.txt").write_text("malignant")
    with (attempt.files.parents[4] / "count").open("a") as file:
        file.write("ran\n")


def never(attempt: Attempt) -> None:
    """A stage that must not run."""
    raise AssertionError(attempt)


def runs(root: Path) -> int:
    """How often `write_case` ran."""
    return len((root / "count").read_text().splitlines())


class TestPublish:
    def test_shows_what_was_made(self, workspace: Workspace) -> None:
        """The published folder holds the files that the stage wrote, under the digest of the inputs."""
        published = workspace.publish("infer", INPUTS, write_case)

        files = workspace.files("infer", published)
        assert published.key == KEY
        assert (files / "cases" / "1.txt").read_text() == "benign"

    def test_runs_a_stage_once(self, workspace: Workspace) -> None:
        """What is published is found again, without running anything."""
        first = workspace.publish("infer", INPUTS, write_case)

        second = workspace.publish("infer", INPUTS, never)

        assert second == first

    def test_keeps_other_inputs_apart(self, workspace: Workspace) -> None:
        """Another input is another key, and so another run."""
        first = workspace.publish("infer", INPUTS, write_case)

        second = workspace.publish("infer", INPUTS | {"raw": "3"}, write_case)

        assert (second.key != first.key, second.output == first.output) == (True, True)
        assert runs(workspace.root) == 2

    def test_publishes_nothing_if_the_stage_fails(self, workspace: Workspace) -> None:
        """A stage that raises leaves nothing published; its files stay for the site to look at."""

        def fail(attempt: Attempt) -> None:
            write_case(attempt)
            message = "the cube gave up"
            raise ValueError(message)

        with pytest.raises(ValueError, match="the cube gave up"):
            workspace.publish("infer", INPUTS, fail)

        assert workspace.find("infer", KEY) is None
        assert (workspace.root / "work" / "infer" / KEY / "1" / "files" / "2.txt").exists()

    def test_tries_a_failed_stage_again_from_nothing(self, workspace: Workspace) -> None:
        """Each attempt has a folder of its own: what a failed one left is never taken over."""

        def fail(attempt: Attempt) -> None:
            (attempt.files / "left-over").touch()
            message = "the cube gave up"
            raise ValueError(message)

        with pytest.raises(ValueError, match="the cube gave up"):
            workspace.publish("infer", INPUTS, fail)

        published = workspace.publish("infer", INPUTS, write_case)

        assert not (workspace.files("infer", published) / "left-over").exists()

    def test_never_publishes_scratch(self, workspace: Workspace) -> None:
        """What a stage wrote beside its outputs is gone once it is published."""

        def make(attempt: Attempt) -> None:
            write_case(attempt)
            (attempt.scratch / "parameters.yaml").touch()

        published = workspace.publish("infer", INPUTS, make)

        folder = workspace.files("infer", published).parent
        assert {path.name for path in folder.iterdir()} == {"files", "manifest.json"}

    def test_takes_a_stage_without_outputs(self, workspace: Workspace) -> None:
        """A check writes nothing; that it passed is published all the same."""
        first = workspace.publish("sanity_check", INPUTS, lambda attempt: None)  # noqa: ARG005

        second = workspace.publish("sanity_check", INPUTS, never)

        assert second == first

    def test_refuses_links_among_outputs(self, workspace: Workspace) -> None:
        """A link in an attempt's files stops its publishing."""

        def make(attempt: Attempt) -> None:
            (attempt.files / "link").symlink_to("/etc/passwd")

        with pytest.raises(IntegrityError, match="found a link or a special file"):
            workspace.publish("infer", INPUTS, make)

        assert workspace.find("infer", KEY) is None

    def test_takes_names_that_are_no_text(self, workspace: Workspace) -> None:
        """A file named in an old encoding is published and verified like any other."""

        def make(attempt: Attempt) -> None:
            (attempt.files / os.fsdecode(b"M\xfcller.csv")).touch()

        published = workspace.publish("infer", INPUTS, make)

        assert workspace.find("infer", KEY) == published


class TestVerify:
    @pytest.mark.parametrize("stage", ["changed", "added", "missing"])
    def test_refuses_what_is_not_as_published(self, workspace: Workspace, stage: str) -> None:
        """A changed, an added and a missing file are each found before anything is used."""
        published = workspace.publish("infer", INPUTS, write_case)
        files = workspace.files("infer", published)
        if stage == "missing":
            (files / "2.txt").unlink()
        else:
            (files / ("2.txt" if stage == "changed" else "3.txt")).write_text("benign")

        with pytest.raises(IntegrityError, match="differ from their manifest") as caught:
            workspace.publish("infer", INPUTS, never)

        assert caught.value.detail.endswith(".txt")
        assert str(workspace.root) not in caught.value.summary

    @pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b"\xff\xfe{"])
    def test_refuses_a_broken_manifest(self, workspace: Workspace, content: bytes | None) -> None:
        """Published files whose manifest is gone or unreadable are refused."""
        published = workspace.publish("infer", INPUTS, write_case)
        manifest = workspace.files("infer", published).parent / "manifest.json"
        manifest.unlink()
        if content is not None:
            manifest.write_bytes(content)

        with pytest.raises(IntegrityError, match="found no readable manifest"):
            workspace.find("infer", KEY)

    def test_refuses_a_handle_whose_output_is_gone(self, workspace: Workspace) -> None:
        """A handle opens nothing that is not there."""
        gone = Published(key=KEY, output="0" * 64)

        with pytest.raises(IntegrityError, match="is gone or is another one"):
            workspace.files("infer", gone)

    def test_refuses_a_handle_of_another_output(self, workspace: Workspace) -> None:
        """A cube need not be deterministic: a handle opens only the output that it was given for."""
        published = workspace.publish("infer", INPUTS, write_case)
        other = Published(key=published.key, output="0" * 64)

        with pytest.raises(IntegrityError, match="needed the one the handle names"):
            workspace.files("infer", other)

    def test_refuses_files_rewritten_with_their_manifest(self, workspace: Workspace) -> None:
        """Who changes a file and its manifest alike does not match the handle."""
        published = workspace.publish("infer", INPUTS, write_case)
        files = workspace.files("infer", published)
        (files / "2.txt").write_text("benign")
        manifest = json.loads((files.parent / "manifest.json").read_text())
        manifest["files"]["2.txt"] = sha256_bytes(b"benign")
        (files.parent / "manifest.json").write_text(json.dumps(manifest))

        with pytest.raises(IntegrityError, match="needed the one the handle names"):
            workspace.files("infer", published)


class TestKeep:
    def test_names_bytes_by_their_sha256(self, workspace: Workspace) -> None:
        """What was kept comes back under its digest, however often it was kept."""
        digests = {workspace.keep(b"{}"), workspace.keep(b"{}")}

        assert digests == {sha256_bytes(b"{}")}
        assert workspace.kept(sha256_bytes(b"{}")) == b"{}"

    @pytest.mark.parametrize("content", [None, b"", b'{"score":1}'])
    def test_refuses_altered_bytes(self, workspace: Workspace, content: bytes | None) -> None:
        """A draft that is gone, emptied or changed is not what was approved."""
        digest = workspace.keep(b'{"score":0}')
        (draft,) = (workspace.root / "drafts").iterdir()
        draft.unlink()
        if content is not None:
            draft.write_bytes(content)

        with pytest.raises(IntegrityError, match="the draft is gone or was changed"):
            workspace.kept(digest)


class TestNote:
    def test_adds_a_line_to_the_journal(self, workspace: Workspace) -> None:
        """Each event is one line of JSON with its time, in the order they came."""
        workspace.note({"event": "started"})
        workspace.note({"event": "ended", "exit_code": 0})

        lines = (workspace.root / "logs" / "journal.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        assert [event["event"] for event in events] == ["started", "ended"]
        assert all("at" in event for event in events)


class TestWriteWhole:
    def test_replaces_a_file_and_leaves_no_part(self, tmp_path: Path) -> None:
        """The new content stands in the place of the old one, and nothing beside it."""
        (tmp_path / "file").write_bytes(b"old")

        write_whole(tmp_path / "file", b"new")

        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


class TestRepr:
    def test_shows_no_path(self, workspace: Workspace, tmp_path: Path) -> None:
        """Workspaces and attempts are printed without saying where they lie."""
        attempt = Attempt(files=tmp_path, scratch=tmp_path)

        shown = f"{workspace!r} {attempt!r}"

        assert str(tmp_path) not in shown
