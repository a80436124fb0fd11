"""PostgreSQL's programs on this machine: where they are, and as whom they run."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO

PROGRAMS = ("initdb", "postgres", "pg_isready")
ACCOUNT = "postgres"  # who runs the server for root, as whom it refuses to run
# A server runs in its data's folder, which tells it from a process that got its number after it.
CLEAN = """
cat
pid=$(head -n 1 "$0/data/postmaster.pid")
while [ "/proc/$pid/cwd" -ef "$0/data" ] && kill -QUIT "$pid"; do sleep 0.1; done
rm -rf "$0"
"""


def launch(
    command: list[str], folder: Path, stdout: int, stderr: int | BinaryIO
) -> subprocess.Popen[bytes]:
    """A started program of PostgreSQL, never as root, and out of a Ctrl-C's reach."""
    account = server_account()
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd=folder,
        user=account,
        group=account,
        extra_groups=[] if account else None,
        start_new_session=True,
    )


def clean_behind(folder: Path) -> subprocess.Popen[bytes]:
    """A process that ends the server in `folder` and deletes both once its standard input ends.

    That is at the end of its `with`, or when this process is gone, however it went.
    """
    return subprocess.Popen(
        ["sh", "-c", CLEAN, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def server_account() -> str | None:
    """The user as whom a server runs, None for oneself."""
    return ACCOUNT if os.geteuid() == 0 else None


def find_programs(installed: Path) -> Path | None:
    """The folder of a PostgreSQL's programs: the PATH's, else the newest version below `installed`."""
    versions = [path for path in installed.glob("*/bin") if path.parent.name.isdecimal()]
    folders = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.insert(0, Path(on_path).resolve().parent)
    for folder in folders:
        if all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
            return folder
    return None
