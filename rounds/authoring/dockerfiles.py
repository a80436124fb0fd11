"""What a Dockerfile does that a site's hold on the container breaks, told from its text alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rounds.authoring.findings import Finding, ok, warning

CHECK = "Dockerfile"
_CONTINUED = re.compile(r"\\[ \t]*\n")
_TAG = re.compile(r":[^/:]+$")
_ROOT = frozenset({"root", "0"})
_ROOTS_FOLDER = re.compile(r"(?:^|[\s\"'\[,=])/root(?:/|[\s\"'\],]|$)")


@dataclass(frozen=True, slots=True)
class _Line:
    word: str
    rest: str


def lint_dockerfile(text: str) -> list[Finding]:
    """What is to be said of a Dockerfile; warnings only, since how the image was built is the author's choice."""
    lines = list(_instructions(text))
    found = [*_of_bases(lines), *_of_last_stage(lines)]
    return found or [ok(CHECK)]


def _instructions(text: str) -> Iterator[_Line]:
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in _CONTINUED.sub(" ", plain + "\n").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            yield _Line(word.upper(), rest.strip())


def _of_bases(lines: list[_Line]) -> Iterator[Finding]:
    stages: set[str] = {"scratch"}
    for line in lines:
        if line.word != "FROM":
            continue
        base, *more = [word for word in line.rest.split() if not word.startswith("--")] or [""]
        if base.lower() not in stages and "@sha256:" not in base:
            yield _moving(base)
        stages.update(word.lower() for word in more[1:])


def _moving(base: str) -> Finding:
    if base.endswith(":latest") or not (_TAG.search(base) or "$" in base):
        says = f"found FROM {base}, which is another image tomorrow, needed a version and a digest"
    else:
        says = f"found FROM {base} without a digest, needed it to build the same again"
    return warning(CHECK, f"{says}; write {base}@sha256:... as docker inspect says")


def _of_last_stage(lines: list[_Line]) -> Iterator[Finding]:
    """What holds for the image that is run: each instruction that counts, the last of its word."""
    begins = max((place for place, line in enumerate(lines) if line.word == "FROM"), default=0)
    stage = lines[begins:]
    last = {line.word: line.rest for line in stage}
    if last.get("USER", "").partition(":")[0] in _ROOT:
        says = "found USER root, but a site runs it as another user; write to outputs and /tmp only"
        yield warning(CHECK, says)
    if "VOLUME" in last:
        says = "found VOLUME, needed none: not every engine makes one; write to outputs and /tmp"
        yield warning(CHECK, says)
    if any(line.word in ("COPY", "ADD", "WORKDIR") and _in_root(line) for line in stage):
        says = (
            "found files below /root, which root alone can read, needed another folder; try /cube"
        )
        yield warning(CHECK, says)
    if "ENTRYPOINT" in last and not last["ENTRYPOINT"].startswith("["):
        says = "found ENTRYPOINT as one text, which drops the task's name, needed a list"
        yield warning(CHECK, f'{says}: ["program", "argument"]')


def _in_root(line: _Line) -> bool:
    return bool(_ROOTS_FOLDER.search(line.rest))
