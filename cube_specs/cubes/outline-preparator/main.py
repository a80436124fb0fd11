"""A preparator in steps: it outlines the lesion in each scan, and asks a person where it is not sure.

Called as `main.py outline | prepare | sanity_check | statistics`; standard library only. Pictures are plain
PGM files (P2). Ends 0 when well, 10 when an outline needs a person, 1 when the sanity check fails, 2 when it
refuses, then with one line on stderr that names no case and holds nothing of a picture.
"""

import json
import os
import sys
from pathlib import Path

BASE = "/mlcommons/volumes"
PARAMETERS = {"parameters_file": f"{BASE}/parameters/parameters.yaml"}
PREPARED = PARAMETERS | {"data_path": f"{BASE}/data", "labels_path": f"{BASE}/labels"}
VOLUMES = {
    "outline": {**PARAMETERS, "scan": f"{BASE}/scan", "mask": f"{BASE}/mask"},
    "prepare": {
        **PARAMETERS,
        "scans": f"{BASE}/raw_data",
        "masks": f"{BASE}/masks",
        "output_path": f"{BASE}/data",
        "output_labels_path": f"{BASE}/labels",
    },
    "sanity_check": PREPARED,
    "statistics": PREPARED | {"output_path": f"{BASE}/statistics/statistics.yaml"},
}
WELL, FAILED, REFUSED, NEEDS_A_PERSON = 0, 1, 2, 10
Picture = list[list[int]]


class Refused(Exception):
    """What was found, what was needed: one line."""


def mounts(task: str) -> dict[str, Path]:
    """Where each mount key lies: as ROUNDS_MOUNTS says, else at the contract's own paths."""
    told = os.environ.get("ROUNDS_MOUNTS")
    places = json.loads(Path(told).read_text(encoding="utf-8")) if told else VOLUMES[task]
    return {key: Path(place) for key, place in places.items()}


def outline(paths: dict[str, Path], parameters: dict) -> int:
    """Write mask.pgm, 1 where the scan is bright; too small or at the border it needs a person."""
    scan = read_picture(paths["scan"] / "scan.pgm")
    pixels = [pixel for row in scan for pixel in row]
    edge = min(pixels) + parameters["threshold"] * (max(pixels) - min(pixels))
    mask = [[int(pixel > edge) for pixel in row] for row in scan]
    write_picture(paths["mask"] / "mask.pgm", mask, brightest=1)
    border = [*mask[0], *mask[-1], *(row[0] for row in mask), *(row[-1] for row in mask)]
    is_sure = area(mask) >= parameters["smallest_area"] and not any(border)
    return WELL if is_sure else NEEDS_A_PERSON


def prepare(paths: dict[str, Path], _: dict) -> int:
    """Write data/<case>.pgm and labels/<case>.pgm of every case that has a mask."""
    for mask in sorted(paths["masks"].glob("*/mask.pgm")):
        name = f"{mask.parent.name}.pgm"
        scan = paths["scans"] / mask.parent.name / "scan.pgm"
        (paths["output_path"] / name).write_bytes(scan.read_bytes())
        (paths["output_labels_path"] / name).write_bytes(mask.read_bytes())
    return WELL


def sanity_check(paths: dict[str, Path], _: dict) -> int:
    """Every scan has a mask of its size, of zeros and at least a one."""
    for scan in paths["data_path"].glob("*.pgm"):
        picture, mask = read_picture(scan), read_picture(paths["labels_path"] / scan.name)
        if [len(row) for row in picture] != [len(row) for row in mask]:
            raise Refused("found a mask of another size than its scan, needed the same")
        if {pixel for row in mask for pixel in row} not in ({0, 1}, {1}):
            raise Refused("found a mask that is empty or has more than 0 and 1, needed a lesion")
    return WELL


def count(paths: dict[str, Path], _: dict) -> int:
    """Write how many cases there are, and the mean share of a picture that is lesion."""
    areas = [area(read_picture(mask)) for mask in sorted(paths["labels_path"].glob("*.pgm"))]
    found = {"n_cases": len(areas), "lesion": {"mean_area": sum(areas) / len(areas)}}
    paths["output_path"].write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return WELL


def area(mask: Picture) -> float:
    """The share of a mask that is 1."""
    return sum(map(sum, mask)) / (len(mask) * len(mask[0]))


def read_picture(path: Path) -> Picture:
    """The rows of a plain PGM file."""
    if not path.exists():
        raise Refused(f"found no {path.suffix} file for a case, needed one")
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    words = " ".join(line.partition("#")[0] for line in lines).split()
    try:
        width, height, _, *pixels = (int(word) for word in words[1:])
    except ValueError:
        raise Refused("found a picture that is no plain PGM, needed P2 and numbers") from None
    if words[0] != "P2" or not pixels or width * height != len(pixels):
        raise Refused("found a picture that is no whole plain PGM, needed P2 and all its pixels")
    return [pixels[start : start + width] for start in range(0, len(pixels), width)]


def write_picture(path: Path, picture: Picture, *, brightest: int) -> None:
    """Write the rows as a plain PGM file."""
    rows = "\n".join(" ".join(map(str, row)) for row in picture)
    path.write_text(f"P2\n{len(picture[0])} {len(picture)}\n{brightest}\n{rows}\n")


def main() -> int:
    """Run the task named on the command line; the exit status."""
    tasks = {
        "outline": outline,
        "prepare": prepare,
        "sanity_check": sanity_check,
        "statistics": count,
    }
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    if task not in tasks:
        print(f"found task {task}, needed one of {', '.join(tasks)}", file=sys.stderr)
        return REFUSED
    paths = mounts(task)
    parameters = json.loads(paths["parameters_file"].read_text(encoding="utf-8"))
    try:
        return tasks[task](paths, parameters)
    except Refused as error:
        print(f"outline-preparator {task}: {error}", file=sys.stderr)
        return FAILED if task == "sanity_check" else REFUSED


if __name__ == "__main__":
    sys.exit(main())
