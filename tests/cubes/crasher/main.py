"""A cube that crashes as its parameters say, over a patient whose name is in its last words."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

VOLUMES = Path("/mlcommons/volumes")
MOUNTS = {
    "data_path": VOLUMES / "data",
    "parameters_file": VOLUMES / "parameters" / "parameters.yaml",
    "output_path": VOLUMES / "predictions",
}


def mounts() -> dict[str, Path]:
    """Where the mount keys lie: where the engine says, or else where the contract does."""
    told = os.environ.get("ROUNDS_MOUNTS")
    return {k: Path(v) for k, v in json.loads(Path(told).read_text()).items()} if told else MOUNTS


def fail(_: dict[str, Path]) -> int:
    """End with status 3 after a word on stderr."""
    sys.stderr.write("cannot go on\n")
    return 3


def crash(paths: dict[str, Path]) -> int:
    """Crash over a patient, in a message that names places of its own; one of them is there, in a mount."""
    named = MOUNTS["output_path"] / "mrn_12345.py"
    (paths["output_path"] / named.name).write_text("\n" * 50)
    sys.stderr.write(f'Traceback (most recent call last):\n  File "{__file__}", line 2, in old\n')
    message = (
        "no lesion in MRN-12345, Anna Janssen, 1956-03-01\n"
        f'  File "{named}", line 7, in Janssen\n'
        f'  File "{paths["output_path"] / named.name}", line 8, in Janssen\n'
        '  File "/data/MRN-12345.py", line 9, in Anna\n'
        "for patient MRN-12345"
    )
    raise ValueError(message)


def forge(_: dict[str, Path]) -> int:
    """End after a traceback that names a patient, and of this program a line that it does not have."""
    text = (
        f'  File "/data/MRN-12345.py", line 7, in Anna\n  File "{__file__}", line 19560301, in x\n'
    )
    sys.stderr.write(f"Traceback (most recent call last):\n{text}")
    sys.stderr.write(f'  File "{__file__}", line 195603, in Janssen\nValueError: MRN-12345\n')
    return 3


def lose_segment(_: dict[str, Path]) -> int:
    """Be ended as by a pointer into nothing."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def be_killed(_: dict[str, Path]) -> int:
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def swell(_: dict[str, Path]) -> int:
    """Take 100 MiB, keep them long enough to be seen, and fail."""
    taken = bytearray(b"x") * (100 << 20)
    time.sleep(2)
    return 3 if taken else 0


ACTS: dict[str, Callable[[dict[str, Path]], int]] = {
    "fail": fail,
    "crash": crash,
    "forge": forge,
    "lose_segment": lose_segment,
    "be_killed": be_killed,
    "swell": swell,
}


def main() -> int:
    """Do what the parameters say and return the exit status."""
    paths = mounts()
    act = str(json.loads(paths["parameters_file"].read_text())["act"])
    return ACTS[act](paths)


if __name__ == "__main__":
    sys.exit(main())
