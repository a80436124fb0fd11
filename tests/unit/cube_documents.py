"""Documents of cubes that tests parse: MedPerf's examples, and a small classic model to be changed."""

from pathlib import Path

from cube_specs.models import ContainerConfig, CubeTask
from rounds.documents import load_yaml
from rounds.mlcube_files import parse_mlcube

EXAMPLES = Path(__file__).parents[1] / "cubes" / "medperf"
MODEL = """
docker: {image: "a/b:1"}
platform: {accelerator_count: 0}
tasks:
  infer:
    parameters:
      inputs: {data_path: data/}
      outputs: {output_path: predictions/}
"""


def parse(text: str = MODEL, *changes: tuple[str, str]) -> ContainerConfig:
    """The config of a classic document, each old text replaced by a new one."""
    for old, new in changes:
        assert old in text, f"found no '{old}' to replace, needed it in the document"
        text = text.replace(old, new)
    return parse_mlcube(load_yaml(text.encode()), name="mlcube.yaml")


def infer(*changes: tuple[str, str]) -> CubeTask:
    """The model's one task after these changes of its document."""
    return parse(MODEL, *changes).tasks["infer"]
