"""Files from elsewhere: fetched by the site's rules, whole and checked, or not there.

1. The URL and every redirect are held against the rules; `connections` checks each address behind them.
2. The bytes go to a part beside the target, never more than announced and than the rules allow.
3. A part that was cut goes on where it ended if the host says, by a strong ETag, that it is the same file.
4. The whole part is checked and takes the target's name by one rename. What fails the check is removed.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rounds.digests import sha256_file
from rounds.errors import Code, IntegrityError, SpecError, Unreachable
from rounds.fetching.addresses import Place, check_place, read_redirect, read_url
from rounds.fetching.answers import Body, read_body
from rounds.fetching.connections import Answer, Deadline, Resolve, ask, resolve_name
from rounds.fetching.parts import Note, Part, held, opened
from site_profiles.fetching import Fetching

Progress = Callable[[int, int | None], None]
Check = Callable[[Path], None]

MAX_REDIRECTS = 5
TRIES = 5
_GIB = 1024**3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def unheard(_done: int, _total: int | None) -> None:
    """The `Progress` that nobody listens to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """What a site fetches with. `resolve` is the resolver; a test brings its own."""

    rules: Fetching
    resolve: Resolve = resolve_name

    def fetch(
        self,
        url: str,
        target: Path,
        *,
        sha256: str,
        progress: Progress = unheard,
        bearer: str = "",
    ) -> None:
        """Put the file named by `sha256` at `target`, from `url`; nothing is asked if it is there.

        Raises:
            SpecError, IntegrityError, Unreachable, RunnerError: As `fetch_checked`.
        """
        check = has_sha256(sha256)
        self.fetch_checked(url, target, check=check, progress=progress, bearer=bearer)

    def fetch_checked(
        self,
        url: str,
        target: Path,
        *,
        check: Check,
        progress: Progress = unheard,
        bearer: str = "",
    ) -> None:
        """Put what `url` answers at `target` if `check` finds nothing wrong with the file.

        A file that is there is checked, and nothing is asked of the network or the rules. A second caller
        for the same target waits for the first.

        Args:
            check: Raises an `IntegrityError` about a file that is not the wanted one.
            progress: Is told how many bytes are there, and of how many if the host says.
            bearer: A token for the URL's own https origin; no other host is shown it.

        Raises:
            SpecError: The URL, a redirect or an address behind them is not allowed, or there is no file.
            IntegrityError: What came is not the wanted file or too large, or the host cannot prove who it
                is. Nothing of it is kept.
            Unreachable: No answer, or not all of it in time; the next call goes on from there.
            RunnerError: The disk is full, or the target's folder cannot be written.
        """
        if target.exists():
            check(target)
            return
        place = read_url(url)
        check_place(place, self.rules)
        with held(target):
            if target.exists():  # somebody else was faster
                check(target)
                return
            way = _Way(place, self.rules, self.resolve, Deadline(self.rules.timeout_s), bearer)
            with opened(target) as part, _dropped_if_wrong(part):
                _bring(way, part, progress)
                check(part.path)
                part.publish()


def has_sha256(sha256: str) -> Check:
    """The `Check` that a file is what `sha256` names."""

    def check(path: Path) -> None:
        if (found := sha256_file(path)) != sha256:
            message = f"a fetched file has sha256 {found}, needed {sha256}; whoever offers it must put the right one there"
            raise IntegrityError(message)

    return check


@dataclass(frozen=True, slots=True)
class _Way:
    """How one file is asked for, through all its redirects and tries."""

    place: Place
    rules: Fetching
    resolve: Resolve
    deadline: Deadline
    bearer: str

    @contextmanager
    def followed(self, headers: Mapping[str, str]) -> Iterator[Answer]:
        """The first answer that is no redirect; each hop is held against the rules."""
        place = self.place
        for _ in range(MAX_REDIRECTS + 1):
            check_place(place, self.rules)
            asked = {"Accept-Encoding": "identity", **headers, **self._login(place)}
            with self._ask(place, asked) as answer:
                if answer.status not in _REDIRECTS:
                    yield answer
                    return
                place = read_redirect(place, answer.headers.get("location", ""))
        raise SpecError(f"found more than {MAX_REDIRECTS} redirects, needed a file")

    def _ask(self, place: Place, headers: Mapping[str, str]) -> AbstractContextManager[Answer]:
        return ask(place, headers, rules=self.rules, resolve=self.resolve, deadline=self.deadline)

    def _login(self, place: Place) -> dict[str, str]:
        own = place.scheme == "https" and place.origin == self.place.origin
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer and own else {}


def _bring(way: _Way, part: Part, progress: Progress) -> None:
    """Bring the whole file into `part`; a cut one is taken up again while each try brings bytes."""
    for tried in range(1, TRIES + 1):
        had = part.size
        try:
            if not (_go_on(way, part, progress) or _go_on(way, part, progress)):
                raise IntegrityError("a host sends parts of a file that nobody asked for; refused")
        except Unreachable:
            if part.size <= had or tried == TRIES:
                raise
        else:
            part.sync()
            return


def _go_on(way: _Way, part: Part, progress: Progress) -> bool:
    """Whether the rest came. If not, the host has another file by now, and the part is empty again."""
    note = part.note()
    if note is None or note.url != way.place.url:
        note = None
        part.restart()
    asked = {"Range": f"bytes={part.size}-", "If-Range": note.etag} if note else {}
    with way.followed(asked) as answer:
        body = read_body(answer)
        if body is None or not _fits(body, part, note):
            part.restart()
            return False
        if body.is_whole:
            part.restart(Note(url=way.place.url, etag=body.etag) if body.etag else None)
        _read(answer, part, total=body.total, rules=way.rules, progress=progress)
        return True


def _fits(body: Body, part: Part, note: Note | None) -> bool:
    if body.is_whole:
        return True
    same = note is not None and body.etag in (None, note.etag)
    return same and body.begins == part.size


def _read(
    answer: Answer, part: Part, *, total: int | None, rules: Fetching, progress: Progress
) -> None:
    most = int(rules.max_gib * _GIB)
    if total is not None and total > most:
        raise _too_large(most)
    progress(part.size, total)
    for chunk in answer.chunks:
        if part.size + len(chunk) > (most if total is None else total):
            raise _too_large(most if total is None else total)
        part.write(chunk)
        progress(part.size, total)
    if total is not None and part.size < total:
        raise Unreachable("a host sent less of a file than it announced; run again to go on")


def _too_large(most: int) -> IntegrityError:
    message = f"found a file larger than the {most} bytes that were announced or allowed; refused"
    return IntegrityError(message, code=Code.TOO_LARGE)


@contextmanager
def _dropped_if_wrong(part: Part) -> Iterator[None]:
    try:
        yield
    except (IntegrityError, SpecError):
        part.drop()
        raise
