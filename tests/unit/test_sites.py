"""A site is put together from its profile, which says everything and defaults nothing that matters."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from rounds.errors import SpecError
from rounds.runners.apptainer import ApptainerRunner
from rounds.runners.docker import DockerRunner
from rounds.runners.process import ProcessRunner
from rounds.secret_files import write_secret
from rounds.sites import log_to_site, open_site, read_hub, read_profile
from rounds.workspace import Workspace


def make_profile(root: Path, **changes: JsonValue) -> dict[str, JsonValue]:
    """The document of a site below `root`, with its secrets written; a change to None drops the key."""
    for name in ("token", "key"):
        write_secret(root / name, f"the {name}")
    registry: dict[str, JsonValue] = {
        "url": "http://registry.test",
        "token_file": str(root / "token"),
    }
    document: dict[str, JsonValue] = {
        "name": "site-a",
        "engine": "process",
        "prefect": "own",
        "workspace": str(root / "site"),
        "mirror": str(root / "mirror"),
        "key_file": str(root / "key"),
        "registry": registry,
        "release": {"min_cases": 10, "benchmarks": [3]},
    }
    return {key: value for key, value in (document | changes).items() if value is not None}


def write_profile(root: Path, **changes: JsonValue) -> Path:
    """The file of a profile."""
    path = root / "profile.yaml"
    path.write_text(yaml.safe_dump(make_profile(root, **changes)))
    return path


@pytest.fixture
def site_log() -> Iterator[logging.Logger]:
    """The site's log, and as it was afterwards."""
    log = logging.getLogger("rounds.site")
    before, propagated = log.handlers[:], log.propagate
    yield log
    for handler in set(log.handlers).difference(before):
        handler.close()
    log.handlers[:], log.propagate = before, propagated


class TestReadProfile:
    @pytest.mark.parametrize("key", ["engine", "prefect", "release", "key_file", "workspace"])
    def test_names_what_is_missing(self, tmp_path: Path, key: str) -> None:
        """A profile without an engine, a policy or a key is refused, not filled in."""
        path = write_profile(tmp_path, **{key: None})

        with pytest.raises(SpecError, match=rf"profile\.yaml: found no '{key}'"):
            read_profile(path)

    def test_takes_no_default_for_the_smallest_number_of_cases(self, tmp_path: Path) -> None:
        """A site states its own minimum."""
        path = write_profile(tmp_path, release={"benchmarks": [3]})

        with pytest.raises(SpecError, match=r"found no 'min_cases' in release"):
            read_profile(path)

    def test_refuses_an_engine_that_is_none(self, tmp_path: Path) -> None:
        """A word that names no engine is told with those that do."""
        path = write_profile(tmp_path, engine="podman")

        with pytest.raises(SpecError, match=r"in engine, but .*'docker', 'apptainer' or 'process'"):
            read_profile(path)

    def test_hints_at_the_key_that_was_meant(self, tmp_path: Path) -> None:
        """A misspelt key is an error with the nearest known one."""
        path = write_profile(tmp_path, mirrors="elsewhere")

        with pytest.raises(SpecError, match=r"unknown key 'mirrors' .* did you mean 'mirror'"):
            read_profile(path)

    @pytest.mark.parametrize("read", [read_profile, read_hub])
    def test_says_which_variable_names_it(self, tmp_path: Path, read: type) -> None:
        """A file that is not there is told by the variable that should name it; the path stays home."""
        with pytest.raises(SpecError, match=r"needed the file that ROUNDS_\w+_PROFILE") as caught:
            read(tmp_path / "missing.yaml")

        assert str(tmp_path) not in caught.value.summary


class TestOpenSite:
    @pytest.mark.parametrize(
        ("engine", "runner"),
        [("process", ProcessRunner), ("docker", DockerRunner), ("apptainer", ApptainerRunner)],
    )
    def test_is_ready_to_work(self, tmp_path: Path, engine: str, runner: type) -> None:
        """The profile's engine, workspace and key are the site's; no engine is asked yet."""
        profile = read_profile(write_profile(tmp_path, engine=engine))

        site = open_site(profile, run="9")

        assert isinstance(site.context.runner, runner)
        assert site.workspace == Workspace(tmp_path / "site")
        assert site.key == b"the key"
        assert site.context.labels == {"rounds.site": site.label, "rounds.flow_run": "9"}
        site.registry.close()

    @pytest.mark.parametrize("name", ["key", "token"])
    def test_refuses_secrets_that_others_can_read(self, tmp_path: Path, name: str) -> None:
        """A site whose key or token is open to others does not start."""
        profile = read_profile(write_profile(tmp_path))
        (tmp_path / name).chmod(0o644)

        with pytest.raises(SpecError, match="needed mode 0600"):
            open_site(profile)

    def test_shows_no_secret(self, tmp_path: Path) -> None:
        """A site is printed without its key and its token."""
        site = open_site(read_profile(write_profile(tmp_path)))

        shown = repr(site)

        assert "the key" not in shown
        assert "the token" not in shown
        site.registry.close()


class TestLogToSite:
    def test_writes_to_the_site_only(self, tmp_path: Path, site_log: logging.Logger) -> None:
        """Details go to one file of the workspace, once, and to no other log of the process."""
        for _ in "12":
            log_to_site(Workspace(tmp_path))

        site_log.error("p-1 is Anna Mueller")

        text = (tmp_path / "logs" / "site.log").read_text()
        assert text.count("Anna Mueller") == 1
        assert site_log.propagate is False

    def test_writes_to_the_site_whose_turn_it_is(
        self, tmp_path: Path, site_log: logging.Logger
    ) -> None:
        """What one process does for a second site is not told to the first; other listeners stay."""
        listener = logging.NullHandler()
        site_log.addHandler(listener)
        for name in "ab":
            log_to_site(Workspace(tmp_path / name))

        site_log.error("p-1 is Anna Mueller")

        assert (tmp_path / "a" / "logs" / "site.log").read_text() == ""
        assert "Anna Mueller" in (tmp_path / "b" / "logs" / "site.log").read_text()
        assert listener in site_log.handlers
