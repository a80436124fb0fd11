"""A cube that does what its parameters say, so that a test can look at what the engine made of it."""

import ctypes
import errno
import json
import os
import resource
import signal
import socket
import subprocess
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
    sys.stdout.write("x" * 12_000_000)
    return 0


def hang(paths: dict[str, Path]) -> int:
    """Say so, and wait for ever."""
    (paths["output_path"] / "pid.txt").write_text(str(os.getpid()))
    sys.stdout.write("hanging\n")
    sys.stdout.flush()
    signal.pause()
    return 0


def reach(paths: dict[str, Path]) -> int:
    """Try every road out, and write down which let something through."""
    roads = {
        "tcp": lambda: socket.create_connection(("1.1.1.1", 443), 2),
        "udp": lambda: _send(socket.AF_INET, socket.SOCK_DGRAM, ("1.1.1.1", 53)),
        "dns": lambda: socket.getaddrinfo("example.org", 443),
        "ipv6": lambda: _send(socket.AF_INET6, socket.SOCK_DGRAM, ("2606:4700:4700::1111", 53)),
        "metadata": lambda: socket.create_connection(("169.254.169.254", 80), 2),
        "gateway": lambda: socket.create_connection(("172.17.0.1", 22), 2),
        "docker": lambda: _send(socket.AF_UNIX, socket.SOCK_STREAM, "/var/run/docker.sock"),
        "abstract": lambda: _send(socket.AF_UNIX, socket.SOCK_STREAM, "\0/containerd-shim"),
        "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        "packet": lambda: socket.socket(17, socket.SOCK_RAW, 0),
    }
    let_through = [name for name, road in roads.items() if _works(road)]
    (paths["output_path"] / "roads.json").write_text(json.dumps(let_through))
    return 0


def call_itself(paths: dict[str, Path]) -> int:
    """Connect to a socket of its own by its own name, and write down all the names that it knows."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), 2).close()
    names = json.dumps(Path("/etc/hosts").read_text().splitlines())
    (paths["output_path"] / "names.json").write_text(names)
    return 0


def _send(family: int, kind: int, address: str | tuple[str, int]) -> None:
    with socket.socket(family, kind) as sent:
        sent.connect(address)
        sent.send(b"x")


def _works(road: Callable[[], object]) -> bool:
    try:
        road()
    except OSError:
        return False
    return True


def look(paths: dict[str, Path]) -> int:
    """Write down what is mounted, and which calls to the kernel that a cube has no need of are let through."""
    mounted = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    libc = ctypes.CDLL(None, use_errno=True)
    calls = {"mount": 165, "unshare": 272, "keyctl": 250, "bpf": 321, "setns": 308}
    refused = {}
    for name, number in calls.items():
        ctypes.set_errno(0)
        libc.syscall(number, 0, 0, 0, 0, 0)
        refused[name] = ctypes.get_errno() == errno.EPERM
    seen = {
        "mounts": sorted(line[1] for line in mounted),
        "writable": sorted(line[1] for line in mounted if line[3].split(",")[0] == "rw"),
        "refused": refused,
    }
    (paths["output_path"] / "look.json").write_text(json.dumps(seen))
    return 0


def chatter(_: dict[str, Path]) -> int:
    """Print a line after another, for ever."""
    while True:
        sys.stdout.write("still here\n")
        sys.stdout.flush()
        time.sleep(0.05)


def nap(_: dict[str, Path]) -> int:
    """Do nothing for five seconds."""
    time.sleep(5)
    return 0


def multiply(_: dict[str, Path]) -> int:
    """Start processes that start processes, whatever comes of it."""
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.05)


def eat_memory(_: dict[str, Path]) -> int:
    """Take memory, and touch it, until there is none."""
    taken = []
    while True:
        taken.append(bytearray(b"x") * 10_000_000)


def fill_scratch(_: dict[str, Path]) -> int:
    """Write to the temporary folder until there is no room."""
    return _fill(Path(os.environ["TMPDIR"]))


def fill_output(paths: dict[str, Path]) -> int:
    """Write to the output until somebody says stop."""
    return _fill(paths["output_path"])


def many_files(paths: dict[str, Path]) -> int:
    """Make empty files until somebody says stop."""
    for number in range(1_000_000):
        (paths["output_path"] / str(number)).touch()
    return 0


def _fill(folder: Path) -> int:
    with (folder / "much").open("wb") as file:
        for _round in range(4_000):
            file.write(b"x" * 1_000_000)
            file.flush()
            time.sleep(0.005)
    return 0


def burn(paths: dict[str, Path]) -> int:
    """Keep two processes busy for two seconds, and write down the share of a CPU that they had."""
    begin, child = time.monotonic(), os.fork()
    while time.monotonic() - begin < 2:
        pass
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    used = sum(
        resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    (paths["output_path"] / "share.json").write_text(json.dumps(used / (time.monotonic() - begin)))
    return 0


def leave_child(paths: dict[str, Path]) -> int:
    """End at once, but leave a child that holds on to the output for ever."""
    code = "import signal; signal.pause()"
    child = subprocess.Popen([sys.executable, "-I", "-c", code])
    (paths["output_path"] / "pid.txt").write_text(str(child.pid))
    return 0


Act = Callable[[dict[str, Path]], int]
ACTS: dict[str, Act] = {name: act for name, act in globals().items() if callable(act)}


def main() -> int:
    """Do what the parameters say and return the exit status."""
    paths = mounts()
    act = str(json.loads(paths["parameters_file"].read_text())["act"])
    return ACTS[act](paths)


if __name__ == "__main__":
    sys.exit(main())
