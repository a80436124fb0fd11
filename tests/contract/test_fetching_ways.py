"""TLS by the hospital's own authorities, and its proxy."""

import stat
from pathlib import Path

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError, SpecError, Unreachable
from tests.contract.fetching_hosts import (
    CONTENT,
    HERE,
    NAME,
    Names,
    authority,
    host,
    make_fetcher,
    offer,
    redirect,
)

SHA256 = sha256_bytes(CONTENT)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file shall lie."""
    return tmp_path / "mirror" / "file"


@pytest.fixture
def ca_bundle(tmp_path: Path) -> Path:
    """The hospital's own authorities."""
    return authority().write(tmp_path / "ca.pem")


class TestTls:
    def test_believes_the_hospitals_authorities(self, target: Path, ca_bundle: Path) -> None:
        """The certificate is checked for the name, though the connection goes to a number."""
        with host(offer(), authority().tls()) as server:
            port = server.server_port
            make_fetcher(port, ca_bundle=ca_bundle).fetch(
                f"https://{NAME}:{port}/", target, sha256=SHA256
            )

        assert target.read_bytes() == CONTENT

    @pytest.mark.parametrize(("name", "with_bundle"), [(NAME, False), ("other.example", True)])
    def test_believes_no_other(
        self,
        name: str,
        with_bundle: bool,  # noqa: FBT001  # pytest's
        target: Path,
        ca_bundle: Path,
    ) -> None:
        """An authority that the site does not know, or a certificate for another name, ends it."""
        with host(offer(), authority().tls(name)) as server:
            port = server.server_port
            fetcher = make_fetcher(port, ca_bundle=ca_bundle if with_bundle else None)

            with pytest.raises(IntegrityError, match="certificate that is not vouched for"):
                fetcher.fetch(f"https://{NAME}:{port}/", target, sha256=SHA256)

        assert server.seen == []

    def test_says_that_the_bundle_is_none(self, target: Path, tmp_path: Path) -> None:
        """A CA bundle that cannot be read is the profile's fault."""
        fetcher = make_fetcher(1, ca_bundle=tmp_path / "none.pem")

        with pytest.raises(SpecError, match="CA bundle cannot be read"):
            fetcher.fetch(f"https://{NAME}:1/", target, sha256=SHA256)

    def test_shows_a_token_to_its_own_host_only(self, target: Path, ca_bundle: Path) -> None:
        """A redirect to another port takes no token along; one to the same host does."""
        tls = authority().tls()
        with host(offer(), tls) as far, host(redirect("/"), tls) as near:
            ports = [near.server_port, far.server_port]
            near.answer = lambda ask: redirect(
                f"https://{NAME}:{ports[1]}/" if ask.path == "/two" else "/two"
            )(ask)
            listed = [f"{NAME}:{port}" for port in ports]
            fetcher = make_fetcher(1, ca_bundle=ca_bundle, unsafe_private_hosts=listed)

            fetcher.fetch(f"https://{NAME}:{ports[0]}/", target, sha256=SHA256, bearer="t")

        assert [seen.headers.get("authorization") for seen in near.seen] == ["Bearer t"] * 2
        assert "authorization" not in far.seen[0].headers

    def test_shows_no_token_without_tls(self, target: Path) -> None:
        """A token never travels over plain http."""
        with host(offer()) as server:
            url = f"http://{NAME}:{server.server_port}/"
            make_fetcher(server.server_port).fetch(url, target, sha256=SHA256, bearer="t")

        assert "authorization" not in server.seen[0].headers


class TestProxy:
    def test_goes_through_it(self, target: Path, ca_bundle: Path, tmp_path: Path) -> None:
        """The proxy is asked to connect by name, with its login; TLS runs through it to the host."""
        login = tmp_path / "login"
        login.touch(stat.S_IRUSR | stat.S_IWUSR)
        login.write_text("ward:secret\n")
        with host(offer(), authority().tls()) as server, host(offer()) as proxy:
            proxy.ways[f"{NAME}:443"] = server.server_port
            fetcher = make_fetcher(
                1,
                names=Names({}),
                hosts=[NAME],
                ca_bundle=ca_bundle,
                proxy=f"http://{HERE}:{proxy.server_port}",
                proxy_login_file=login,
            )

            fetcher.fetch(f"https://{NAME}/file", target, sha256=SHA256)

        assert target.read_bytes() == CONTENT
        assert [seen.path for seen in proxy.seen] == [f"{NAME}:443"]
        assert proxy.seen[0].headers["proxy-authorization"] == "Basic d2FyZDpzZWNyZXQ="
        assert "proxy-authorization" not in server.seen[0].headers

    def test_is_passed_by_to_a_private_host(self, target: Path) -> None:
        """The hospital's own mirror is reached directly."""
        with host(offer()) as server, host(offer()) as proxy:
            port = server.server_port
            fetcher = make_fetcher(port, proxy=f"http://{HERE}:{proxy.server_port}")

            fetcher.fetch(f"http://{NAME}:{port}/", target, sha256=SHA256)

        assert proxy.seen == []

    @pytest.mark.parametrize(
        "url", ["https://8.8.8.8/", "https://other.example/", "https://[::1]/"]
    )
    def test_is_not_asked_for_what_is_not_listed(self, url: str, target: Path) -> None:
        """Behind a proxy the list protects: numbers and other names never reach it."""
        with host(offer()) as proxy:
            fetcher = make_fetcher(1, hosts=[NAME], proxy=f"http://{HERE}:{proxy.server_port}")

            with pytest.raises(SpecError, match=r"number in place|not on the site's list"):
                fetcher.fetch(url, target, sha256=SHA256)

        assert proxy.seen == []

    def test_of_the_environment_is_not_used(
        self, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only the profile names a proxy; variables of the environment change nothing."""
        with host(offer()) as server, host(offer()) as proxy:
            for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://{HERE}:{proxy.server_port}")
            port = server.server_port

            make_fetcher(port).fetch(f"http://{NAME}:{port}/", target, sha256=SHA256)

        assert proxy.seen == []

    def test_that_refuses_is_told(self, target: Path) -> None:
        """A proxy's refusal is the affair of whoever runs it."""
        with host(offer()) as proxy:
            fetcher = make_fetcher(1, hosts=[NAME], proxy=f"http://{HERE}:{proxy.server_port}")

            with pytest.raises(Unreachable, match="the site's proxy refused"):
                fetcher.fetch(f"https://{NAME}/", target, sha256=SHA256)
