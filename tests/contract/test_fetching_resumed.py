"""A download that was cut goes on where it ended, and one that does not end is ended."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError, Unreachable
from tests.contract.fetching_hosts import (
    CONTENT,
    NAME,
    Answer,
    Handler,
    Host,
    host,
    make_fetcher,
    offer,
    write,
)

SHA256 = sha256_bytes(CONTENT)
CUTS = [0, 1, len(CONTENT) - 1, *random.Random(11).sample(range(len(CONTENT)), 5)]  # noqa: S311


def cut_after(ask: Handler, n_bytes: int, etag: str | None = '"one"') -> None:
    """Announce the whole file, send so many bytes of it, and hang up."""
    ask.send_response(200)
    ask.send_header("content-length", str(len(CONTENT)))
    if etag is not None:
        ask.send_header("etag", etag)
    ask.end_headers()
    ask.wfile.write(CONTENT[:n_bytes])
    ask.close_connection = True


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other."""
    left: Iterator[Answer] = iter(answers)
    return lambda ask: next(left)(ask)  # noqa: PLW0108  # the next one, at each question


def cut(n_bytes: int, etag: str | None = '"one"') -> Answer:
    """The answer that is cut after so many bytes."""
    return lambda ask: cut_after(ask, n_bytes, etag)


