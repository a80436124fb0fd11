"""The longest unused goes, whole, until what is left fits."""

from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds import catalogue, stages
from rounds.artifacts import PreparedDataset
from rounds.attempts import Attempt
from rounds.errors import IntegrityError, SpecError
from rounds.housekeeping.pruning import plan, prune
from rounds.housekeeping.survey import Kind, survey
from rounds.sites import Site
from rounds.workspace import Workspace
from tests.unit.builders import write_tree
from tests.unit.housekeeping_site import (
    age,
    look,
    open_site,
    prepare,
    score,
)
from tests.unit.little_site import make_cube

REGISTERED = {"dataset 4 is registered"}
FREE = {""}
RECORD = "the site's own record"


def clear(site: Site, *, budget_bytes: int = 0) -> set[str]:
    """The places of what a prune at a site removed."""
    items, _, why = look(site)
    wanted = plan(items, why, budget_bytes=budget_bytes).remove
    return {item.place for item in prune(site.workspace, site.context.supplies.cache, wanted)}


def prepare_again(site: Site) -> PreparedDataset:
    """Dataset 4 as it was prepared before."""
    raw = catalogue.find_raw(site.workspace, 4)
    return stages.prepare(raw, make_cube(CubeKind.PREPARATOR), site.context)


class TestPlan:
    def test_takes_what_was_used_longest_ago(self, tmp_path: Path) -> None:
        """No more goes than has to, and the order is that of the last use."""
        site = open_site(tmp_path)
        _, first = score(site, prepare(site, tmp_path), name="1")
        score(site, prepare_again(site), name="2")
        age(site.workspace.root)
        site.workspace.files("evaluate", first)
        age(site.workspace.root / "published" / "evaluate" / first.key, days=2)
        items, _, why = look(site)
        infers = [one for one in items if one.place == "infer"]
        total = sum(one.n_bytes for one in items)

        made = plan(items, why, budget_bytes=total - 1)
        more = plan(items, why, budget_bytes=0)

        assert len(made.remove) == 1
        assert len(infers) == 2
        assert more.remove[-1].key == first.key
        assert more.left_bytes == more.pinned_bytes > 0

    def test_takes_nothing_if_all_fits(self, tmp_path: Path) -> None:
        """A workspace within its budget loses nothing."""
        site = open_site(tmp_path)
        score(site, prepare(site, tmp_path))
        age(site.workspace.root)
        items, _, why = look(site)

        assert plan(items, why, budget_bytes=10**9).remove == ()


class TestPrune:
    def test_removes_whole_and_frees_the_disk(self, tmp_path: Path) -> None:
        """What goes is gone from its place and from the trash; a stage then makes it anew."""
        site = open_site(tmp_path)
        prepared = prepare(site, tmp_path)
        before, _ = score(site, prepared)
        age(site.workspace.root)

        gone = clear(site)

        assert {"infer", "evaluate"} <= gone
        assert "prepare" not in gone
        assert site.workspace.find("infer", before.key) is None
        assert list((site.workspace.root / "trash").iterdir()) == []
        again, _ = score(site, prepared)
        assert again == before

    def test_leaves_what_came_into_use(self, tmp_path: Path) -> None:
        """What was used after the plan was made stays, whatever was agreed to."""
        site = open_site(tmp_path)
        said, _ = score(site, prepare(site, tmp_path))
        age(site.workspace.root)
        items, _, why = look(site)
        wanted = plan(items, why, budget_bytes=0).remove
        site.workspace.files("infer", said)

        gone = prune(site.workspace, site.context.supplies.cache, wanted)

        assert "infer" not in {one.place for one in gone}
        assert site.workspace.find("infer", said.key) is not None

    def test_leaves_what_is_locked(self, tmp_path: Path) -> None:
        """What a stage holds is not waited for and not touched."""
        site = open_site(tmp_path)
        said, _ = score(site, prepare(site, tmp_path))
        age(site.workspace.root)
        items, _, why = look(site)
        wanted = plan(items, why, budget_bytes=0).remove

        with site.workspace.locked(f"infer-{said.key}"):
            gone = prune(site.workspace, site.context.supplies.cache, wanted)

        assert "infer" not in {one.place for one in gone}

    def test_is_not_stopped_by_what_a_killed_stage_signed(self, tmp_path: Path) -> None:
        """A lock's file that outlived its holder pins nothing."""
        site = open_site(tmp_path)
        said, _ = score(site, prepare(site, tmp_path))
        stale = (
            '{"since":"2026-01-01T00:00:00+00:00","process":1,"digests":["' + said.output + '"]}'
        )
        site.workspace.lock(f"infer-{said.key}").write_text(stale)
        age(site.workspace.root)

        assert "infer" in clear(site)

    def test_opens_folders_that_a_cube_closed(self, tmp_path: Path) -> None:
        """A folder without write permission is removed like any other."""
        workspace = Workspace(tmp_path)

        def make(attempt: Attempt) -> None:
            write_tree(attempt.files, {"a/b/c": b"1"})
            (attempt.files / "a" / "b").chmod(0o500)

        workspace.publish("infer", {"cube": "1"}, make)
        age(tmp_path)
        items = survey(workspace, tmp_path / "cache")

        gone = prune(
            workspace, tmp_path / "cache", [one for one in items if one.kind is Kind.OUTPUT]
        )

        assert len(gone) == 1
        assert list((tmp_path / "trash").iterdir()) == []

    def test_forgets_a_converted_image_with_its_note(self, tmp_path: Path) -> None:
        """An image goes with the note of its bytes, so that it is converted anew and not missed."""
        workspace, cache = Workspace(tmp_path / "site"), tmp_path / "cache"
        write_tree(cache / "converted", {"a.sif": b"1", "a.sha256": b"2"})
        age(cache)

        gone = prune(workspace, cache, survey(workspace, cache))

        assert [one.place for one in gone] == ["converted"]
        assert {path.name for path in (cache / "converted").iterdir()} == {"a.lock"}

    def test_has_one_at_a_time(self, workspace: Workspace) -> None:
        """A second prune is refused while the first is at work."""
        with (
            workspace.locked("prune"),
            pytest.raises(SpecError, match="found another prune at work"),
        ):
            prune(workspace, workspace.root / "images", [])

    def test_lets_a_handle_say_that_it_is_gone(self, tmp_path: Path) -> None:
        """A handle of what was removed opens nothing, and says so."""
        site = open_site(tmp_path)
        said, _ = score(site, prepare(site, tmp_path))
        age(site.workspace.root)
        clear(site)

        with pytest.raises(IntegrityError, match="is gone or is another one"):
            site.workspace.files("infer", said)
