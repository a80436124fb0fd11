"""Requests by hand, where a test wants the answer as it came and not what the client makes of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from tests.contract.registry.builders import make_cube

PATIENCE_S = 30


@dataclass(frozen=True)
class Asker:
    """Somebody with a token, who takes the first answer."""

    url: str
    secret: str

    def register(self, name: str) -> httpx.Response:
        """The answer to a new cube; asked with the same name, it is the same request."""
        return self.post("/cubes", make_cube(name).model_dump_json(), key=f"cube-{name}")

    def post(
        self, path: str, content: str | bytes | Iterable[bytes], *, key: str | None = None
    ) -> httpx.Response:
        """The answer to a POST of JSON."""
        headers = {"Content-Type": "application/json", **self._token()}
        if key is not None:
            headers["Idempotency-Key"] = key
        return httpx.post(
            f"{self.url}/api/v1{path}", content=content, headers=headers, timeout=PATIENCE_S
        )

    def get(self, path: str) -> httpx.Response:
        """The answer to a GET."""
        address = f"{self.url}/api/v1{path}"
        return httpx.get(address, headers=self._token(), timeout=PATIENCE_S)

    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


def is_problem(answer: httpx.Response, status: int) -> bool:
    """Whether an answer is a problem with this status."""
    return (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
