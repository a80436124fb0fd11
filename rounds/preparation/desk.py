"""What waits for a person at the site: files to work on, in a folder by step and case, until somebody says done.

1. `manual/<dataset>/<step>/<case>/` holds copies of what the step was given; a step for all cases has no case.
2. A note in `manual/<dataset>/.notes` holds what decides the step: under that its outcome is published.
3. What was offered for other inputs (the data or the cube changed since) is put aside, not lost.
"""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rounds.artifacts import Outstanding
from rounds.documents import read_document
from rounds.errors import NotFound, RunnerError
from rounds.output_gate import check_output
from rounds.preparation.steps import keep_manual, key_of
from rounds.preparation.trees import Tree, copy_tree
from rounds.workspace import Workspace, write_whole
from site_profiles.models import Limits

ALL_CASES = ""
_SAID = "said-done"


class Note(BaseModel):
    """One piece of work: what a person is asked, for which step of which case, and what decides it.

    Without `inputs` the work is on what the preparator itself wrote, which then goes on with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    case: str = Field(repr=False)
    asks: str
    folder: Path = Field(repr=False)
    inputs: dict[str, JsonValue] | None = Field(default=None, repr=False)


def offer(
    workspace: Workspace,
    dataset_id: int,
    inputs: dict[str, JsonValue],
    trees: Mapping[str, Tree],
    *,
    step: str,
    case: str,
    asks: str,
) -> None:
    """Lay out the files of a manual step, unless they are already; what a person changed stays."""
    key = key_of(inputs)
    if _file(workspace, dataset_id, key).exists():
        return
    folder = _root(workspace, dataset_id) / step / case
    part = _free(folder.parent / f".{folder.name}.part")
    part.mkdir(parents=True)
    for name, tree in trees.items():
        copy_tree(tree.laid(part / ".laid"), part / name)
    shutil.rmtree(part / ".laid", ignore_errors=True)
    if folder.exists():
        for old in _notes(workspace, dataset_id, step=step, cases=[case]):
            _file(workspace, dataset_id, old).unlink()
        folder.rename(_free(folder.with_name(f"{folder.name}.before")))
    part.rename(folder)
    note = Note(step=step, case=case, asks=asks, folder=folder, inputs=inputs)
    _write(workspace, dataset_id, key, note)


def ask(workspace: Workspace, dataset_id: int, key: str, *, folder: Path, asks: str) -> None:
    """Note that people have work on what a preparator left in `folder`; a link beside the others leads there."""
    link = _root(workspace, dataset_id) / "prepare"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(folder.absolute())
    note = Note(step="prepare", case=ALL_CASES, asks=asks, folder=folder)
    _write(workspace, dataset_id, key, note)


def waiting_for(workspace: Workspace, dataset_id: int, key: str) -> Note | None:
    """What people have still to say done to, of what `key` names; None if nothing."""
    file = _file(workspace, dataset_id, key)
    return read_document(Note, file) if file.exists() else None


def waiting(
    workspace: Workspace, dataset_id: int, *, step: str | None = None, cases: Collection[str] = ()
) -> list[Note]:
    """What waits for people at a dataset, all of it or of a step or some cases, by step and case."""
    notes = _notes(workspace, dataset_id, step=step, cases=cases).values()
    return sorted(notes, key=lambda note: (note.step, note.case))


def outstanding(workspace: Workspace, dataset_id: int) -> Outstanding:
    """How much waits for people, by step, without a case's name."""
    steps = [note.step for note in waiting(workspace, dataset_id)]
    return Outstanding(dataset_id=dataset_id, n_cases={step: steps.count(step) for step in steps})


def say_done(
    workspace: Workspace,
    dataset_id: int,
    limits: Limits,
    *,
    step: str | None = None,
    cases: Collection[str] = (),
) -> list[Note]:
    """Take what people made of their files, for every case or some: from here on it is the steps' outcome.

    Returns:
        What was taken.

    Raises:
        NotFound: Nothing of that waits.
        RunnerError: What lies there is not what the gate lets in (links, special files, too much), or a part of
            what was laid out is gone.
    """
    wanted = _notes(workspace, dataset_id, step=step, cases=cases)
    missing = set(cases) - {note.case for note in wanted.values()}
    if not wanted or missing:
        message = f"found no such work at dataset {dataset_id}, needed a case that waits for people"
        raise NotFound(f"{message}; see rounds dataset progress {dataset_id}")
    for note in wanted.values():
        check_output(note.folder, limits)
        _need_parts(note)
    for key, note in wanted.items():
        if note.inputs is not None:
            keep_manual(workspace, note.inputs, note.folder)
            shutil.rmtree(note.folder, ignore_errors=True)
        _file(workspace, dataset_id, key).unlink()
    (_root(workspace, dataset_id) / _SAID).touch()
    return sorted(wanted.values(), key=lambda note: (note.step, note.case))


def was_said(workspace: Workspace, dataset_id: int) -> bool:
    """Whether somebody said done since the preparation last looked."""
    return (_root(workspace, dataset_id) / _SAID).exists()


def look(workspace: Workspace, dataset_id: int) -> None:
    """Say that the preparation looks now."""
    (_root(workspace, dataset_id) / _SAID).unlink(missing_ok=True)


def _root(workspace: Workspace, dataset_id: int) -> Path:
    return workspace.root / "manual" / str(dataset_id)


def _file(workspace: Workspace, dataset_id: int, key: str) -> Path:
    return _root(workspace, dataset_id) / ".notes" / f"{key}.json"


def _notes(
    workspace: Workspace, dataset_id: int, *, step: str | None, cases: Collection[str]
) -> dict[str, Note]:
    files = sorted((_root(workspace, dataset_id) / ".notes").glob("*.json"))
    notes = {file.stem: read_document(Note, file) for file in files}
    return {
        key: note
        for key, note in notes.items()
        if (step is None or note.step == step) and (not cases or note.case in cases)
    }


def _write(workspace: Workspace, dataset_id: int, key: str, note: Note) -> None:
    file = _file(workspace, dataset_id, key)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, note.model_dump_json().encode())


def _need_parts(note: Note) -> None:
    laid = (note.inputs or {}).get("inputs")
    parts = set(laid) if isinstance(laid, dict) else set()
    if missing := sorted(parts - {path.name for path in note.folder.iterdir()}):
        message = f"found no '{missing[0]}' among the files of a case, needed what was laid out"
        raise RunnerError(f"{message}; put it back", detail=str(note.folder))


def _free(path: Path) -> Path:
    """`path`, or the first of `path.2`, `path.3`, ... that is not taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free
