"""Digests name content and names, and outside of the site only under its key."""

import json
import os
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.digests import (
    CHUNK,
    SMALL,
    canonical_json,
    digest_folders,
    file_digests,
    keyed,
    sha256_bytes,
    sha256_file,
    sha256_json,
    tree_digest,
)
from tests.unit.builders import write_tree

NAMES = st.text(alphabet="abcdefgh", min_size=1, max_size=6)
TREES = st.dictionaries(NAMES, st.binary(max_size=20), min_size=2, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


def digest_of(tree: dict[str, bytes]) -> str:
    """The digest of a folder that holds `tree`."""
    with TemporaryDirectory() as folder:
        return tree_digest(file_digests(write_tree(Path(folder), tree)))


class TestSha256:
    def test_names_bytes(self) -> None:
        """The digest of no bytes is the one that the standard gives."""
        digest = sha256_bytes(b"")

        assert digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 1])
    def test_reads_a_file_to_its_end(self, tmp_path: Path, size: int) -> None:
        """A file has the digest of its bytes, wherever the chunks end."""
        content = b"x" * size
        path = tmp_path / "file"
        path.write_bytes(content)

        digest = sha256_file(path)

        assert digest == sha256_bytes(content)


class TestCanonicalJson:
    def test_has_one_form(self) -> None:
        """Keys are sorted, nothing is padded, and letters stay letters."""
        text = canonical_json({"b": [1, 2.5, None], "a": "é"})

        assert text == '{"a":"é","b":[1,2.5,null]}'.encode()

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_refuses_what_is_no_number(self, value: float) -> None:
        """JSON has no NaN and no infinity, so neither has a hashed document."""
        with pytest.raises(ValueError, match="not JSON compliant"):
            canonical_json({"score": value})

    @given(JSON)
    def test_is_read_back_as_it_was(self, value: object) -> None:
        """Whatever is hashed can be read again from its canonical form."""
        text = canonical_json({"value": value})

        assert json.loads(text) == {"value": value}

    @given(st.dictionaries(st.text(), st.integers(), min_size=2))
    def test_forgets_the_order_of_keys(self, value: dict[str, int]) -> None:
        """Two mappings with the same entries have one digest."""
        turned = dict(reversed(value.items()))

        digests = {sha256_json(value), sha256_json(turned)}

        assert len(digests) == 1


class TestFileDigests:
    def test_names_each_file_below_the_root(self, tmp_path: Path) -> None:
        """The names are relative and POSIX, the digests are those of the contents."""
        write_tree(tmp_path, {"a": b"1", "b/c": b"2"})

        digests = file_digests(tmp_path)

        assert digests == {"a": sha256_bytes(b"1"), "b/c": sha256_bytes(b"2")}

    def test_names_a_single_file_by_its_own_name(self, tmp_path: Path) -> None:
        """A file as root is named as it is, without its folder."""
        write_tree(tmp_path, {"labels.csv": b"1"})

        digests = file_digests(tmp_path / "labels.csv")

        assert digests == {"labels.csv": sha256_bytes(b"1")}

    def test_takes_names_that_are_no_text(self, tmp_path: Path) -> None:
        """An export with names in an old encoding is digested, and told apart by them."""
        for name in (b"M\xfcller", b"M\xf6ller"):
            (tmp_path / os.fsdecode(name)).write_bytes(b"1")

        digests = file_digests(tmp_path)

        one, other = ({name: digest} for name, digest in digests.items())
        assert tree_digest(one) != tree_digest(other)

    @pytest.mark.parametrize("name", ["a b", "a\nb", "'\"$(id)", "-n", "\\", "*"])
    def test_takes_names_that_a_shell_would_not(self, tmp_path: Path, name: str) -> None:
        """No name is more than a name: spaces, quotes and line ends stay what they are."""
        write_tree(tmp_path, {name: b"1", f"{name}.d/{name}": b"2"})

        digests = file_digests(tmp_path)

        assert digests == {name: sha256_bytes(b"1"), f"{name}.d/{name}": sha256_bytes(b"2")}

    @pytest.mark.parametrize("size", [0, SMALL - 1, SMALL, SMALL + 1, CHUNK + 1])
    def test_reads_a_file_to_its_end_whatever_its_size(self, tmp_path: Path, size: int) -> None:
        """Small files and large ones go different ways to the same digest."""
        write_tree(tmp_path, {"a": b"x" * size})

        digests = file_digests(tmp_path)

        assert digests == {"a": sha256_bytes(b"x" * size)}

    def test_keeps_one_order(self, tmp_path: Path) -> None:
        """The names come sorted, whether their files are small or large."""
        write_tree(tmp_path, {"d": b"", "c": b"x" * (SMALL + 1), "b/a": b"1", "a": b"x" * CHUNK})

        names = list(file_digests(tmp_path))

        assert names == ["a", "b/a", "c", "d"]

    def test_holds_no_file_in_memory(self, tmp_path: Path) -> None:
        """A large file costs a chunk for each core, not its size."""
        with (tmp_path / "a").open("wb") as file:
            file.truncate(16 * CHUNK)
        tracemalloc.start()

        file_digests(tmp_path)

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2 * CHUNK


