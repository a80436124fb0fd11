"""How often a password is hashed, or held against a hash, which is dear."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType


@dataclass
class Calls:
    """A profile that counts the calls of one function."""

    code: CodeType
    count: int = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Look at one call."""
        self.count += event == "call" and frame.f_code is self.code


@contextmanager
def counting(function: Callable[..., object]) -> Iterator[Calls]:
    """The calls of a function that are made in the threads started while the block lasts."""
    calls = Calls(code_of(function))
    threading.setprofile(calls)
    try:
        yield calls
    finally:
        threading.setprofile(None)


def code_of(function: Callable[..., object]) -> CodeType:
    """By what a frame knows that it runs this function."""
    code: CodeType = function.__code__
    return code
