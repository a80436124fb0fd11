"""What may be the name of a file that a stranger wrote: text, on one line, and not too long to open.

Names go into manifests, logs and other cubes' hands. A control character forges a line of a log or steers
the terminal that shows it; bytes that are no UTF-8 have no one form as text, so that two tools would name
one file in two ways. A site's own exports are not held to this: they are what they are.
"""

import re

MAX_DEPTH = 32
MAX_PART_BYTES = 255  # NAME_MAX of Linux, limits.h
MAX_NAME_BYTES = 1024  # a quarter of PATH_MAX: the rest is for the folders above

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_STRAY_BYTE = re.compile("[\ud800-\udfff]")


def name_fault(name: str) -> str | None:
    """What is wrong with the name of a file relative to its folder, in words that do not repeat it."""
    if _STRAY_BYTE.search(name):
        return "a name that is not UTF-8"
    if _UNPRINTABLE.search(name):
        return "a control character in a name"
    parts = name.encode().split(b"/")
    if len(parts) > MAX_DEPTH:
        return f"more than {MAX_DEPTH} folders in one another"
    if max(map(len, parts)) > MAX_PART_BYTES or sum(map(len, parts)) > MAX_NAME_BYTES:
        return f"a name of more than {MAX_PART_BYTES} bytes, or {MAX_NAME_BYTES} with its folders"
    return None
