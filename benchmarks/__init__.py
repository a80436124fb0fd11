"""What measures speed, never part of the tests: `python -m benchmarks.run [name ...]`.

Each module has a `measure()` that returns figures; they go to `.bench/<name>.json`. A figure names what
it stands beside: the same work done the plain way, in the same run.
"""
