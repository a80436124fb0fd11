"""A cube's folder is read, and what breaks at a site is said at its author's desk."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rounds.authoring.findings import Verdict
from rounds.authoring.lint import LARGE_BYTES, lint
from rounds.authoring.templates import Template, create_cube
from rounds.runners.process import CUBES

Edit = Callable[[Path], None]
CONFIG = "container_config.yaml"
METADATA = "\n      metadata_path: {mount_path: /mlcommons/volumes/metadata, type: directory}"
FILES = (
    "\n      additional_files: {mount_path: /mlcommons/volumes/additional_files, type: directory}"
)
TARBALL = "additional_files.tar.gz"


def replace(file: str, old: str, new: str) -> Edit:
    """An edit of one place of a file."""

    def apply(folder: Path) -> None:
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return apply


def remove(file: str) -> Edit:
    """The folder without a file."""
    return lambda folder: (folder / file).unlink()


def put_tarball(size: int) -> Edit:
    """A file of that size in the place of the additional files, all of it a hole."""

    def apply(folder: Path) -> None:
        (folder / TARBALL).touch()
        os.truncate(folder / TARBALL, size)

    return apply


def each(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def apply(folder: Path) -> None:
        for edit in edits:
            edit(folder)

    return apply


def said(folder: Path, verdict: Verdict) -> list[str]:
    """What ended in this way but for the base image, as `check: what it says`."""
    return [
        f"{finding.check}: {finding.says}"
        for finding in lint(folder)
        if finding.verdict is verdict and "found FROM" not in finding.says
    ]


FAULTS: dict[str, tuple[Template, Edit, str]] = {
    "no config": (Template.MODEL, remove(CONFIG), "document: found no file container_config.yaml"),
    "unknown key": (
        Template.MODEL,
        replace(CONFIG, "data_path", "dat_path"),
        "document: container_config.yaml: tasks.infer.input_volumes: found the unknown mount key",
    ),
    "no sanity check": (
        Template.PREPARATOR,
        replace(CONFIG, "sanity_check:", "another:"),
        "tasks: found no task sanity_check, needed it: every site runs it",
    ),
    "metadata that nobody writes": (
        Template.PREPARATOR,
        replace(
            CONFIG, "\n    output_volumes:\n      output_path: {mount_path: /mlcommons/volumes/stat",
            METADATA + "\n    output_volumes:\n      output_path: {mount_path: /mlcommons/volumes/stat",
        ),
        "tasks: found metadata_path as an input of statistics, but prepare writes none",
    ),
    "no tarball": (
        Template.MODEL,
        replace(CONFIG, "input_volumes:", "input_volumes:" + FILES),
        "additional files: found no additional_files.tar.gz, but infer mounts additional_files",
    ),
    "encrypted": (
        Template.MODEL,
        replace(CONFIG, "DockerImage", "EncryptedDockerArchive"),
        "image: found EncryptedDockerArchive, which no engine here opens",
    ),
}  # fmt: skip
RISKS: dict[str, tuple[Template, Edit, str]] = {
    "unknown task": (
        Template.PREPARATOR,
        replace(CONFIG, "tasks:\n", "tasks:\n  preparee: {}\n"),
        "document: container_config.yaml: tasks.preparee: the contract has no such task",
    ),
    "unknown top-level key": (
        Template.MODEL,
        replace(CONFIG, "tasks:", "author: me\ntasks:"),
        "document: container_config.yaml: ignoring the unknown top-level keys author",
    ),
    "latest": (
        Template.MODEL,
        replace(CONFIG, "my-model:1", "my-model:latest"),
        "image: found the image rounds/my-model:latest, whose tag moves",
    ),
    "no tag": (
        Template.MODEL,
        replace(CONFIG, "rounds/my-model:1", "host:5000/my-model"),
        "image: found the image host:5000/my-model, whose tag moves",
    ),
    "no parameters": (
        Template.METRICS,
        remove("parameters.yaml"),
        "parameters: found no parameters.yaml, but evaluate mounts parameters_file",
    ),
    "parameters that nobody takes": (
        Template.METRICS,
        replace(CONFIG, "      parameters_file:", "      # parameters_file:"),
        "parameters: found parameters.yaml, but no task mounts parameters_file",
    ),
    "files that nobody takes": (
        Template.MODEL,
        put_tarball(10),
        "additional files: found additional files, but no task mounts additional_files",
    ),
    "much to fetch": (
        Template.MODEL,
        each(replace(CONFIG, "input_volumes:", "input_volumes:" + FILES), put_tarball(LARGE_BYTES + 1)),
        "additional files: found a tarball of 2.0 GiB, which each site fetches and unpacks",
    ),
    "outside": (
        Template.MODEL,
        replace(CONFIG, "/mlcommons/volumes/data", "/data"),
        "mount paths: found data_path of infer at /data, outside /mlcommons/",
    ),
}  # fmt: skip


class TestLint:
    @pytest.mark.parametrize("kind", list(Template))
    def test_says_of_a_template_only_that_its_base_may_move(
        self, kind: Template, tmp_path: Path
    ) -> None:
        """Whoever begins with a template begins well; the base image's digest is theirs to choose."""
        create_cube(kind, tmp_path / "my-cube")

        findings = lint(tmp_path / "my-cube")

        odd = [finding for finding in findings if finding.verdict is not Verdict.OK]
        assert [(finding.check, finding.verdict) for finding in odd] == [("Dockerfile", "warning")]
        assert odd[0].says.startswith("found FROM python:3.11-slim without a digest")

    @pytest.mark.parametrize("name", FAULTS)
    def test_fails_what_works_at_no_site(self, name: str, tmp_path: Path) -> None:
        """What breaks the contract is failed, in a line that says what to do."""
        kind, edit, says = FAULTS[name]
        folder = tmp_path / f"my-{kind}"
        create_cube(kind, folder)
        edit(folder)

        found = said(folder, Verdict.FAILED)

        assert len(found) == 1
        assert found[0].startswith(says)

    @pytest.mark.parametrize("name", RISKS)
    def test_warns_of_what_may_break_at_a_site(
        self, name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What works here and may not work there is a warning, and breaks nothing off."""
        kind, edit, says = RISKS[name]
        folder = tmp_path / f"my-{kind}"
        create_cube(kind, folder)
        edit(folder)

        found = said(folder, Verdict.WARNING)

        assert said(folder, Verdict.FAILED) == []
        assert any(each.startswith(says) for each in found), found
        assert caplog.messages == [] or name.startswith("unknown")

    @pytest.mark.parametrize("folder", sorted(CUBES.iterdir()), ids=lambda folder: folder.name)
    def test_has_nothing_against_the_shipped_cubes(self, folder: Path) -> None:
        """What we ship passes what we ask of others."""
        assert said(folder, Verdict.FAILED) + said(folder, Verdict.WARNING) == []
