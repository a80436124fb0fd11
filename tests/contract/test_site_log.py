"""A site's operator reads why a cube failed; nobody else does."""

from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds.runners.base import Invocation
from rounds.sites import log_to_site
from tasks.evaluation import infer
from tasks.guard import StageFailed
from tasks.preparation import prepare
from tests.contract.test_guard import SECRET
from tests.unit.little_site import make_context, make_cube, make_raw, play_preparator


def talk_and_fail(call: Invocation) -> int:
    """A cube that says a hundred lines, the last of them a secret, and fails."""
    for number in range(100):
        print(f"line {number} of {call.task}")  # noqa: T201  what a cube prints
    print(SECRET)  # noqa: T201
    return 3


class TestSiteLog:
    @pytest.mark.usefixtures("site_log")
    def test_holds_the_last_lines_of_a_failed_cube(self, tmp_path: Path) -> None:
        """The end of what the cube printed is in the site's own file, and not in what Prefect sees."""
        plays = {"preparator": play_preparator, "model": talk_and_fail}
        context = make_context(tmp_path, plays)
        log_to_site(context.workspace)
        raw = make_raw(tmp_path, context.workspace)
        prepared = prepare.fn(raw, make_cube(CubeKind.PREPARATOR), context)

        with pytest.raises(StageFailed, match="ended infer with exit status 3") as caught:
            infer.fn(prepared, make_cube(CubeKind.MODEL), context, model_id=5)

        written = (context.workspace.root / "logs" / "site.log").read_text()
        assert SECRET in written
        assert "line 99 of infer" in written
        assert "line 0 of infer" not in written
        assert SECRET not in str(caught.value)
