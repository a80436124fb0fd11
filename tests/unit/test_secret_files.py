"""A secret is in a file of its owner's, or it is not used."""

from pathlib import Path

import pytest

from rounds.errors import SpecError
from rounds.secret_files import read_secret, write_secret


class TestWriteSecret:
    def test_is_for_the_owner_only(self, tmp_path: Path) -> None:
        """A secret comes back as it was, from a file that nobody else may read."""
        path = tmp_path / "deep" / "site.key"

        write_secret(path, "s3cret")

        assert read_secret(path) == "s3cret"
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(path.parent.iterdir()) == [path]

    def test_takes_no_mode_from_what_was_left_over(self, tmp_path: Path) -> None:
        """A part that an earlier write left open to all does not make the secret so."""
        (tmp_path / "site.part").touch(mode=0o666)

        write_secret(tmp_path / "site.key", "s3cret")

        assert (tmp_path / "site.key").stat().st_mode & 0o777 == 0o600

    def test_replaces_an_older_one(self, tmp_path: Path) -> None:
        """A longer old secret leaves nothing behind in a shorter new one."""
        path = tmp_path / "site.key"
        write_secret(path, "a long old secret")

        write_secret(path, "new")

        assert read_secret(path) == "new"


class TestReadSecret:
    @pytest.mark.parametrize("content", [None, "", " \n"])
    def test_needs_a_secret(self, tmp_path: Path, content: str | None) -> None:
        """A missing or empty file is an error, not an empty secret; its path stays home."""
        path = tmp_path / "token"
        if content is not None:
            write_secret(path, content)

        with pytest.raises(SpecError, match="found no secret in its file") as caught:
            read_secret(path)

        assert str(tmp_path) not in caught.value.summary

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
    def test_refuses_what_others_can_read(self, tmp_path: Path, mode: int) -> None:
        """Any right of the group or of others is too much, and the secret is not in the message."""
        path = tmp_path / "token"
        write_secret(path, "s3cret")
        path.chmod(mode)

        with pytest.raises(SpecError, match="needed mode 0600; run chmod 600") as caught:
            read_secret(path)

        assert "s3cret" not in f"{caught.value} {caught.value.detail}"

    def test_drops_the_line_end(self, tmp_path: Path) -> None:
        """A secret that an editor saved with a line end is the secret without it."""
        path = tmp_path / "token"
        write_secret(path, "s3cret\n")

        secret = read_secret(path)

        assert secret == "s3cret"
