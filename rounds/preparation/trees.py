"""Folders and files that a step reads, each with the digests of what is in it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rounds.digests import file_digests, tree_digest
from rounds.errors import SpecError

_ALONE = ""  # the name of the one file of a tree that is a file


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A folder or a file, as it is mounted: `files` maps each name in it to its sha256.

    `parts` says where it lies: as one (under the name ""), or put together of several under their names.
    """

    parts: Mapping[str, Path] = field(repr=False)
    files: Mapping[str, str] = field(repr=False)

    @property
    def digest(self) -> str:
        """What decides a step that reads it: names and contents."""
        return tree_digest(self.files)

    @property
    def names(self) -> list[str]:
        """What lies right in it, sorted."""
        return sorted(self._entries)

    def entry(self, name: str) -> "Tree":
        """One of `names`.

        Raises:
            SpecError: There is no such entry.
        """
        if name not in self._entries:
            message = "a case has no entry in a folder that a step takes entries of, needed one"
            raise SpecError(f"{message} for each case", detail=name)
        root = self.parts.get("")
        place = root / name if root else self.parts[name]
        return Tree(parts={"": place}, files=self._entries[name])

    @cached_property
    def _entries(self) -> Mapping[str, Mapping[str, str]]:
        """The files below each name, sorted out once: each case asks for its own."""
        found: dict[str, dict[str, str]] = {}
        for file, sha256 in self.files.items():
            name, _, rest = file.partition("/")
            found.setdefault(name, {})[rest] = sha256
        found.pop(_ALONE, None)
        return found

    def laid(self, folder: Path) -> Path:
        """Where it lies as one; what is put together is linked below `folder`, file by file."""
        if "" in self.parts:
            return self.parts[""]
        folder.mkdir(parents=True)
        for name, root in self.parts.items():
            link_tree(root, folder / name)
        return folder


def read_tree(path: Path) -> Tree:
    """A folder's or file's tree, its bytes read now.

    Raises:
        IntegrityError: It holds a link or a special file.
    """
    found = file_digests(path)
    return Tree(parts={"": path}, files=found if path.is_dir() else {_ALONE: found[path.name]})


def published_tree(folder: Path, listing: Mapping[str, str], name: str) -> Tree:
    """What a published output holds below `name`, by its manifest: a folder, perhaps empty, or a file."""
    if name in listing:
        return Tree(parts={"": folder / name}, files={_ALONE: listing[name]})
    begin = f"{name}/"
    inner = {
        file.removeprefix(begin): sha256
        for file, sha256 in listing.items()
        if file.startswith(begin)
    }
    return Tree(parts={"": folder / name}, files=inner)


def gathered(trees: Mapping[str, Tree]) -> Tree:
    """One folder with each of the trees in it under its name."""
    return Tree(
        parts={name: tree.parts[""] for name, tree in trees.items()},
        files={
            f"{name}/{inner}" if inner else name: sha256
            for name, tree in trees.items()
            for inner, sha256 in tree.files.items()
        },
    )


def link_tree(root: Path, target: Path) -> None:
    """Give every file at `root` and below a second name below `target`, on the same disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not root.is_dir():
        os.link(root, target, follow_symlinks=False)
        return
    target.mkdir()
    for entry in os.scandir(root):
        link_tree(Path(entry.path), target / entry.name)


def copy_tree(root: Path, target: Path) -> None:
    """A copy that this user may write, whatever the modes of the original."""
    if not root.is_dir():
        shutil.copyfile(root, target)
        return
    target.mkdir()
    for entry in root.iterdir():
        copy_tree(entry, target / entry.name)