def url_of(server: Host) -> str:
    """Where the server offers its file."""
    return f"http://{NAME}:{server.server_port}/file"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file shall lie."""
    return tmp_path / "mirror" / "file"


class TestResume:
    @pytest.mark.parametrize("at", CUTS)
    def test_goes_on_at_any_byte(self, at: int, target: Path) -> None:
        """What came is kept, and only the rest is asked for, of the very same file."""
        with host(in_turn(cut(at), cut(0), offer())) as server:
            fetcher = make_fetcher(server.server_port)
            with pytest.raises(Unreachable, match="was cut"):
                fetcher.fetch(url_of(server), target, sha256=SHA256)
            if at == 0:
                server.answer = offer()

            fetcher.fetch(url_of(server), target, sha256=SHA256)

        assert target.read_bytes() == CONTENT
        asked = [seen.headers.get("range") for seen in server.seen]
        assert asked == ([None, None] if at == 0 else [None, f"bytes={at}-", None])

    @pytest.mark.parametrize("at", CUTS[1:])
    def test_goes_on_at_once(self, at: int, target: Path) -> None:
        """While each try brings bytes, one call takes up what was cut."""
        with host(in_turn(cut(at), offer())) as server:
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert target.read_bytes() == CONTENT
        assert server.seen[1].headers["range"] == f"bytes={at}-"
        assert server.seen[1].headers["if-range"] == '"one"'

    def test_goes_on_in_another_process(self, target: Path) -> None:
        """Another call finds the part and goes on, a part that grew in between refusals included."""
        with host(in_turn(cut(1000), *[lambda ask: ask.say(503)] * 2, offer())) as server:
            for _ in range(2):
                with pytest.raises(Unreachable, match="HTTP 503"):
                    make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert target.read_bytes() == CONTENT
        assert server.seen[-1].headers["range"] == "bytes=1000-"

    def test_gives_up_a_host_that_always_cuts(self, target: Path) -> None:
        """Five tries are made in one call, not more."""

        def answer(ask: Handler) -> None:
            cut_after(ask, 10 * len(server.seen), etag=None)

        with host(answer) as server, pytest.raises(Unreachable, match="was cut"):
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert len(server.seen) <= 5

    def test_begins_anew_with_another_file(self, target: Path) -> None:
        """A host with another ETag by now sends the whole, and nothing of the first is left in it."""
        other = offer(CONTENT[::-1], etag='"two"')
        with host(in_turn(cut(1000), other)) as server:
            make_fetcher(server.server_port).fetch(
                url_of(server), target, sha256=sha256_bytes(CONTENT[::-1])
            )

        assert server.seen[1].headers["range"] == "bytes=1000-"

    @pytest.mark.parametrize("etag", [None, 'W/"one"'])
    def test_begins_anew_without_a_strong_etag(self, etag: str | None, target: Path) -> None:
        """Without a strong ETag nothing says that the bytes belong together."""
        with host(in_turn(cut(1000, etag), offer())) as server:
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert "range" not in server.seen[1].headers

    @pytest.mark.parametrize(
        "answer",
        [
            lambda ask: ask.say(416),
            lambda ask: ask.say(206, b"x", content_range="bytes 5-5/9", etag='"one"'),
            lambda ask: ask.say(206, b"x", content_range="bytes 1000-1000/1001", etag='"two"'),
        ],
    )
    def test_begins_anew_with_what_does_not_fit(self, answer: Answer, target: Path) -> None:
        """A range that is not there, another range, or one of another file: the whole is asked for."""
        with host(in_turn(cut(1000), answer, offer())) as server:
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert target.read_bytes() == CONTENT
        assert [seen.headers.get("range") for seen in server.seen] == [None, "bytes=1000-", None]

    def test_refuses_parts_that_nobody_asked_for(self, target: Path) -> None:
        """A host that sends a part unasked sends no file."""
        with (
            host(lambda ask: ask.say(206, b"x", content_range="bytes 0-0/1")) as server,
            pytest.raises(IntegrityError, match="parts of a file that nobody asked for"),
        ):
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

    def test_refuses_a_part_of_another_file(self, target: Path) -> None:
        """Parts that lie about belonging together do not pass the sha256."""
        with (
            host(in_turn(cut(1000), offer(CONTENT[::-1]))) as server,
            pytest.raises(IntegrityError, match="a fetched file has sha256"),
        ):
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert [path.name for path in target.parent.iterdir()] == [".file.lock"]


class TestLies:
    def test_of_more_than_announced_are_cut_off(self, target: Path) -> None:
        """Bytes beyond the announced length are no part of the file."""

        def answer(ask: Handler) -> None:
            ask.say(200, CONTENT)
            ask.wfile.write(CONTENT)

        with host(answer) as server:
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

        assert target.read_bytes() == CONTENT

    def test_of_a_range_longer_than_the_file_are_refused(self, target: Path) -> None:
        """A part that runs past the size it names itself is refused."""
        lie = "bytes 1000-1001/1002"
        with (
            host(
                in_turn(
                    cut(1000),
                    lambda ask: ask.say(206, CONTENT[1000:], content_range=lie, etag='"one"'),
                )
            ) as server,
            pytest.raises(IntegrityError, match="larger than the 1002 bytes"),
        ):
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)

    @pytest.mark.parametrize("span", ["", "bytes */5", "items 0-1/2", "bytes x-1/2"])
    def test_about_the_place_are_refused(self, span: str, target: Path) -> None:
        """A part that does not say where it belongs is refused."""
        with (
            host(in_turn(cut(1000), lambda ask: ask.say(206, b"", content_range=span))) as server,
            pytest.raises(IntegrityError, match="does not say which"),
        ):
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)


class TestTime:
    def test_ends_silence(self, target: Path) -> None:
        """A host that says nothing is given up after `silence_s`."""
        with host(write(b"")) as server:
            fetcher = make_fetcher(server.server_port, silence_s=0.05)

            with pytest.raises(Unreachable, match="silent for too long"):
                fetcher.fetch(url_of(server), target, sha256=SHA256)

    def test_ends_silence_by_the_deadline(self, target: Path) -> None:
        """The last wait is no longer than what is left of the whole."""
        begin = time.monotonic()
        with host(write(b"")) as server:
            fetcher = make_fetcher(server.server_port, silence_s=60, timeout_s=0.05)

            with pytest.raises(Unreachable, match="silent for too long"):
                fetcher.fetch(url_of(server), target, sha256=SHA256)

        assert time.monotonic() - begin < 30

    @pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\n\r\n"])
    def test_ends_a_drip(self, begins: bytes, target: Path) -> None:
        """A host that sends a byte now and then, of headers or of the file, meets the deadline."""

        def answer(ask: Handler) -> None:
            ask.wfile.write(begins)
            while True:
                ask.wfile.write(b"a")
                time.sleep(0.01)

        with host(answer) as server:
            fetcher = make_fetcher(server.server_port, timeout_s=0.15)

            with pytest.raises(Unreachable, match=r"silent for too long|not done after 0.15 s"):
                fetcher.fetch(url_of(server), target, sha256=SHA256)

    def test_ends_what_is_no_http(self, target: Path) -> None:
        """Another protocol on the port is told apart from a file."""
        with (
            host(write(b"SSH-2.0-x\r\n\r\n")) as server,
            pytest.raises(Unreachable, match="does not speak HTTP"),
        ):
            make_fetcher(server.server_port).fetch(url_of(server), target, sha256=SHA256)
