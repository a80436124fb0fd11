"""A person at a terminal: an environment of their own, a token, and the installed command."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from rounds.secret_files import write_secret

ROUNDS = Path(sys.executable).with_name("rounds")
NOWHERE = "http://127.0.0.1:9"
SECRET = "rnd_only-for-my-eyes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: its exit status, what it said, and what it complained of."""

    status: int
    said: str
    complained: str

    @property
    def line(self) -> str:
        """The one line that says what is wrong."""
        return self.complained.partition("\n")[0]

    @property
    def below(self) -> str:
        """What follows that line, for the eyes of the site only."""
        return self.complained.partition("\n")[2].strip()


@dataclass
class Terminal:
    """A terminal below `home`, signed in with `secret` at the registry at `url`, asked for a moment only."""

    home: Path
    url: str = NOWHERE
    secret: str = SECRET
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write the token's file and set the variables that name it."""
        self.home.mkdir(parents=True, exist_ok=True)
        write_secret(self.token_file, self.secret)
        named = {"ROUNDS_REGISTRY": self.url, "ROUNDS_TOKEN_FILE": str(self.token_file)}
        self.variables = {**named, **self.variables}

    @property
    def token_file(self) -> Path:
        """Where the person's token lies."""
        return self.home / "me.token"

    @property
    def workspace(self) -> Path:
        """Where the site's workspace lies, once there is a site."""
        return self.home / "site" / "workspace"

    def stand_at_site(self, **changes: object) -> None:
        """Stand at site-a, its profile with these changes; a field that becomes None is left out."""
        site = self.home / "site"
        for secret in ("key", "worker.token"):
            write_secret(site / secret, "ab" * 32)
        profile: dict[str, object] = {
            "name": "site-a",
            "engine": "process",
            "prefect": "own",
            "workspace": str(self.workspace),
            "mirror": str(site / "mirror"),
            "key_file": str(site / "key"),
            "registry": {"url": self.url, "token_file": str(site / "worker.token")},
            "release": {"min_cases": 5, "benchmarks": [1]},
        }
        fields = {key: value for key, value in {**profile, **changes}.items() if value is not None}
        (site / "profile.yaml").write_text(yaml.safe_dump(fields))
        self.variables["ROUNDS_SITE_PROFILE"] = str(site / "profile.yaml")

    def run(self, *arguments: str, typed: str = "") -> Ended:
        """How `rounds <arguments>` ends at this terminal, with `typed` on its standard input."""
        always = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}
        done = subprocess.run(
            [str(ROUNDS), "--patience", "0.2", *arguments],
            env={**always, "COLUMNS": "200", **self.variables},
            cwd=self.home,
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Ended(status=done.returncode, said=done.stdout, complained=done.stderr)
