"""The site knows which folders an id stands for; the registry learns a name and a keyed digest."""

from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from rounds.catalogue import Entry, digest_raw, enter, entries, find_entry, find_raw
from rounds.digests import keyed
from rounds.enrolment import enrol_dataset
from rounds.errors import Conflict, IntegrityError, NotFound, SpecError
from rounds.pending import Pending, recall, remember
from rounds.records.datasets import Dataset
from rounds.workspace import Workspace
from tests.unit.builders import KEY, SHA, make_dataset, write_tree
from tests.unit.little_site import LittleRegistry, make_raw, make_site, refuse


def make_entry(dataset_id: int, root: Path) -> Entry:
    """The entry of a dataset whose folders are below `root`."""
    return Entry(
        dataset_id=dataset_id,
        benchmark_id=3,
        digest=SHA,
        data_path=root / "data",
        labels_path=root / "labels",
    )


def registered(body: dict[str, JsonValue]) -> httpx.Response:
    """The registry's answer to a new dataset."""
    dataset = make_dataset(**{**body, "id": 8, "organisation_id": 2})
    return httpx.Response(201, json=dataset.model_dump(mode="json"))


class TestDigestRaw:
    def test_changes_with_each_folder(self, tmp_path: Path) -> None:
        """Another value in the data or in the labels is another dataset."""
        data = write_tree(tmp_path / "data", {"a.csv": b"1"})
        labels = write_tree(tmp_path / "labels", {"a.csv": b"1"})
        digests = {digest_raw(data, labels)}

        for folder in (data, labels):
            write_tree(folder, {"a.csv": b"2"})
            digests.add(digest_raw(data, labels))

        assert len(digests) == 3

    @pytest.mark.parametrize("found", ["missing", "empty", "folders only", "broken link"])
    def test_needs_files_in_both(self, tmp_path: Path, found: str) -> None:
        """A folder that is missing or holds no file, at any depth, is no export."""
        data = write_tree(tmp_path / "data", {"a.csv": b"1"})
        (tmp_path / "empty").mkdir()
        (tmp_path / "folders only" / "inner").mkdir(parents=True)
        (tmp_path / "broken link").symlink_to("nowhere")

        with pytest.raises(IntegrityError, match="found no raw data") as caught:
            digest_raw(data, tmp_path / found)

        assert str(tmp_path) not in caught.value.summary
        assert caught.value.detail == str(tmp_path / found)

    def test_refuses_links(self, tmp_path: Path) -> None:
        """An export that leads out of its folder is refused."""
        data = write_tree(tmp_path / "data", {"a.csv": b"1"})
        (data / "link.csv").symlink_to("/etc/passwd")

        with pytest.raises(IntegrityError, match="found a link or a special file"):
            digest_raw(data, data)


class TestEntries:
    def test_come_back_by_id(self, workspace: Workspace, tmp_path: Path) -> None:
        """What was entered is found again, each under its id, in their order."""
        for number in (10, 9):
            enter(workspace, make_entry(number, tmp_path))

        found = entries(workspace)

        assert found == [make_entry(9, tmp_path), make_entry(10, tmp_path)]
        assert find_entry(workspace, 10) == make_entry(10, tmp_path)

    def test_replace_an_older_one(self, workspace: Workspace, tmp_path: Path) -> None:
        """A dataset that is entered again has one entry, the last."""
        enter(workspace, make_entry(9, tmp_path / "old"))
        enter(workspace, make_entry(9, tmp_path / "new"))

        found = entries(workspace)

        assert found == [make_entry(9, tmp_path / "new")]

    def test_of_another_site_are_not_found(self, workspace: Workspace) -> None:
        """An id that was never submitted here says what to do."""
        with pytest.raises(NotFound, match="dataset 9 is not in this site's catalogue; submit it"):
            find_entry(workspace, 9)

    def test_show_no_path(self, tmp_path: Path) -> None:
        """An entry is printed without saying where the data lies."""
        shown = repr(make_entry(9, tmp_path))

        assert str(tmp_path) not in shown

    def test_that_were_edited_wrongly_are_refused(self, workspace: Workspace) -> None:
        """A catalogue file is held against its model like every document."""
        (workspace.folder("datasets") / "9.yaml").write_text("dataset: 9\n")

        with pytest.raises(SpecError, match=r"9.yaml: found no 'dataset_id'"):
            find_entry(workspace, 9)


