"""The files of a prepared dataset: written by one call, or by the last step of a workflow."""

import shutil
from pathlib import Path

from rounds import catalogue
from rounds.attempts import Attempt
from rounds.calls import RunContext, call_cube
from rounds.catalogue import Entry
from rounds.cubes import Cube
from rounds.errors import Code, ManualWork, RunnerError
from rounds.noted_calls import need_files
from rounds.preparation import desk
from rounds.preparation.following import ReportFollower
from rounds.preparation.lanes import walk
from rounds.preparation.trees import link_tree, read_tree

REPORT = "report_file"
_PLACES = {
    "output_path": "data",
    "output_labels_path": "labels",
    "metadata_path": "metadata",
    REPORT: "report.yaml",
}
_ASKS = "Work on what the preparator left here, as its author describes; then say done."


def goes_on(cube: Cube) -> bool:
    """Whether a preparator takes up what it left, and people may have worked on: in a workflow, or by its report."""
    return cube.config.workflow is not None or REPORT in cube.config.tasks["prepare"].output_volumes


def make_prepared(cube: Cube, entry: Entry, attempt: Attempt, context: RunContext) -> None:
    """Write a dataset's prepared files into an attempt.

    Raises:
        ManualWork: People have work; nothing more is run until they say done.
        RunnerError: The preparator failed, or wrote nothing.
    """
    raw = catalogue.raw_paths(entry)
    if cube.config.workflow is not None:
        _walk(cube, entry, attempt, context)
    elif goes_on(cube):
        _go_on(cube, entry, attempt, context)
    else:
        call_cube(cube, "prepare", raw | _outputs(attempt.files), attempt, context)
    need_files(attempt.files / "data", cube, "prepare")
    if "output_labels_path" in cube.config.tasks["prepare"].output_volumes:
        need_files(attempt.files / "labels", cube, "prepare")


def prepared_paths(files: Path) -> dict[str, Path]:
    """What a preparator's other tasks read of the prepared files, by their mount keys."""
    labels = files / "labels"
    return {
        "data_path": files / "data",
        # The data's own folder where the preparator keeps labels with the data.
        "labels_path": labels if labels.exists() else files / "data",
        "metadata_path": files / "metadata",
    }


def _walk(cube: Cube, entry: Entry, attempt: Attempt, context: RunContext) -> None:
    raw = {key: read_tree(path) for key, path in catalogue.raw_paths(entry).items()}
    written = walk(cube, raw, context, dataset_id=entry.dataset_id)
    if written is None:
        raise ManualWork("people have work on the dataset's cases, needed it done")
    shutil.rmtree(attempt.files)  # what an attempt that was killed here linked
    attempt.files.mkdir()
    for key, tree in written.items():
        link_tree(tree.laid(attempt.scratch / key), attempt.files / _PLACES[key])


def _go_on(cube: Cube, entry: Entry, attempt: Attempt, context: RunContext) -> None:
    key = attempt.files.parent.parent.name
    desk.look(context.workspace, entry.dataset_id)
    if note := desk.waiting_for(context.workspace, entry.dataset_id, key):
        if note.folder != attempt.files:  # a copy, since the run that left the folder was killed
            _ask(key, entry, attempt, context)
        raise ManualWork("people have work on what the preparator left, needed it done")
    outputs = _outputs(attempt.files)
    follower = ReportFollower(outputs[REPORT], context, entry.dataset_id)
    raw = catalogue.raw_paths(entry)
    call_cube(cube, "prepare", raw | outputs, attempt, context, on_look=follower.look)
    follower.look()
    if "sanity_check" not in cube.config.tasks:
        return
    try:
        call_cube(cube, "sanity_check", prepared_paths(attempt.files), attempt, context)
    except RunnerError as error:
        if error.code is not Code.CUBE_FAILED:
            raise
        _ask(key, entry, attempt, context)
        raise ManualWork("the preparator's check found work for people, needed it done") from error


def _ask(key: str, entry: Entry, attempt: Attempt, context: RunContext) -> None:
    desk.ask(context.workspace, entry.dataset_id, key, folder=attempt.files, asks=_ASKS)


def _outputs(files: Path) -> dict[str, Path]:
    return {key: files / place for key, place in _PLACES.items()}
