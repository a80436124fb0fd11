"""Who sees which cells, and the leaderboard over them."""

import pytest

from rounds.errors import NotFound
from rounds.records.leaderboards import RowStatus
from tests.contract.registry.builders import sha
from tests.contract.registry.world import World


class TestLeaderboard:
    def test_has_a_row_for_each_cell_and_metric(self, world: World) -> None:
        """A score or a reason for each site, model and metric, and the pooled rows."""
        world.submitted()

        board = world.person("owner").leaderboard(1)

        found = [(row.site, row.metric, row.status, row.rank) for row in board.rows]
        assert found == [
            ("site-a", "auroc", RowStatus.SCORED, None),
            ("site-a", "brier", RowStatus.SCORED, None),
            ("pooled", "auroc", RowStatus.SCORED, 1),
            ("pooled", "brier", RowStatus.SCORED, None),
        ]

    def test_is_for_those_who_take_part(self, world: World) -> None:
        """A stranger finds no leaderboard."""
        world.ready()

        with pytest.raises(NotFound, match="found no leaderboard"):
            world.person("stranger").leaderboard(1)

    def test_cells_are_seen_by_their_own(self, world: World) -> None:
        """The committee sees all cells, a data owner the own ones, a stranger none."""
        benchmark, _ = world.ready()
        other = world.operational(benchmark, "second", "site-b", raw_digest=sha("second"))
        world.join(world.person("second"), benchmark, dataset_id=other.id)

        seen = {
            name: [cell.site for cell in world.person(name).cells()]
            for name in ("committee", "owner", "second", "stranger")
        }

        assert seen == {
            "committee": ["site-a", "site-b"],
            "owner": ["site-a"],
            "second": ["site-b"],
            "stranger": [],
        }
