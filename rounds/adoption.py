"""Data that was prepared elsewhere, taken as a stage's output by link: checked like any other, and not copied.

A link is a second name of the same file, so it needs the same disk, and who changes the original changes what was
adopted; the manifest, and the digest of the export, then say so before it is used.
"""

import os
from pathlib import Path

from rounds import catalogue
from rounds.catalogue import Entry
from rounds.digests import list_files
from rounds.errors import IntegrityError, SpecError
from rounds.records.datasets import Dataset

_FORMS = {True: "prepared elsewhere", False: "a raw export"}
_FOLDERS = {"data_path": "data", "labels_path": "labels"}


def need_registered_form(entry: Entry, dataset: Dataset) -> None:
    """Pass if the site takes a dataset as it is registered: prepared elsewhere, or by the preparator here.

    Raises:
        IntegrityError: The catalogue says otherwise than what the benchmark's people were told.
    """
    if entry.as_prepared != dataset.submitted_as_prepared:
        here, there = (_FORMS[form] for form in (entry.as_prepared, dataset.submitted_as_prepared))
        message = f"this site's catalogue has dataset {dataset.id} as {here}, needed {there}, as registered"
        raise IntegrityError(f"{message}; register it anew")


def adopt_prepared(entry: Entry, files: Path) -> None:
    """Link the data and labels of an entry below `files`, as a preparator would have written them.

    Raises:
        SpecError: They lie on another disk than the workspace, or are not this user's.
        IntegrityError: They are not at this site, or something there is neither a file nor a folder.
    """
    for name, root in catalogue.raw_paths(entry).items():
        for file in list_files(root):
            inner = file.relative_to(root) if root.is_dir() else Path(file.name)
            _link(file, files / _FOLDERS[name] / inner)
    (files / "metadata").mkdir(exist_ok=True)


def _link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, target, follow_symlinks=False)
    except OSError as error:
        message = "prepared data is taken by link, needed it on the disk of the workspace and this user's own"
        raise SpecError(f"{message}; move it there", detail=str(error)) from error
