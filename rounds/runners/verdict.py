"""Why a call that ended badly did: told by its exit status, by the kernel, and by the last words it printed.

Of the cube's words only this much is read: whether they hold the C library's sentence for a limit that was
reached (`strerror` of ENOSPC and EAGAIN, and Python's own for a thread that cannot start). What comes out is
one code; the words themselves stay at the site.
"""

import signal

from rounds.errors import Code, RunnerError
from rounds.runners.base import Finished

_SIGNALLED = 128
_MIB = 1024**2
_WORDS = {
    "No space left on device": Code.CUBE_SCRATCH,
    "Resource temporarily unavailable": Code.CUBE_PROCESSES,
    "can't start new thread": Code.CUBE_PROCESSES,
}
_WHY = {
    Code.CUBE_MEMORY: "it was killed at the profile's limit of memory",
    Code.CUBE_SCRATCH: "its scratch was full",
    Code.CUBE_PROCESSES: "it had all the processes that it may have",
}


def failure(cube: str, task: str, finished: Finished, *, last_words: str) -> RunnerError:
    """The error of a call that ended with another status than 0.

    Args:
        cube: Its name.
        task: What was asked of it.
        finished: How it ended.
        last_words: The end of its log; becomes the error's detail.
    """
    code = Code.CUBE_MEMORY if finished.out_of_memory else _told_by(last_words)
    status = f"ended {task} with exit status {finished.exit_code}{_signal(finished.exit_code)}"
    why = f"; {_WHY[code]}" if code in _WHY else ""
    peak = finished.peak_memory
    used = f"; it used up to {peak // _MIB} MiB of memory" if peak else ""
    message = f"cube {cube} {status}, needed 0{why}{used}; its own words are in the site's log"
    return RunnerError(message, detail=last_words, code=code)


def _told_by(words: str) -> Code:
    found = (code for sentence, code in _WORDS.items() if sentence in words)
    return next(found, Code.CUBE_FAILED)


def _signal(exit_code: int) -> str:
    try:
        return f" ({signal.Signals(exit_code - _SIGNALLED).name})"
    except ValueError:
        return ""