class TestFindRaw:
    def test_gives_what_was_registered(self, workspace: Workspace, tmp_path: Path) -> None:
        """Unchanged data is a raw dataset with the digest of its registration."""
        raw = make_raw(tmp_path, workspace)

        found = find_raw(workspace, 4)

        assert found == raw

    @pytest.mark.parametrize("name", ["data/export.csv", "labels/export.csv", "data/new.csv"])
    def test_refuses_changed_data(self, workspace: Workspace, tmp_path: Path, name: str) -> None:
        """One changed or added byte since registration is found before anything is prepared."""
        make_raw(tmp_path, workspace)
        (tmp_path / "raw" / name).write_text("p1,8\n")

        with pytest.raises(IntegrityError, match="the raw data differs from what was registered"):
            find_raw(workspace, 4)


class TestEnrol:
    def test_tells_the_registry_a_keyed_digest(self, tmp_path: Path) -> None:
        """The registry gets neither the plain digest nor a path, the catalogue both."""
        registry = LittleRegistry({"/datasets": registered})
        site = make_site(tmp_path, registry)
        data = write_tree(tmp_path / "data", {"a.csv": b"1"})

        dataset = enrol_dataset(
            site, site.registry, name="Lumps", location="North", benchmark_id=3,
            data_path=data, labels_path=data,
        )  # fmt: skip

        ((_, body),) = registry.asked
        digest = digest_raw(data, data)
        assert isinstance(dataset, Dataset)
        assert body["raw_digest"] == keyed(digest, KEY) != digest
        assert str(tmp_path) not in str(body)
        assert find_raw(site.workspace, 8).digest == digest

    def test_takes_single_files_behind_links(self, tmp_path: Path) -> None:
        """Paths are resolved before they are digested, so a link to a file stands for that file."""
        registry = LittleRegistry({"/datasets": registered})
        site = make_site(tmp_path, registry)
        data = write_tree(tmp_path / "data", {"a.csv": b"1"})
        (tmp_path / "link.csv").symlink_to(data / "a.csv")

        enrol_dataset(
            site, site.registry, name="Lumps", location="North", benchmark_id=3,
            data_path=tmp_path / "link.csv", labels_path=data,
        )  # fmt: skip

        assert find_entry(site.workspace, 8).data_path == data / "a.csv"
        assert find_raw(site.workspace, 8).dataset_id == 8

    def test_enters_nothing_that_was_refused(self, tmp_path: Path) -> None:
        """A dataset that the registry did not take is not in the catalogue."""
        site = make_site(tmp_path, LittleRegistry({"/datasets": refuse(409, "the name is taken")}))
        data = write_tree(tmp_path / "data", {"a.csv": b"1"})

        with pytest.raises(Conflict, match="the name is taken"):
            enrol_dataset(
                site, site.registry, name="Lumps", location="North", benchmark_id=3,
                data_path=data, labels_path=data,
            )  # fmt: skip

        assert entries(site.workspace) == []


class TestPending:
    def test_comes_back_as_it_was(self, workspace: Workspace) -> None:
        """What a site remembers of an execution survives its process; the last word counts."""
        first = Pending(execution_id=4, benchmark_id=3, fencing_token=1, sha256=SHA)
        second = first.model_copy(update={"fencing_token": 2})
        remember(workspace, first)
        remember(workspace, second)

        recalled = recall(workspace, 4)

        assert recalled == second
        assert (recalled.draft.subject_id, recalled.draft.sha256) == (4, SHA)

    def test_is_not_found_elsewhere(self, workspace: Workspace) -> None:
        """An execution of another site has nothing here."""
        with pytest.raises(NotFound, match="execution 4 has no draft at this site"):
            recall(workspace, 4)
