"""What lies in a workspace, and what of it must stay."""

import os
from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds import catalogue, stages
from rounds.attempts import Attempt
from rounds.errors import RunnerError
from rounds.housekeeping.pins import dataset_of
from rounds.housekeeping.survey import Kind, survey
from rounds.records.approvals import Approval
from rounds.sites import Site
from rounds.workspace import Workspace
from tests.unit.builders import make_approval, make_item, write_tree
from tests.unit.housekeeping_site import (
    age,
    draft,
    look,
    open_lonely_site,
    open_site,
    prepare,
    reasons,
    score,
)
from tests.unit.little_site import make_cube, make_raw

REGISTERED = {"dataset 4 is registered"}
FREE = {""}
RECORD = "the site's own record"


def fail(attempt: Attempt) -> None:
    """A stage that leaves a file and gives up."""
    (attempt.files / "half").write_text("half")
    message = "the cube gave up"
    raise RunnerError(message)


def fail_twice(workspace: Workspace, stage: str) -> None:
    """Two attempts at a stage, both failed."""
    for _ in "12":
        with pytest.raises(RunnerError, match="gave up"):
            workspace.publish(stage, {"cube": "1", "raw": "2"}, fail)


def open_site_again(site: Site, root: Path, *approvals: Approval) -> Site:
    """The same site, its registry saying that these approvals are open."""
    assert site.workspace.root == root / "site"
    return open_site(root, approvals=approvals)


def write_other(attempt: Attempt) -> None:
    """What another model says."""
    (attempt.files / "predictions").write_text("other")


class TestSurvey:
    def test_counts_what_lies_there(self, tmp_path: Path) -> None:
        """Each output has its stage, its files, their bytes, its cube and the dataset it comes from."""
        site = open_site(tmp_path)
        score(site, prepare(site, tmp_path))

        items, _, _ = look(site)

        entries = catalogue.entries(site.workspace)
        found = {one.place: one for one in items if one.kind is Kind.OUTPUT}
        assert set(found) == {"prepare", "sanity_check", "statistics", "infer", "evaluate"}
        assert {dataset_of(one, items, entries) for one in found.values()} == {(4,)}
        assert found["infer"].inputs["cube"] == make_cube(CubeKind.MODEL).digest
        assert found["infer"].n_files == 2
        assert found["infer"].n_bytes > 64

    def test_finds_images_wherever_the_cache_is(self, workspace: Workspace, tmp_path: Path) -> None:
        """Fetched archives and tarballs and converted images are found; parts and locks are not items."""
        names = {f"{'a' * 64}.tar", f"{'b' * 64}.tar.gz", f"converted/{'c' * 64}.sif"}
        write_tree(tmp_path / "cache", dict.fromkeys((*names, ".x.part", "y.lock"), b"1"))

        items = survey(workspace, tmp_path / "cache")

        assert {one.place for one in items} == {"images", "tarballs", "converted"}

    def test_takes_a_use_for_a_use(self, tmp_path: Path) -> None:
        """Whoever finds an output sets its time; nothing else of it is touched."""
        site = open_site(tmp_path)
        prepared = prepare(site, tmp_path)
        age(tmp_path)

        site.workspace.files("prepare", prepared)

        used = {one.place: one.used for one in look(site)[0] if one.kind is Kind.OUTPUT}
        assert used["prepare"] > used["statistics"]

    def test_shows_no_path(self, tmp_path: Path) -> None:
        """An item is printed without saying where it lies."""
        site = open_site(tmp_path)
        prepare(site, tmp_path)

        assert str(tmp_path) not in repr(look(site)[:2])


