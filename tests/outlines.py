"""Raw exports for the outline preparator: a folder a case, its scan a plain PGM with a bright lesion."""

from pathlib import Path

SIZE = 12


def write_scans(root: Path, cases: dict[str, bool]) -> tuple[Path, Path]:
    """The data and labels folders of an export; what is True lies at the border, so that a person must look."""
    for number, (case, at_border) in enumerate(sorted(cases.items())):
        folder = root / "data" / case
        folder.mkdir(parents=True)
        (folder / "scan.pgm").write_text(_scan(0 if at_border else 4, brightness=150 + number))
    (root / "labels").mkdir()
    (root / "labels" / "cases.txt").write_text("".join(f"{case}\n" for case in sorted(cases)))
    return root / "data", root / "labels"


def _scan(corner: int, *, brightness: int) -> str:
    inside = range(corner, corner + 4)
    rows = [
        " ".join(str(brightness if x in inside and y in inside else 20) for x in range(SIZE))
        for y in range(SIZE)
    ]
    return f"P2\n{SIZE} {SIZE}\n255\n" + "\n".join(rows) + "\n"
