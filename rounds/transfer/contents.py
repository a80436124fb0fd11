"""What an exported dataset's archive says of itself, before any of its content."""

import os
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rounds import stage_inputs
from rounds.digests import sha256_json, tree_digest
from rounds.errors import IntegrityError
from rounds.records.base import Id, Sha256
from rounds.records.cubes import State

Place = Literal["data", "labels", "prepare", "sanity_check", "statistics"]
_MAX_PART_BYTES = 255  # NAME_MAX of Linux, limits.h


class Strict(BaseModel):
    """Base of the documents here: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Content(Strict):
    """One file: its name below its folder, percent-encoded, since a site's names may be any bytes."""

    name: str
    size: int = Field(ge=0)
    sha256: Sha256


class Section(Strict):
    """One folder: of the raw export, or what a stage published, whose `inputs` name it."""

    place: Place
    inputs: dict[str, JsonValue] = Field(default_factory=dict, repr=False)
    folders: tuple[str, ...] = Field(default=(), repr=False)
    files: tuple[Content, ...] = Field(repr=False)

    @property
    def output(self) -> str:
        """The tree digest of its files."""
        return tree_digest({decoded(file.name): file.sha256 for file in self.files})

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return sum(file.size for file in self.files)


class Manifest(Strict):
    """Which dataset of which registry it is, its digests, and its folders in the order they follow.

    `raw` is the plain digest, which never leaves the site; the keyed ones are as registered.
    """

    format: Literal["rounds-dataset-1"] = "rounds-dataset-1"
    registry: str
    site: str
    dataset_id: Id
    benchmark_id: Id
    state: State
    raw: Sha256 = Field(repr=False)
    as_prepared: bool = False
    keyed_raw: Sha256
    keyed_prepared: Sha256 | None
    sections: tuple[Section, ...]

    def section(self, place: Place) -> Section | None:
        """The folder of that name, if the archive holds it."""
        return next((one for one in self.sections if one.place == place), None)


def encoded(name: str) -> str:
    """A file's name as the manifest holds it."""
    return quote(os.fsencode(name))


def decoded(name: str) -> str:
    """The file's name that `encoded` was given."""
    return os.fsdecode(unquote_to_bytes(name))


def check_consistent(manifest: Manifest) -> None:
    """Pass if the manifest's folders are what its own digests say, and nothing in it leaves its folder.

    Raises:
        IntegrityError: They are not.
    """
    places = [section.place for section in manifest.sections]
    wanted = ["data", "labels"]
    if manifest.state is State.OPERATION:
        wanted = ["prepare", *[one for one in ("sanity_check", "statistics") if one in places]]
    if places != wanted:
        raise damaged(f"folders {places}, needed {wanted}")
    for section in manifest.sections:
        _check_names(section)
    outputs = [section.output for section in manifest.sections]
    if manifest.state is State.OPERATION:
        _check_inputs(manifest, prepared=outputs[0])
    elif sha256_json([*outputs]) != manifest.raw:
        raise damaged("raw files of another digest")


def damaged(detail: str) -> IntegrityError:
    """What is said of an archive that is not as it was exported."""
    message = "the archive is damaged or was changed, needed it as it was exported; export it again"
    return IntegrityError(message, detail=detail)


def _check_inputs(manifest: Manifest, *, prepared: str) -> None:
    for section in manifest.sections:
        cube = str(section.inputs.get("cube"))
        wanted = stage_inputs.of_prepared(cube, prepared)
        if section.place == "prepare":
            form = manifest.as_prepared
            wanted = stage_inputs.of_prepare(cube, manifest.raw, as_prepared=form)
        if section.inputs != wanted:
            raise damaged(f"{section.place} of other inputs")


def _check_names(section: Section) -> None:
    names = [decoded(name) for name in (*section.folders, *(file.name for file in section.files))]
    parents = {parent for name in names for parent in _parents(name)}
    files = {decoded(file.name) for file in section.files}
    if len(set(names)) != len(names) or files & parents:
        raise damaged("one name twice")
    for name in names:
        parts = name.split("/")
        if {"", ".", ".."} & set(parts) or "\0" in name or _longest(parts) > _MAX_PART_BYTES:
            raise damaged(f"the name {name!r}")


def _parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _longest(parts: list[str]) -> int:
    return max(len(os.fsencode(part)) for part in parts)
