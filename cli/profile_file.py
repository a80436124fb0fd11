"""A person's profiles: one YAML file in their configuration folder, which holds no secret."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, Field, model_validator

from rounds.documents import read_document
from rounds.errors import SpecError
from rounds.records.base import Record

FILE = "profiles.yaml"


def is_address(text: str) -> bool:
    """Whether `text` is the address of a registry: http or https, and no name, password or query in it."""
    try:
        parts = urlsplit(text)
        there = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return there and text.isprintable() and not {*text} & {" ", "@", "?", "#"}


def _an_address(text: str) -> str:
    if not is_address(text):
        raise ValueError("needed an address such as https://rounds.example.org")
    return text


def _from_the_root(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("needed a path from the root")
    return path


ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Address = Annotated[str, AfterValidator(_an_address)]
RootedPath = Annotated[Path, AfterValidator(_from_the_root)]


class Profile(Record):
    """What a profile keeps; without a `token_file` the token lies below the configuration folder."""

    registry: Address
    token_file: RootedPath | None = None
    site_profile: RootedPath | None = None


class NamedProfile(Record):
    """A profile as it is used: every path spelt out."""

    name: ProfileName
    active: bool
    registry: str
    token_file: Path
    site_profile: Path | None


class Profiles(Record):
    """All of a person's profiles; `active` is one of them, unless there is none."""

    active: ProfileName | None = None
    profiles: dict[ProfileName, Profile] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_the_active_one(self) -> Self:
        if self.active not in self.profiles and (self.profiles or self.active):
            raise ValueError("needed the name of a profile as 'active'")
        return self

    def named(self, name: str) -> NamedProfile:
        """The profile of this name.

        Raises:
            SpecError: There is none.
        """
        if name not in self.profiles:
            message = "found no profile of that name, needed one that rounds profile list shows"
            raise SpecError(message)
        kept = self.profiles[name]
        return NamedProfile(
            name=name,
            active=name == self.active,
            registry=kept.registry,
            token_file=kept.token_file or own_token_file(name),
            site_profile=kept.site_profile,
        )

    def all(self) -> list[NamedProfile]:
        """Every profile, by name."""
        return [self.named(name) for name in sorted(self.profiles)]

    def keeping(self, name: str, profile: Profile) -> "Profiles":
        """These profiles with `profile` under `name`; the first of all is the active one."""
        profiles = {**self.profiles, name: profile}
        return Profiles(active=self.active or name, profiles=profiles)


def config_folder() -> Path:
    """Where this person's profiles and tokens lie; XDG_CONFIG_HOME counts if it starts at the root."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".config") / "rounds"


def own_token_file(name: str) -> Path:
    """Where the token of the profile `name` lies if it names no other file."""
    return config_folder() / "tokens" / f"{name}.token"


def read_profiles() -> Profiles:
    """What is kept; no profiles if there is no file.

    Raises:
        SpecError: The file is broken, or others than its owner can write it.
    """
    path = config_folder() / FILE
    if not path.exists():
        return Profiles()
    if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        # Whoever can write it can send the owner's token to a registry of their own.
        message = f"found a {FILE} that others can write, needed mode 0600; run chmod 600 on it"
        raise SpecError(message, detail=str(path))
    try:
        return read_document(Profiles, path)
    except SpecError as error:
        message = f"found a broken {FILE}, needed one that Rounds wrote; mend it or move it away"
        detail = f"{path}: {error.detail or error.summary}"
        raise SpecError(message, detail=detail) from error


def change_profiles(change: Callable[[Profiles], Profiles]) -> Profiles:
    """What is kept from now on: what `change` makes of what was kept, one change at a time.

    Raises:
        SpecError: `read_profiles` or `change` refuses; nothing is written.
    """
    folder = config_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder) as descriptor:
        os.fchmod(descriptor, 0o700)
        changed = change(read_profiles())
        _write(folder / FILE, changed)
        os.fsync(descriptor)
    return changed


@contextmanager
def _alone_in(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write(path: Path, profiles: Profiles) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        # Quoted, since the `1e5` that this writer takes for text is a number to our reader.
        yaml.safe_dump(profiles.model_dump(mode="json", exclude_none=True), file, default_style='"')
        file.flush()
        os.fsync(descriptor)
    part.rename(path)
