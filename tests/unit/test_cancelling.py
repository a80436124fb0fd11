"""A run that a person cancelled: marked once, seen by whoever runs a cube for it."""

from functools import partial
from pathlib import Path

import pytest

from rounds.cancelling import cancel, is_cancelled
from rounds.errors import SpecError
from rounds.workspace import Workspace

RUN = "0199d8a4-7a3b-7cc2-9d1e-2f60b1c0aa11"
OTHER = "0199d8a4-7a3b-7cc2-9d1e-2f60b1c0aa12"


class TestCancel:
    def test_marks_one_run(self, tmp_path: Path) -> None:
        """The run is cancelled from then on, and no other is."""
        workspace = Workspace(tmp_path)
        seen = partial(is_cancelled, workspace)
        before = seen(RUN)

        cancel(workspace, RUN)
        cancel(workspace, RUN)

        assert (before, seen(RUN), seen(OTHER)) == (False, True, False)

    @pytest.mark.parametrize("text", ["", "evaluate", "../" + RUN, RUN + "\n", RUN.upper()])
    def test_refuses_what_is_no_id(self, tmp_path: Path, text: str) -> None:
        """Only an id becomes a file's name."""
        with pytest.raises(SpecError, match="found no id of a run"):
            cancel(Workspace(tmp_path), text)
