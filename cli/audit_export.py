"""The sealed log of a registry as a file that an outsider can verify."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rounds.audit import GENESIS, Link, Verified, export_lines, verify_lines
from rounds.client.registry import RegistryClient
from rounds.errors import Conflict
from rounds.records.service import AuditEntry

PAGE: Final = 1000


def export_log(registry: RegistryClient, file: Path, *, head: str | None = None) -> Verified:
    """What the log held when it was asked for, written whole into `file`, and verified there.

    Args:
        registry: Of an administrator.
        file: One that is there is replaced.
        head: A sha256 that was noted earlier, which must be in the log.

    Raises:
        IntegrityError: The log is not whole; the file is kept as it came.
        Conflict: So much is being written that nothing sealed comes.
    """
    end = registry.audit_head()
    part = file.with_name(f".{file.name}.part")
    with part.open("w", encoding="ascii") as writing:
        writing.writelines(f"{line}\n" for line in export_lines(_links(registry, end.entries)))
    part.rename(file)
    with file.open(encoding="ascii") as reading:
        found = verify_lines(reading, head=end.sha256)
    if head is not None:
        with file.open(encoding="ascii") as reading:
            verify_lines(reading, head=head)
    return found


def _links(registry: RegistryClient, entries: int) -> Iterator[Link]:
    """The first so many links of the chain, as the registry gives them."""
    position, previous = 0, GENESIS
    while position < entries:
        for entry in _after(registry, position, entries):
            position = entry.position or 0
            body = entry.model_dump(mode="json", exclude={"position", "sha256"})
            made = Link(position=position, previous=previous, entry=body, sha256=entry.sha256 or "")
            previous = made.sha256
            yield made


def _after(registry: RegistryClient, position: int, entries: int) -> list[AuditEntry]:
    """The next sealed entries; what is not sealed yet may stand before them and is passed over."""
    page = registry.page(AuditEntry, "/audit", limit=PAGE, offset=position, order="position")
    found = [entry for entry in page.items if position < (entry.position or 0) <= entries]
    if not found:
        message = "found no further entry of the sealed log, needed as many as its head says"
        raise Conflict(f"{message}; try again when less is written")
    return found
