"""What lies on the desk beside the terminal: a person's session, a cube's folder, a ward's export."""

from pathlib import Path

import yaml

from rounds.records.people import Role, SignIn
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.world import PASSWORD, World, email_of

ASKED = ("--name", "Aspirates", "--location", "Utrecht")


def sit_down(world: World, home: Path, name: str = "owner") -> Terminal:
    """The terminal below `home` of somebody who has just signed in."""
    world.person(name)
    given = SignIn(email=email_of(name), password=PASSWORD)
    session = world.client("").sign_in(given)
    return Terminal(home, url=world.served.url, secret=session.secret or "")


def sit_down_with_token(
    world: World, home: Path, name: str = "owner", role: Role = Role.MEMBER
) -> Terminal:
    """The terminal below `home` where an API token of somebody lies in place of a session."""
    return Terminal(home, url=world.served.url, secret=world.token(name, role))


def write_cube(folder: Path, *, run_args: object = None, mount_path: str = "/data") -> None:
    """A model's folder that holds nothing but its config."""
    volumes = {
        "input_volumes": {"data_path": {"mount_path": mount_path, "type": "directory"}},
        "output_volumes": {"output_path": {"mount_path": "/out", "type": "directory"}},
    }
    task = {"run_args": run_args or {}, **volumes}
    config = {"container_type": "DockerImage", "image": "a/b:1", "tasks": {"infer": task}}
    folder.mkdir(parents=True)
    (folder / "container_config.yaml").write_text(yaml.safe_dump(config))


def write_raw(home: Path, *names: str) -> list[str]:
    """The options that name a folder of data and one of labels, with a file in those of `names`."""
    options = []
    for name in ("data", "labels"):
        (home / "ward-7" / name).mkdir(parents=True)
        if name in names:
            (home / "ward-7" / name / "export.csv").write_text("anna-mueller,7\n")
        options += [f"--{name}", str(home / "ward-7" / name)]
    return options
