"""What a site must remember of an execution between its draft and its submission. Never leaves."""

from pydantic import BaseModel, ConfigDict

from rounds.artifacts import ReleaseDraft
from rounds.documents import read_document
from rounds.errors import NotFound
from rounds.workspace import Workspace, write_whole


class Pending(BaseModel):
    """An execution whose draft awaits release, and the token without which it cannot be submitted.

    `metrics_key` names the published metrics behind the draft; drafts of earlier releases have none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    execution_id: int
    benchmark_id: int
    fencing_token: int
    sha256: str
    metrics_key: str | None = None

    @property
    def draft(self) -> ReleaseDraft:
        """The draft itself."""
        return ReleaseDraft(subject_id=self.execution_id, sha256=self.sha256)


def remember(workspace: Workspace, pending: Pending) -> None:
    """Write it down, whole or not at all."""
    file = workspace.folder("executions") / f"{pending.execution_id}.yaml"
    write_whole(file, pending.model_dump_json().encode())


def recall(workspace: Workspace, execution_id: int) -> Pending:
    """What was written down for an execution.

    Raises:
        NotFound: Nothing was, at this site.
    """
    file = workspace.folder("executions") / f"{execution_id}.yaml"
    if not file.exists():
        raise NotFound(
            f"execution {execution_id} has no draft at this site; evaluate it here first"
        )
    return read_document(Pending, file)
