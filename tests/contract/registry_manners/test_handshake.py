"""Client and registry tell one another their versions."""

import httpx
import pytest

from registry_api.manners.handshake import REGISTRY_VERSION
from tests.contract.registry_manners.wire import ask, connected, head, hear


class TestHandshake:
    @pytest.mark.parametrize("client", ["0.2", "0.2.0", "0.2.0rc1", "0.10.3", "1.0.0+local", "2.0"])
    def test_answers_clients_that_are_new_enough(self, url: str, client: str) -> None:
        """A client as old as the oldest, or newer, is answered; 0.10 is newer than 0.2."""
        answer = httpx.get(f"{url}/api/v1/things/1", headers={"Rounds-Client": client})

        assert answer.status_code == 200
        assert answer.headers["Rounds-Registry"] == REGISTRY_VERSION

    @pytest.mark.parametrize("client", ["0.1", "0.1.9", "0.0.1", "0.1rc1"])
    def test_tells_older_ones_to_update(self, url: str, client: str) -> None:
        """An older client is told what was found, what is needed and what to do."""
        answer = ask(url, head(f"Rounds-Client: {client}", method="GET", path="/api/v1/things/1"))

        problem = answer.problem()

        assert answer.status == 426
        assert answer.headers["upgrade"] == "Rounds/0.2"
        assert problem["code"] == "client_too_old"
        assert problem["detail"] == (
            f"found client {client[:3]}, needed 0.2 or newer; update rounds"
        )
        assert answer.headers["rounds-registry"] == REGISTRY_VERSION

    @pytest.mark.parametrize(
        "client", [None, "", "new", "0", "0.1 or so", "0.1;a", "v0.1", "0.1" * 40]
    )
    def test_asks_nothing_of_others(self, url: str, client: str | None) -> None:
        """Browsers and curl say no version, and what is no version counts as none."""
        headers = {} if client is None else {"Rounds-Client": client}

        answer = httpx.get(f"{url}/api/v1/things/1", headers=headers)

        assert answer.status_code == 200

    def test_comes_before_the_body(self, url: str) -> None:
        """An old client's body is not waited for."""
        with connected(url) as line:
            line.sendall(head("Rounds-Client: 0.1.0", "Content-Length: 100"))
            answer = hear(line)

        assert answer.status == 426
