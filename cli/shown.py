"""What an approval is about, as this terminal can see it, and whether it is what the approval's sha256 names."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

from cli.cells import printable
from cli.settings import at_site, this_site
from rounds.digests import sha256_json
from rounds.errors import IntegrityError
from rounds.records.approvals import Approval, ApprovalKind
from rounds.records.base import Record
from rounds.records.releases import items_digest
from rounds.records.shown import association_document, benchmark_document, publication_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rounds.client.registry import RegistryClient


class ShownApproval(Record):
    """An approval with what it is about; `shown` is empty where that lies at a site."""

    approval: Approval
    matches: bool
    shown: tuple[JsonValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was found of an approval's subject.

    Args:
        lines: What a person reads; nothing in it is obeyed by a terminal.
        documents: The same as values; empty where the bytes lie elsewhere.
        sha256: That of what was found.
        needed: The approval's.
    """

    lines: tuple[str, ...]
    documents: tuple[JsonValue, ...]
    sha256: str
    needed: str

    @property
    def matches(self) -> bool:
        """Whether it is what the approval names."""
        return self.sha256 == self.needed

    def need_match(self, approval_id: int) -> None:
        """Pass if it is what the approval names.

        Raises:
            IntegrityError: It is not.
        """
        if not self.matches:
            message = f"what approval {approval_id} is about is not what its sha256 names"
            raise IntegrityError(
                f"{message}, needed it to be; approve nothing, and tell the registry"
            )


def look(registry: "RegistryClient", approval: Approval) -> Shown:
    """What the approval is about: a document of the registry's, or at a site the very bytes.

    Raises:
        IntegrityError: A draft at this site is gone or was changed.
    """
    if approval.kind in (ApprovalKind.STATISTICS, ApprovalKind.RESULTS):
        return _release(approval)
    document = _document(registry, approval)
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return Shown(
        lines=tuple(printable(line) for line in text.split("\n")),
        documents=(dict(document),),
        sha256=sha256_json(document),
        needed=approval.shown_sha256,
    )


def _document(registry: "RegistryClient", approval: Approval) -> "Mapping[str, JsonValue]":
    if approval.kind is ApprovalKind.BENCHMARK:
        return benchmark_document(registry.benchmark(approval.subject_id))
    if approval.kind is ApprovalKind.ASSOCIATION:
        wanted = registry.association(approval.subject_id)
        return association_document(wanted, registry.benchmark(wanted.benchmark_id))
    return publication_document(registry.proposed_publication(approval.subject_id))


def _release(approval: Approval) -> Shown:
    sha256 = items_digest(approval.items)
    site = this_site() if at_site() else None
    if site is None or site.profile.name != approval.site:
        elsewhere = f"the bytes lie at {approval.site}; the same command shows them there"
        return Shown(lines=(elsewhere,), documents=(), sha256=sha256, needed=approval.shown_sha256)
    drafts = [(item, site.workspace.kept(item.sha256).decode()) for item in approval.items]
    lines = [
        line
        for item, draft in drafts
        for line in (f"the bytes of {item.subject_id}, sha256 {item.sha256}:", printable(draft))
    ]
    return Shown(
        lines=tuple(lines),
        documents=tuple(json.loads(draft) for _, draft in drafts),
        sha256=sha256,
        needed=approval.shown_sha256,
    )
