"""The archive's bytes: a tar of which every byte follows from its manifest, so that any other byte is refused.

1. First comes `manifest-<its sha256>.json`, then one member for each file: `<folder>/<its number>`.
2. A header is not parsed but compared with the one that has to stand there; only the manifest's is read.
3. Padding and the end are zeros, and after the end there is nothing. No name in a header becomes a path.
"""

import hashlib
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from rounds.digests import canonical_json, sha256_bytes
from rounds.documents import parse_document
from rounds.errors import IntegrityError
from rounds.transfer.contents import (
    Content,
    Manifest,
    Section,
    check_consistent,
    damaged,
    decoded,
)

CHUNK = 1 << 20
MAX_MANIFEST_BYTES = 1 << 28  # a million files
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(2 * _BLOCK)
Contents = Iterator[tuple[str, Iterator[bytes]]]
_FIRST = re.compile(r"manifest-([0-9a-f]{64})\.json")


def write_archive(file: BinaryIO, manifest: Manifest, folders: Iterable[Path]) -> None:
    """Write the archive of a manifest whose sections lie in `folders`, each file held against its digest.

    Raises:
        IntegrityError: A file is another one by now.
    """
    said = canonical_json(manifest.model_dump(mode="json"))
    _write(file, f"manifest-{sha256_bytes(said)}.json", len(said), [said])
    for section, folder in zip(manifest.sections, folders, strict=True):
        for number, content in enumerate(section.files):
            with (folder / decoded(content.name)).open("rb") as source:
                chunks = iter(partial(source.read, CHUNK), b"")
                _write(file, _name(section, number), content.size, _verified(chunks, content))
    file.write(_END)


class Reader:
    """An archive, read once from its beginning to its end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        """The reader; it closes the archive when the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the archive."""
        self._file.close()

    def manifest(self) -> Manifest:
        """What the archive says of itself, consistent in itself.

        Raises:
            IntegrityError: It is no such archive, or its manifest is not as it was written.
            SpecError: It is of a form that is not known here.
        """
        try:
            header = tarfile.TarInfo.frombuf(self._exactly(_BLOCK), "utf-8", "surrogateescape")
        except tarfile.TarError as error:
            raise damaged(str(error)) from error
        named = _FIRST.fullmatch(header.name)
        if named is None or not 0 <= header.size <= MAX_MANIFEST_BYTES:
            raise damaged("no manifest")
        self._file.seek(0)
        wanted = Content(name="", size=header.size, sha256=named[1])
        return _parse(b"".join(self._content(header.name, wanted)))

    def contents(self, section: Section) -> Contents:
        """Each file of the next section: its name and its bytes, all of which have to be taken.

        Raises:
            IntegrityError: They are not what the manifest says.
        """
        for number, content in enumerate(section.files):
            yield decoded(content.name), self._content(_name(section, number), content)

    def end(self) -> None:
        """Pass if nothing follows.

        Raises:
            IntegrityError: Something does.
        """
        if self._exactly(len(_END)) != _END or self._file.read(1):
            raise damaged("something after the end")

    def _content(self, name: str, wanted: Content) -> Iterator[bytes]:
        if self._exactly(_BLOCK) != _header(name, wanted.size):
            raise damaged(f"the header of {name}")
        yield from _verified(self._chunks(wanted.size), wanted)
        if any(self._exactly(-wanted.size % _BLOCK)):
            raise damaged(f"something beside {name}")

    def _chunks(self, size: int) -> Iterator[bytes]:
        while size:
            yield self._exactly(part := min(size, CHUNK))
            size -= part

    def _exactly(self, size: int) -> bytes:
        content = self._file.read(size)
        if len(content) != size:
            raise damaged("it ends too early")
        return content


def verify(path: Path) -> Manifest:
    """The manifest of an archive, every byte of which is as it was written.

    Raises:
        IntegrityError: One is not.
    """
    with Reader(path) as reader:
        manifest = reader.manifest()
        for section in manifest.sections:
            drain(reader.contents(section))
        reader.end()
    return manifest


def drain(contents: Contents) -> None:
    """Take what is left of a section's bytes, each verified on the way."""
    for _, chunks in contents:
        for _ in chunks:
            pass


def _parse(content: bytes) -> Manifest:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise damaged("no JSON") from error
    manifest = parse_document(Manifest, document, name="the archive's manifest")
    if canonical_json(manifest.model_dump(mode="json")) != content:
        raise damaged("a manifest in another form")
    check_consistent(manifest)
    return manifest


def _verified(chunks: Iterable[bytes], wanted: Content) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    if (size, digest.hexdigest()) != (wanted.size, wanted.sha256):
        message = "found a file that differs from its digest, needed it unchanged"
        raise IntegrityError(message, detail=wanted.name)


def _write(file: BinaryIO, name: str, size: int, chunks: Iterable[bytes]) -> None:
    file.write(_header(name, size))
    file.writelines(chunks)
    file.write(bytes(-size % _BLOCK))


def _name(section: Section, number: int) -> str:
    return f"{section.place}/{number}"


def _header(name: str, size: int) -> bytes:
    """The one header of a member: no time, no owner."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.GNU_FORMAT)
