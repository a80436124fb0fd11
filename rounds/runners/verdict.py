"""Why a call that ended badly did: told by its exit status, by the kernel, and by the last words it printed.

Of the cube's words only this much is read: whether they hold the C library's sentence for a limit that was
reached (`strerror` of ENOSPC and EAGAIN, and Python's own for a thread that cannot start). What comes out is
one code; the words themselves stay at the site.
"""

import re
import signal

from rounds.errors import Code, RunnerError
from rounds.records.crashes import SIGNALS, TASKS, Crash
from rounds.runners.base import Finished

_SIGNALLED = 128
_LARGEST_STATUS = 255
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


def failure(
    cube: str, task: str, finished: Finished, *, last_words: str, place: str | None = None
) -> RunnerError:
    """The error of a call that ended with another status than 0.

    Args:
        cube: Its name.
        task: What was asked of it.
        finished: How it ended.
        last_words: The end of its log; becomes the error's detail.
        place: Where in its image it crashed, `module:line`, if that is known.
    """
    code = Code.CUBE_MEMORY if finished.out_of_memory else _told_by(last_words)
    signal_name = _signal(finished.exit_code)
    named = f" ({signal_name})" if signal_name else ""
    status = f"ended {task} with exit status {finished.exit_code}{named}"
    why = f"; {_WHY[code]}" if code in _WHY else ""
    peak = finished.peak_memory
    used = f"; it used up to {peak // _MIB} MiB of memory" if peak else ""
    message = f"cube {cube} {status}, needed 0{why}{used}; its own words are in the site's log"
    told = Crash(
        task=task if re.fullmatch(TASKS, task) else None,
        exit_code=finished.exit_code if 0 <= finished.exit_code <= _LARGEST_STATUS else None,
        signal=signal_name if signal_name and re.fullmatch(SIGNALS, signal_name) else None,
        peak_memory_mib=peak // _MIB if peak else None,
        place=place,
    )
    return RunnerError(message, detail=last_words, code=code, crash=told)


def _told_by(words: str) -> Code:
    found = (code for sentence, code in _WORDS.items() if sentence in words)
    return next(found, Code.CUBE_FAILED)


def _signal(exit_code: int) -> str | None:
    try:
        return signal.Signals(exit_code - _SIGNALLED).name
    except ValueError:
        return None
