"""A person before a real terminal: what a command shows them, and what they type."""

import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.contract.repository import ROOT

LONGEST_S = 30.0


@dataclass
class Screen:
    """What stands on a terminal: `shown` grows with what the program behind it writes."""

    descriptor: int
    program: subprocess.Popen[bytes]
    shown: str = ""

    def wait_for(self, text: str) -> None:
        """Read until `text` stands there."""
        while text not in self.shown:
            assert self._read(), f"the program ended before it said {text!r}: {self.shown}"

    def write(self, text: str) -> None:
        """Type, as with the keyboard."""
        os.write(self.descriptor, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.program.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read all that is still to come; the exit status."""
        while self._read():
            pass
        return self.program.wait(LONGEST_S)

    def _read(self) -> bool:
        deadline = time.monotonic() + LONGEST_S
        while not select.select([self.descriptor], [], [], 0.1)[0]:
            assert time.monotonic() < deadline, f"nothing came after: {self.shown}"
        try:
            new = os.read(self.descriptor, 65536)
        except OSError:  # how Linux says that nobody has the other end any more
            return False
        self.shown += new.decode().replace("\r\n", "\n")
        return bool(new)


@contextmanager
def before_screen(
    *arguments: str, width: int = 100, variables: Mapping[str, str] | None = None
) -> Iterator[Screen]:
    """A terminal of this width at which `python <arguments>` was started."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, width))
    always = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    program = subprocess.Popen(
        [sys.executable, *arguments],
        env={**always, **(variables or {})},
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Screen(ours, program)
    finally:
        program.kill()
        program.wait()
        os.close(ours)