class TestPinned:
    def test_is_what_a_valid_dataset_was_prepared_to(self, tmp_path: Path) -> None:
        """Prepared data of a registered dataset stays with its check and statistics; what models said may go."""
        site = open_site(tmp_path)
        score(site, prepare(site, tmp_path))
        age(site.workspace.root)

        found = reasons(site)

        assert (found["prepare"], found["statistics"]) == (REGISTERED, REGISTERED)
        assert (found["infer"], found["evaluate"]) == (FREE, FREE)

    def test_is_not_what_was_withdrawn(self, tmp_path: Path) -> None:
        """The prepared data of a withdrawn dataset may go."""
        site = open_site(tmp_path, valid=False)
        prepare(site, tmp_path)
        age(site.workspace.root)

        assert reasons(site)["prepare"] == FREE

    def test_is_what_waits_for_release(self, tmp_path: Path) -> None:
        """Metrics behind an open approval stay, and the predictions behind those; of another model they go."""
        site = open_site(tmp_path)
        prepared = prepare(site, tmp_path)
        _, metrics = score(site, prepared)
        site.workspace.publish("infer", {"cube": "2", "prepared": prepared.output}, write_other)
        made = draft(site, metrics)
        age(site.workspace.root)
        waiting = open_site_again(site, tmp_path, make_approval(make_item(made)))

        found = reasons(waiting)

        said = "execution 7 waits for release"
        assert (found["infer"], found["evaluate"], found["drafts"]) == (
            {"", said},
            {said},
            {RECORD},
        )

    def test_is_not_what_was_submitted(self, tmp_path: Path) -> None:
        """Metrics whose submission the approval counts as used may go; their draft stays, as a record."""
        site = open_site(tmp_path)
        made = draft(site, score(site, prepare(site, tmp_path))[1])
        age(site.workspace.root)
        waiting = open_site_again(site, tmp_path, make_approval(make_item(made), used=(7,)))

        found = reasons(waiting)

        assert (found["evaluate"], found["drafts"]) == (FREE, {RECORD})

    def test_is_everything_that_may_count_if_nobody_says(self, tmp_path: Path) -> None:
        """With the registry away every dataset counts as valid and every draft as waiting."""
        site = open_lonely_site(tmp_path)
        draft(site, score(site, prepare(site, tmp_path))[1])
        age(site.workspace.root)

        found = reasons(site)

        assert found["prepare"] == REGISTERED
        assert found["evaluate"] == {"execution 7 waits for release"}

    def test_is_what_says_nothing_of_its_origin(self, tmp_path: Path) -> None:
        """Prepared data of an earlier release, whose manifest names no inputs, stays."""
        site = open_site(tmp_path, valid=False)
        prepare(site, tmp_path)
        for manifest in site.workspace.root.glob("published/prepare/*/manifest.json"):
            manifest.write_text('{"files": {}}')
        age(site.workspace.root)

        assert reasons(site)["prepare"] == {"of unknown origin"}

    def test_is_what_was_just_used(self, tmp_path: Path) -> None:
        """Between finding an output and working with it nobody holds a lock: for minutes it stays."""
        site = open_site(tmp_path)
        score(site, prepare(site, tmp_path))

        assert reasons(site)["infer"] == {"used minutes ago"}

    def test_is_what_a_living_run_used(self, tmp_path: Path) -> None:
        """What was used since a run began stays while its process holds its lock, and not after."""
        site = open_site(tmp_path)
        score(site, prepare(site, tmp_path))
        items, facts, _ = look(site)
        with site.workspace.locked("run-1"):
            age(site.workspace.root, days=-0.5)
            during = reasons(site)["infer"]
        age(site.workspace.root)

        assert during == {"used by a run that is alive"}
        assert reasons(site)["infer"] == FREE
        assert facts.holders == []
        assert items != []

    def test_is_what_a_stage_reads_and_writes(self, tmp_path: Path) -> None:
        """While a stage runs, its attempt is being written and its inputs are being read."""
        site = open_site(tmp_path, valid=False)
        prepared = prepare(site, tmp_path)
        age(site.workspace.root)
        seen: dict[str, set[str]] = {}

        def make(attempt: Attempt) -> None:
            (attempt.files / "a").touch()
            age(site.workspace.root)
            seen.update(reasons(site))

        site.workspace.publish("infer", {"cube": "1", "prepared": prepared.output}, make)

        assert {said.partition(" since ")[0] for said in seen["infer"]} == {"being written"}
        assert {said.partition(" since ")[0] for said in seen["prepare"]} == {"read"}
        assert f"by process {os.getpid()}" in seen["infer"].pop()

    def test_is_the_last_try_of_a_failed_preparation(self, tmp_path: Path) -> None:
        """Somebody is to look at it; earlier tries, and those of other stages, may go."""
        site = open_site(tmp_path)
        fail_twice(site.workspace, "prepare")
        fail_twice(site.workspace, "infer")
        age(site.workspace.root)

        items, _, why = look(site)

        kept = {(one.place, one.path.name) for one in items if "last try" in why.get(one.path, "")}
        assert kept == {("prepare", "2")}


class TestSteps:
    def test_stay_until_their_dataset_is_prepared(self, tmp_path: Path) -> None:
        """What a case is through stays while any dataset is not prepared; afterwards it may go."""
        site = open_site(tmp_path)
        make_raw(tmp_path, site.workspace)
        site.workspace.publish("step", {"task": "outline"}, write_other)
        age(site.workspace.root)
        before = reasons(site)["step"]

        raw = catalogue.find_raw(site.workspace, 4)
        stages.prepare(raw, make_cube(CubeKind.PREPARATOR), site.context)
        age(site.workspace.root)

        assert before == {"dataset 4 is not prepared yet"}
        assert reasons(site)["step"] == FREE
