"""Where the tests look for PostgreSQL, and what they say without it."""

from pathlib import Path

import pytest

from tests.postgres import need_postgres, why_missing
from tests.postgres_programs import PROGRAMS, find_programs


@pytest.fixture(autouse=True)
def empty_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program is on the PATH."""
    monkeypatch.setenv("PATH", "")


def install(folder: Path, *programs: str) -> None:
    """Put programs that do nothing where a PostgreSQL's would be."""
    folder.mkdir(parents=True)
    for program in programs:
        (folder / program).touch(mode=0o755)


class TestMissing:
    def test_says_how_to_install_it(self, tmp_path: Path) -> None:
        """Without the programs, one sentence says what to run."""
        reason = why_missing(tmp_path)

        assert reason is not None
        assert "run 'apt-get install postgresql'" in reason

    def test_skips_on_a_laptop(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where engines are not required, the test is skipped with that sentence."""
        monkeypatch.delenv("ROUNDS_REQUIRE_ENGINES", raising=False)

        with pytest.raises(pytest.skip.Exception, match="apt-get install postgresql"):
            need_postgres(tmp_path)

    def test_fails_where_it_is_required(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where engines are required, the test fails with that sentence."""
        monkeypatch.setenv("ROUNDS_REQUIRE_ENGINES", "1")

        with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
            need_postgres(tmp_path)


class TestFound:
    def test_takes_the_newest_whole_version(self, tmp_path: Path) -> None:
        """Versions compare as numbers, and one without its server does not count."""
        install(tmp_path / "9" / "bin", *PROGRAMS)
        install(tmp_path / "15" / "bin", *PROGRAMS)
        install(tmp_path / "17" / "bin", "pg_isready")

        assert find_programs(tmp_path) == tmp_path / "15" / "bin"

    def test_takes_the_path_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The PATH's server comes before a newer one that is installed."""
        install(tmp_path / "mine", *PROGRAMS)
        install(tmp_path / "17" / "bin", *PROGRAMS)
        monkeypatch.setenv("PATH", str(tmp_path / "mine"))

        assert find_programs(tmp_path) == tmp_path / "mine"
