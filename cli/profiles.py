"""`rounds profile`: the registries that a person works with, each under a name."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.settings import PROFILE, VARIABLES, profile_in_force
from cli.tables import Column, Json, show_list, show_one
from rounds.errors import SpecError

if TYPE_CHECKING:
    from cli.profile_file import NamedProfile, Profiles

app = typer.Typer(no_args_is_help=True)
CREATE = "rounds profile create NAME --registry URL"
COLUMNS = (
    Column("name"),
    Column("active"),
    Column("registry"),
    Column("token_file"),
    Column("site_profile"),
)


def _a_name(text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from cli.profile_file import ProfileName

    try:
        return TypeAdapter(ProfileName).validate_python(text)
    except ValidationError as error:
        message = "needed 1 to 64 of a-z, 0-9, '.', '_' and '-', a letter or digit first"
        raise typer.BadParameter(message) from error


def _an_address(text: str | None) -> str | None:
    from cli.profile_file import is_address

    if text is not None and not is_address(text):
        message = "needed an address such as https://rounds.example.org, without a password in it"
        raise typer.BadParameter(message)
    return text


Name = Annotated[str, typer.Argument(help="As rounds profile list shows it.")]
AnyName = Annotated[str | None, typer.Argument(help="Without one: the profile in force.")]
Registry = Annotated[
    str | None, typer.Option(help="The address of the registry.", callback=_an_address)
]
TokenFile = Annotated[
    Path | None, typer.Option(help="Where the token lies, if not beside the profiles.")
]
SiteProfile = Annotated[Path | None, typer.Option(help="The profile of the site where this is.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="How you will call it.", callback=_a_name)],
    registry: Annotated[
        str, typer.Option(help="The address of the registry.", callback=_an_address)
    ],
    *,
    token_file: TokenFile = None,
    site_profile: SiteProfile = None,
) -> None:
    """Keep a registry under a name; the first one is active at once."""
    from cli.profile_file import Profile, change_profiles

    profile = Profile(
        registry=registry, token_file=_rooted(token_file), site_profile=_rooted(site_profile)
    )

    def add(profiles: "Profiles") -> "Profiles":
        if name in profiles.profiles:
            message = "found a profile of that name, needed a new name; rounds profile set changes"
            raise SpecError(f"{message} the one there is")
        return profiles.keeping(name, profile)

    kept = change_profiles(add)
    state = "active" if kept.active == name else "kept"
    typer.echo(f"profile {name} is {state}")


@app.command("list")
def list_profiles(*, as_json: Json = False) -> None:
    """Every profile."""
    from cli.profile_file import read_profiles

    profiles = read_profiles().all()
    show_list(profiles, COLUMNS, total=len(profiles), as_json=as_json, empty=f"none; run {CREATE}")
    _warn_of_variables()


@app.command()
def show(name: AnyName = None, *, as_json: Json = False) -> None:
    """One profile."""
    show_one(_meant(name), as_json=as_json)
    _warn_of_variables()


@app.command()
def activate(name: Name) -> None:
    """Use this one from now on."""
    from cli.profile_file import change_profiles

    change_profiles(
        lambda profiles: profiles.model_copy(update={"active": profiles.named(name).name})
    )
    typer.echo(f"profile {name} is active")
    _warn_of_variables()


@app.command("set")
def set_profile(
    name: AnyName = None,
    *,
    registry: Registry = None,
    token_file: TokenFile = None,
    site_profile: SiteProfile = None,
) -> None:
    """Change what a profile says."""
    from cli.profile_file import change_profiles

    wanted = {
        "registry": registry,
        "token_file": _rooted(token_file),
        "site_profile": _rooted(site_profile),
    }
    update = {field: value for field, value in wanted.items() if value is not None}
    if not update:
        raise typer.BadParameter("needed one of --registry, --token-file, --site-profile")
    meant = _meant(name).name

    def change(profiles: "Profiles") -> "Profiles":
        profiles.named(meant)
        return profiles.keeping(meant, profiles.profiles[meant].model_copy(update=update))

    change_profiles(change)
    typer.echo(f"profile {meant} is changed")


@app.command()
def delete(name: Name) -> None:
    """Forget a profile, and its token if that lies beside the profiles."""
    from cli.profile_file import Profiles, change_profiles, own_token_file

    def remove(profiles: "Profiles") -> "Profiles":
        if profiles.named(name).active:
            raise SpecError(f"found the active profile, needed another one; {_before(profiles)}")
        # Or the next profile of this name would send it to a registry that it is not of.
        own_token_file(name).unlink(missing_ok=True)
        rest = {other: kept for other, kept in profiles.profiles.items() if other != name}
        return Profiles(active=profiles.active, profiles=rest)

    change_profiles(remove)
    typer.echo(f"profile {name} is deleted")


def _before(profiles: "Profiles") -> str:
    if len(profiles.profiles) > 1:
        return "run rounds profile activate on another first"
    return "create and activate another first"


def _meant(name: str | None) -> "NamedProfile":
    from cli.profile_file import read_profiles

    meant = profile_in_force() if name is None else read_profiles().named(name)
    if meant is None:
        raise SpecError(f"found no profile, needed one; run {CREATE}")
    return meant


def _rooted(path: Path | None) -> Path | None:
    return None if path is None else path.expanduser().absolute()


def _warn_of_variables() -> None:
    found = [name for name in VARIABLES if os.environ.get(name)]
    if found and PROFILE.get() is None:
        typer.echo(f"the environment goes before the active profile: {', '.join(found)}", err=True)
