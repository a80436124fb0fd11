"""What a site fetches comes by its own ways, and lies there whole and checked."""

from pathlib import Path
from threading import Thread

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import Code, IntegrityError, RoundsError, RunnerError, SpecError, Unreachable
from rounds.fetching.fetcher import Fetcher
from site_profiles.fetching import Fetching
from tests.contract.fetching_hosts import (
    CONTENT,
    NAME,
    host,
    make_fetcher,
    offer,
)

SHA256 = sha256_bytes(CONTENT)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file shall lie."""
    return tmp_path / "mirror" / "file"


class TestFetch:
    def test_puts_the_file_there(self, target: Path) -> None:
        """The file lies at its target, with no part beside it."""
        with host(offer()) as server:
            make_fetcher(server.server_port).fetch(
                f"http://{NAME}:{server.server_port}/file", target, sha256=SHA256
            )

        assert target.read_bytes() == CONTENT
        assert sorted(path.name for path in target.parent.iterdir()) == [".file.lock", "file"]

    def test_sends_the_question_only(self, target: Path) -> None:
        """A host is sent the name it is listed under and the path, and nothing of the site."""
        with host(offer()) as server:
            port = server.server_port
            make_fetcher(port).fetch(f"http://{NAME}:{port}/a;v=1?b=c;d#e", target, sha256=SHA256)

        assert [seen.path for seen in server.seen] == ["/a;v=1?b=c;d"]
        assert server.seen[0].headers == {"host": f"{NAME}:{port}", "accept-encoding": "identity"}

    def test_tells_its_progress(self, target: Path) -> None:
        """Whoever waits is told how many bytes are there, of how many."""
        told: list[tuple[int, int | None]] = []
        with host(offer()) as server:
            url = f"http://{NAME}:{server.server_port}/"

            make_fetcher(server.server_port).fetch(
                url, target, sha256=SHA256, progress=lambda done, total: told.append((done, total))
            )

        assert told[0] == (0, len(CONTENT))
        assert told[-1] == (len(CONTENT), len(CONTENT))
        assert told == sorted(told)

    def test_asks_nothing_for_what_is_there(self, target: Path) -> None:
        """A file that is there and right is not asked for again."""
        with host(offer()) as server:
            url, fetcher = f"http://{NAME}:{server.server_port}/", make_fetcher(server.server_port)
            for _ in range(2):
                fetcher.fetch(url, target, sha256=SHA256)

        assert len(server.seen) == 1

    def test_publishes_nothing_wrong(self, target: Path) -> None:
        """Bytes with another sha256 are removed, and nothing takes the target's name."""
        with host(offer(b"other")) as server:
            url = f"http://{NAME}:{server.server_port}/"

            with pytest.raises(IntegrityError, match=f"needed {SHA256}"):
                make_fetcher(server.server_port).fetch(url, target, sha256=SHA256)

        assert [path.name for path in target.parent.iterdir()] == [".file.lock"]

    def test_two_at_once_ask_once(self, target: Path) -> None:
        """A second caller for one target waits, and finds the file."""
        with host(offer()) as server:
            url, fetcher = f"http://{NAME}:{server.server_port}/", make_fetcher(server.server_port)
            callers = [
                Thread(target=fetcher.fetch, args=(url, target), kwargs={"sha256": SHA256})
                for _ in range(3)
            ]
            for caller in callers:
                caller.start()
            for caller in callers:
                caller.join()

        assert len(server.seen) == 1
        assert target.read_bytes() == CONTENT

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (404, SpecError),
            (403, SpecError),
            (204, SpecError),
            (503, Unreachable),
            (429, Unreachable),
        ],
    )
    def test_tells_who_must_act(self, status: int, kind: type[RoundsError], target: Path) -> None:
        """No file at an address is its author's fault; a host that is busy is nobody's."""
        with host(lambda ask: ask.say(status)) as server:
            url = f"http://{NAME}:{server.server_port}/"

            with pytest.raises(kind, match=f"answered HTTP {status}"):
                make_fetcher(server.server_port).fetch(url, target, sha256=SHA256)

    def test_takes_plain_bytes_only(self, target: Path) -> None:
        """An encoded body is refused, since unpacking it could fill the disk."""
        with host(lambda ask: ask.say(200, b"x", content_encoding="gzip")) as server:
            url = f"http://{NAME}:{server.server_port}/"

            with pytest.raises(IntegrityError, match="sends a file encoded"):
                make_fetcher(server.server_port).fetch(url, target, sha256=SHA256)

    @pytest.mark.parametrize("announced", [True, False])
    def test_stops_at_the_bound(self, announced: bool, target: Path) -> None:  # noqa: FBT001  # pytest's
        """A file larger than the site allows is refused, announced or not, and nothing of it stays."""
        with host(offer() if announced else lambda ask: ask.say_in_chunks(CONTENT)) as server:
            url = f"http://{NAME}:{server.server_port}/"
            fetcher = make_fetcher(server.server_port, max_gib=100_000 / 1024**3)

            with pytest.raises(IntegrityError, match="larger than the 100000 bytes") as caught:
                fetcher.fetch(url, target, sha256=SHA256)

        assert caught.value.code is Code.TOO_LARGE
        assert [path.name for path in target.parent.iterdir()] == [".file.lock"]

    def test_asks_no_rules_for_what_is_there(self, target: Path) -> None:
        """A file that was brought by hand needs no listed host, and is checked all the same."""
        target.parent.mkdir()
        target.write_bytes(CONTENT)
        fetcher = Fetcher(rules=Fetching())

        fetcher.fetch("https://files.example/", target, sha256=SHA256)

        target.write_bytes(b"other")
        with pytest.raises(IntegrityError, match=f"needed {SHA256}"):
            fetcher.fetch("https://files.example/", target, sha256=SHA256)

    def test_says_when_the_folder_is_none(self, target: Path) -> None:
        """A folder that cannot be made is told as the site's own affair."""
        target.parent.write_text("no folder")

        with pytest.raises(RunnerError, match="disk did not take"):
            make_fetcher(80).fetch(f"http://{NAME}:80/", target, sha256=SHA256)

    def test_says_when_the_disk_is_full(self, target: Path) -> None:
        """A target that cannot be written is the site's own affair."""
        target.parent.mkdir()
        (target.parent / ".file.part").symlink_to("/dev/full")
        with host(offer()) as server:
            url = f"http://{NAME}:{server.server_port}/"

            with pytest.raises(RunnerError, match="disk did not take"):
                make_fetcher(server.server_port).fetch(url, target, sha256=SHA256)
