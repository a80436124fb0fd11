"""A Dockerfile is read for what a site's hold on a container breaks."""

import pytest

from rounds.authoring.dockerfiles import lint_dockerfile

PINNED = f"FROM python:3.11-slim@sha256:{'0' * 64}\n"
WARNED = [
    ("FROM python:3.11-slim\n", "found FROM python:3.11-slim without a digest"),
    ("FROM python\n", "found FROM python, which is another image tomorrow"),
    ("FROM host:5000/python\n", "found FROM host:5000/python, which is another image tomorrow"),
    ("FROM python:latest\n", "found FROM python:latest, which is another image tomorrow"),
    ("FROM --platform=linux/amd64 python:3\n", "found FROM python:3 without a digest"),
    ("ARG BASE\nFROM ${BASE}\n", "found FROM ${BASE} without a digest"),
    (PINNED + "USER root\n", "found USER root"),
    (PINNED + "USER app\nUSER 0:0\n", "found USER root"),
    (PINNED + "VOLUME /data\n", "found VOLUME"),
    (PINNED + "WORKDIR /root\n", "found files below /root"),
    (PINNED + 'COPY ["main.py", "/root/main.py"]\n', "found files below /root"),
    (PINNED + "COPY main.py \\\n  /root/main.py\n", "found files below /root"),
    (PINNED + "ENTRYPOINT python main.py\n", "found ENTRYPOINT as one text"),
]
PASSED = [
    PINNED,
    PINNED + "USER root\nRUN apt-get update\nUSER app\n",
    PINNED + "# VOLUME /data\nRUN true\n",
    PINNED + 'ENTRYPOINT python\nENTRYPOINT ["python", "/cube/main.py"]\n',
    PINNED + "COPY rooted /home/rooted\n",
    PINNED.strip() + " AS build\nUSER root\nFROM build\nCOPY --from=build /x /y\n",
    "FROM scratch\n",
    "",
]


class TestDockerfile:
    @pytest.mark.parametrize(("text", "says"), WARNED)
    def test_is_warned_of(self, text: str, says: str) -> None:
        """One thing is wrong with it, and that is what is said."""
        findings = lint_dockerfile(text)

        assert [finding.verdict for finding in findings] == ["warning"]
        assert findings[0].says.startswith(says)

    @pytest.mark.parametrize("text", PASSED)
    def test_passes(self, text: str) -> None:
        """What a build does on the way, or a comment says, does not count: only the image that is run."""
        assert [finding.verdict for finding in lint_dockerfile(text)] == ["ok"]
