"""What is not this site's own dataset, bit for bit, is not imported, and nothing of it appears."""

from dataclasses import replace
from pathlib import Path

import pytest

from rounds import catalogue
from rounds.digests import sha256_json
from rounds.errors import Conflict, IntegrityError, RoundsError, SpecError
from rounds.records.cubes import State
from rounds.sites import Site
from rounds.transfer.contents import Content, Manifest, Section, check_consistent
from rounds.transfer.exporting import export_dataset
from rounds.transfer.importing import import_dataset
from tests.unit.builders import write_tree
from tests.unit.transfer_sites import has_nothing, know, new_site, old_site

DEVELOPMENT, OPERATION = State.DEVELOPMENT, State.OPERATION


def exported(root: Path, state: State) -> tuple[Site, Path]:
    """The old site, and the file of its dataset."""
    old, _ = old_site(root / "old", state)
    export_dataset(old, 4, root / "four.tar")
    return old, root / "four.tar"


def restore(site: Site, file: Path) -> catalogue.Entry:
    """Raw data restored beside the archive."""
    return import_dataset(site, file, data=file.parent / "d", labels=file.parent / "l")


class TestRefused:
    def test_is_what_is_there_already(self, tmp_path: Path) -> None:
        """A dataset that is in the catalogue is not imported over it."""
        old, file = exported(tmp_path, OPERATION)

        with pytest.raises(Conflict, match="dataset 4 is in this site's catalogue"):
            import_dataset(old, file)

    @pytest.mark.parametrize(
        ("field", "value", "match"),
        [
            ("registry", {"url": "http://other.test"}, "is of another registry"),
            ("name", "site-b", "is of site site-a, needed one of site-b"),
        ],
    )
    def test_is_what_is_from_elsewhere(
        self, tmp_path: Path, field: str, value: object, match: str
    ) -> None:
        """An archive of another registry, or of another site, is refused."""
        old, file = exported(tmp_path, OPERATION)
        new = new_site(tmp_path / "new", old)
        if isinstance(value, dict):
            value = new.profile.registry.model_copy(update=value)
        other = replace(new, profile=new.profile.model_copy(update={field: value}))

        with pytest.raises(SpecError, match=match):
            import_dataset(other, file)

        assert has_nothing(other)

    def test_is_what_another_key_names(self, tmp_path: Path) -> None:
        """With another hospital's key the digests are others than the registered ones."""
        old, file = exported(tmp_path, OPERATION)
        new = replace(new_site(tmp_path / "new", old), key=b"another")

        with pytest.raises(SpecError, match="this site's key gives another digest"):
            import_dataset(new, file)

        assert has_nothing(new)

    @pytest.mark.parametrize(("raw", "prepared"), [("1" * 64, None), (None, "1" * 64)])
    def test_is_what_is_not_registered(
        self, tmp_path: Path, raw: str | None, prepared: str | None
    ) -> None:
        """An archive whose raw or prepared data is not the registered one is refused, however sound."""
        old, file = exported(tmp_path, OPERATION)
        entry = catalogue.find_entry(old.workspace, 4)
        new = know(new_site(tmp_path / "new", old), raw or entry.digest, prepared or "", OPERATION)

        with pytest.raises(IntegrityError, match=r"is not (of )?what is registered"):
            import_dataset(new, file)

        assert has_nothing(new)

    @pytest.mark.parametrize("state", [DEVELOPMENT, OPERATION])
    def test_is_any_flipped_bit(self, tmp_path: Path, state: State) -> None:
        """A bit flipped anywhere (manifest, header, content, padding, end) is found, and nothing appears."""
        old, file = exported(tmp_path, state)
        new = new_site(tmp_path / "new", old)
        sound = file.read_bytes()
        taken = []

        for at in range(0, len(sound), 97):
            file.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
            try:
                restore(new, file) if state is DEVELOPMENT else import_dataset(new, file)
            except RoundsError:
                continue
            taken.append(at)

        assert taken == []
        assert has_nothing(new)
        assert {path.name for path in tmp_path.iterdir()} == {"old", "new", "four.tar"}

    @pytest.mark.parametrize("change", ["cut", "more"])
    def test_is_what_is_too_short_or_too_long(self, tmp_path: Path, change: str) -> None:
        """An archive that was cut, or to which something was added, is refused."""
        old, file = exported(tmp_path, OPERATION)
        sound = file.read_bytes()
        file.write_bytes(sound[:-1] if change == "cut" else sound + b"\0")

        with pytest.raises(IntegrityError, match="damaged or was changed"):
            import_dataset(new_site(tmp_path / "new", old), file)

    def test_is_a_taken_folder(self, tmp_path: Path) -> None:
        """Raw data goes into a new or an empty folder, over nothing."""
        old, file = exported(tmp_path, DEVELOPMENT)
        new = new_site(tmp_path / "new", old)
        write_tree(tmp_path / "d", {"other.csv": b"1"})

        with pytest.raises(SpecError, match="needed a new or an empty folder"):
            restore(new, file)

        assert [path.name for path in (tmp_path / "d").iterdir()] == ["other.csv"]
        assert not (tmp_path / "l").exists()

    def test_is_raw_data_that_goes_nowhere(self, tmp_path: Path) -> None:
        """Where raw data goes must be said, two folders beside one another; for prepared data it is not."""
        old, file = exported(tmp_path, DEVELOPMENT)
        new = new_site(tmp_path / "new", old)

        with pytest.raises(SpecError, match="needed --data and --labels"):
            import_dataset(new, file)
        with pytest.raises(SpecError, match="two beside one another"):
            import_dataset(new, file, data=tmp_path / "d", labels=tmp_path / "d" / "l")

    def test_is_no_archive(self, tmp_path: Path) -> None:
        """A file that is something else, and one that is not there, are refused in one line."""
        old, _ = exported(tmp_path, OPERATION)
        (tmp_path / "zeros").write_bytes(bytes(2048))

        with pytest.raises(IntegrityError, match="damaged or was changed"):
            import_dataset(new_site(tmp_path / "new", old), tmp_path / "zeros")
        with pytest.raises(SpecError, match="found no archive"):
            import_dataset(old, tmp_path / "nothing")

    @pytest.mark.parametrize(
        "names",
        [("../x",), ("%2Fx",), ("a//b",), ("a/%2E%2E/b",), ("a%00",), ("a", "a/b"), ("%61", "a")],
    )
    def test_is_a_name_that_leaves_its_folder(self, names: tuple[str, ...]) -> None:
        """Names that lead out of their folder, or are there twice, are refused before anything is written."""
        files = tuple(Content(name=name, size=0, sha256="0" * 64) for name in names)
        sections = (Section(place="data", files=files), Section(place="labels", files=()))
        manifest = Manifest(
            registry="http://registry.test",
            site="site-a",
            dataset_id=4,
            benchmark_id=3,
            state=DEVELOPMENT,
            raw=sha256_json([section.output for section in sections]),
            keyed_raw="0" * 64,
            keyed_prepared=None,
            sections=sections,
        )

        with pytest.raises(IntegrityError, match="damaged or was changed") as caught:
            check_consistent(manifest)

        assert "name" in caught.value.detail
