"""`rounds token`: secrets with which workers and scripts act for you, and never decide."""

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.lists import Listing, add_list
from cli.prompts import Yes
from cli.secret_places import keep_secret
from cli.sending import ask, need_yes
from cli.sessions import freshly
from cli.settings import typed
from cli.tables import Column
from rounds.records.people import LONGEST_TTL_S, Role, Token, TokenIn, TokenKind

app = typer.Typer(no_args_is_help=True)
DAY_S: Final = 24 * 3600

add_list(
    app,
    Listing(
        record=Token,
        path="/tokens",
        says="Your tokens, sessions and invitations, without their secrets.",
        columns=(
            Column("id"),
            Column("kind"),
            Column("label"),
            Column("role"),
            Column("site"),
            Column("user_id", "user"),
            Column("expires_at", "expires"),
            Column("revoked_at", "revoked"),
        ),
        filters={"user_id": int, "kind": TokenKind, "label": str, "is_valid": bool},
    ),
)


@app.command()
def mint(
    file: Annotated[Path, typer.Argument(help="Where the secret goes; only you can read it.")],
    *,
    label: Annotated[
        str | None, typer.Option(help="What you will know it by; the file's name.")
    ] = None,
    role: Annotated[Role, typer.Option(help="The most that it may do anywhere.")] = Role.MEMBER,
    site: Annotated[str | None, typer.Option(help="Only for this site's worker.")] = None,
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST_TTL_S // DAY_S, help="How long it is good for.")
    ] = 30,
    yes: Yes = False,
) -> None:
    """Mint a token of your own into a file; takes a fresh sign-in."""
    ttl_s = days * DAY_S
    wanted = typed(TokenIn, label=label or file.stem, role=role, site=site, ttl_s=ttl_s)
    need_yes(wanted, "Mint this token?", yes=yes)
    minted = keep_secret(
        file, lambda: freshly(lambda registry: registry.mint_token(registry.me().id, wanted))
    )
    typer.echo(f"token {minted.id}, until {minted.expires_at:%Y-%m-%d}, in {file.name}")


@app.command()
def revoke(token_id: int, *, yes: Yes = False) -> None:
    """End a token, a session or an invitation at once."""
    ask(f"Revoke token {token_id}?", yes=yes)
    token = freshly(lambda registry: registry.revoke_token(token_id))
    typer.echo(f"token {token.id} is good for nothing any more")
