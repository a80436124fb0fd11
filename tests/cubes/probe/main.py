"""A cube that does what its parameters say, so that a test can look at what the engine made of it."""

import json
import os
import signal
import subprocess
import sys
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


def copy(paths: dict[str, Path]) -> int:
    """Copy every input file to the output."""
    for file in paths["data_path"].iterdir():
        (paths["output_path"] / file.name).write_bytes(file.read_bytes())
    sys.stdout.write("copied\n")
    return 0


def fail(_: dict[str, Path]) -> int:
    """End with status 3 after a word on stderr."""
    sys.stderr.write("cannot go on\n")
    return 3


def report(paths: dict[str, Path]) -> int:
    """Write down what this process was given."""
    seen = {
        "arguments": sys.argv[1:],
        "environment": {k: v for k, v in os.environ.items() if k != "HOSTNAME"},
        "folder": str(Path.cwd()),
        "uid": os.getuid(),
        "stdin": sys.stdin.read(),
    }
    (paths["output_path"] / "report.json").write_text(json.dumps(seen))
    return 0


def meddle(paths: dict[str, Path]) -> int:
    """Try to change the input; 0 if that worked, 4 if it did not."""
    try:
        (paths["data_path"] / "added.txt").write_text("x")
    except OSError:
        return 4
    return 0


def probe(paths: dict[str, Path]) -> int:
    """Write down how the kernel holds this process."""
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    held = {key: status[key].strip() for key in ("CapEff", "NoNewPrivs", "Seccomp")}
    held["interfaces"] = " ".join(sorted(p.name for p in Path("/sys/class/net").iterdir()))
    try:
        Path("/written").touch()
        held["root"] = "writable"
    except OSError:
        held["root"] = "read-only"
    Path(os.environ["TMPDIR"], "scratch").write_text("x")
    (paths["output_path"] / "held.json").write_text(json.dumps(held))
    return 0


def flood(_: dict[str, Path]) -> int:
    """Print twelve million bytes."""
    for _round in range(12):
        sys.stdout.write("x" * 1_000_000)
    return 0


def hang(paths: dict[str, Path]) -> int:
    """Say so, and wait for ever."""
    (paths["output_path"] / "pid.txt").write_text(str(os.getpid()))
    sys.stdout.write("hanging\n")
    sys.stdout.flush()
    signal.pause()
    return 0


def leave_child(paths: dict[str, Path]) -> int:
    """End at once, but leave a child that holds on to the output for ever."""
    code = "import signal; signal.pause()"
    child = subprocess.Popen([sys.executable, "-I", "-c", code])
    (paths["output_path"] / "pid.txt").write_text(str(child.pid))
    return 0


ACTS = {act.__name__: act for act in (copy, fail, report, meddle, probe, flood, hang, leave_child)}


def main() -> int:
    """Do what the parameters say and return the exit status."""
    paths = mounts()
    return ACTS[json.loads(paths["parameters_file"].read_text())["act"]](paths)


if __name__ == "__main__":
    sys.exit(main())