class TestTreeDigest:
    def test_changes_when_two_labels_are_swapped(self) -> None:
        """Two cases that swap their labels make another dataset."""
        before = {"case-1.txt": b"benign", "case-2.txt": b"malignant"}
        after = {"case-1.txt": b"malignant", "case-2.txt": b"benign"}

        digests = {digest_of(before), digest_of(after)}

        assert len(digests) == 2

    def test_changes_when_two_files_swap_names(self, tmp_path: Path) -> None:
        """The bytes on the disk are the same, but each under the other's name."""
        write_tree(tmp_path, {"a": b"1", "b": b"2"})
        before = tree_digest(file_digests(tmp_path))
        (tmp_path / "a").rename(tmp_path / "c")
        (tmp_path / "b").rename(tmp_path / "a")
        (tmp_path / "c").rename(tmp_path / "b")

        after = tree_digest(file_digests(tmp_path))

        assert after != before

    @given(TREES, st.data())
    @settings(max_examples=50)
    def test_changes_with_any_swap(self, tree: dict[str, bytes], data: st.DataObject) -> None:
        """Swapping the contents of any two files changes the digest unless they are equal."""
        one, other = data.draw(st.permutations(sorted(tree)))[:2]
        swapped = tree | {one: tree[other], other: tree[one]}

        same = digest_of(tree) == digest_of(swapped)

        assert same == (tree[one] == tree[other])

    @given(TREES, TREES)
    @settings(max_examples=50)
    def test_is_equal_for_equal_trees_only(
        self, one: dict[str, bytes], other: dict[str, bytes]
    ) -> None:
        """Two folders have one digest if and only if names and contents are equal."""
        same = digest_of(one) == digest_of(other)

        assert same == (one == other)


class TestDigestFolders:
    def test_tells_the_folders_apart(self, tmp_path: Path) -> None:
        """Data and labels cannot change places."""
        data = write_tree(tmp_path / "data", {"a": b"1"})
        labels = write_tree(tmp_path / "labels", {"a": b"2"})

        digests = {digest_folders([data, labels]), digest_folders([labels, data])}

        assert len(digests) == 2

    def test_forgets_where_the_folders_lie(self, tmp_path: Path) -> None:
        """An export that was moved is the same export."""
        one = write_tree(tmp_path / "one" / "data", {"a": b"1"})
        other = write_tree(tmp_path / "other" / "raw", {"a": b"1"})

        digests = {digest_folders([one]), digest_folders([other])}

        assert len(digests) == 1


class TestKeyed:
    def test_differs_for_each_key(self) -> None:
        """Who has the data but not the site's key cannot tell whether a site has it too."""
        digest = sha256_bytes(b"an export")

        seen = {digest, keyed(digest, b"one site"), keyed(digest, b"another site")}

        assert len(seen) == 3

    def test_is_the_same_each_time(self) -> None:
        """A site tells the registry one digest of one dataset."""
        digest = sha256_bytes(b"an export")

        seen = {keyed(digest, b"one site"), keyed(digest, b"one site")}

        assert len(seen) == 1
