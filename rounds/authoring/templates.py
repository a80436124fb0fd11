"""New cubes: a small runnable one of each kind, copied from `cube_specs/templates`."""

import re
import shutil
from enum import StrEnum
from pathlib import Path

import cube_specs
from rounds.errors import SpecError

TEMPLATES = Path(cube_specs.__file__).parent / "templates"
_NAME = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_MAX_NAME = 100
_LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.pyc", ".pytest_cache", ".ruff_cache")
_NAMED = ("container_config.yaml", "main.py", "README.md")


class Template(StrEnum):
    """The kinds of cube that there is a template of."""

    PREPARATOR = "preparator"
    MODEL = "model"
    METRICS = "metrics"


def create_cube(kind: Template, folder: Path) -> list[str]:
    """Write a runnable cube of a kind, called as its folder, and return the names of its files.

    Raises:
        SpecError: Something is there already, or the folder's name can be no image's.
    """
    name = folder.resolve().name
    if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
        message = "found a folder's name that can be no image's, needed small letters and digits"
        raise SpecError(f"{message}, parted by . _ or -; choose another", detail=name)
    if folder.is_symlink() or (folder.exists() and not _is_empty(folder)):
        message = "found something there already, needed a folder that is empty or not there yet"
        raise SpecError(f"{message}; nothing was written", detail=str(folder))
    shutil.copytree(TEMPLATES / kind, folder, ignore=_LEFTOVERS, dirs_exist_ok=True)
    for file in _NAMED:
        text = (folder / file).read_text("utf-8")
        (folder / file).write_text(text.replace(f"my-{kind}", name), "utf-8")
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
