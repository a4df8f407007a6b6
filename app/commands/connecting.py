"""Connections: make, list, resume and forget them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from app import connections as life
from app.commands import surroundings
from app.errors import NotReady
from app.hooks import Hooks, Wish
from app.security import new_key
from app.store import connections, identity
from connectors import Finding, Verdict, module, names

commands = typer.Typer()


@commands.command()
@surroundings.noted("connection.connected")
def connect(
    crm: Annotated[str, typer.Argument(help=f"One of {', '.join(names())}.")],
    values: Annotated[
        list[str] | None, typer.Argument(help="Credentials as NAME=VALUE; @FILE reads a file.")
    ] = None,
    title: Annotated[str, typer.Option(help="What to call the connection.")] = "",
) -> None:
    """Try a connection to a CRM, and keep it if it works.

    A secret is better given as NAME=@FILE, or left out to be asked for, than on the command line.
    """
    settings = surroundings.settings()
    vault = surroundings.vault(settings)
    given = _given(crm, values or [])
    connection_id = life.connect(
        surroundings.database(settings), vault, life.Offer(crm, given, title)
    )
    typer.echo(f"Connected as connection {connection_id}.")


@commands.command("connections")
def list_connections() -> None:
    """List the connections and how they are."""
    table = Table("id", "connection", "CRM", "state", box=None, pad_edge=False)
    with Session(surroundings.database(surroundings.settings())) as session:
        for one in connections.every(session):
            works = "working, and writes nothing" if one.shadow_since else "working"
            table.add_row(str(one.id), one.title, module(one.crm).TITLE, one.paused or works)
    Console().print(table)


@commands.command()
@surroundings.noted("connection.resumed")
def resume(connection_id: int) -> None:
    """Read and write again through a connection; what was refused is tried again."""
    life.resume(surroundings.database(surroundings.settings()), connection_id)


@commands.command()
@surroundings.noted("connection.removed")
def disconnect(connection_id: int) -> None:
    """Forget a connection and what was read through it, and have the CRM forget it too."""
    settings = surroundings.settings()
    database = surroundings.database(settings)
    left = life.revoke(database, surroundings.vault(settings), connection_id)
    life.disconnect(database, connection_id)
    if left:
        Console(stderr=True).print(left)


@commands.command()
@surroundings.noted("allowance.set")
def allow(
    connection_id: int,
    calls: Annotated[
        int | None, typer.Argument(help="Left out: half of the CRM's own daily limit.")
    ] = None,
) -> None:
    """Say how many calls a connection may make in a day (UTC)."""
    life.allow(surroundings.database(surroundings.settings()), connection_id, calls)


@commands.command()
@surroundings.noted("hook.set_up")
def hook(
    connection_id: int,
    *,
    secret: Annotated[
        str, typer.Option(help="The CRM's, where it signs with its own; @FILE reads a file.")
    ] = "",
    renew: Annotated[bool, typer.Option(help="Make a new secret, where it is ours.")] = False,
    unsafe: Annotated[
        bool | None, typer.Option(help="Take signatures that can be repeated, too.")
    ] = None,
    listen: Annotated[
        bool | None, typer.Option(help="Listen to the CRM's stream of events, if it has one.")
    ] = None,
) -> None:
    """Show where a connection's CRM delivers what has changed; the address is made if need be."""
    settings = surroundings.settings()
    vault, database = surroundings.vault(settings), surroundings.database(settings)
    given = _content(secret[1:]) if secret.startswith("@") else secret or None
    found = Hooks(database, vault, settings.public_url).set_up(
        connection_id, Wish(given, unsafe, listen, renews=renew)
    )
    typer.echo(f"address: {found.url or 'none, until TIELINE_PUBLIC_URL is set'}")
    if found.secret:
        typer.echo(f"secret:  {found.secret}")
    if not found.is_ready:
        typer.echo("Nothing is taken yet: give the CRM's own secret as --secret @FILE.")


@commands.command()
@surroundings.noted("record.set_apart")
def apart(
    connection_id: int,
    record: Annotated[str, typer.Argument(help="The record's id, as `GET /people/{id}` tells it.")],
    *,
    undo: Annotated[bool, typer.Option(help="Let it be joined again.")] = False,
) -> None:
    """Say that a record is not the person it was joined to; the next run acts on it."""
    database = surroundings.database(surroundings.settings())
    with Session(database) as session, session.begin():
        identity.set_apart(session, connection_id, record, is_apart=not undo)


@commands.command()
def doctor(
    connection_id: Annotated[int | None, typer.Argument(help="Left out: all of them.")] = None,
) -> None:
    """Look at everything that a connection needs, and say what would break; changes nothing.

    Ends with 1 if something does not work.
    """
    settings = surroundings.settings()
    database, vault = surroundings.database(settings), surroundings.vault(settings)
    with Session(database) as session:
        known = [one.id or 0 for one in connections.every(session)]
    console, is_well = Console(), True
    for each in known if connection_id is None else [connection_id]:
        with life.opened_one(database, vault, each) as link:
            console.print(f"[bold]{link.title}[/]")
            for finding in link.connector.examine():
                is_well &= finding.verdict is not Verdict.BAD
                console.print(_told(finding), soft_wrap=True)
    raise typer.Exit(0 if is_well else 1)


@commands.command("new-key")
def draw_key() -> None:
    """Print a new TIELINE_SECRET_KEY."""
    typer.echo(new_key())


def _told(finding: Finding) -> Text:
    mark, colour = _MARKS[finding.verdict]
    text = Text.assemble((f"  {mark} {finding.about}: ", colour), finding.told)
    return text.append(f" {finding.advice}") if finding.advice else text


_MARKS = {
    Verdict.GOOD: ("ok  ", "green"),
    Verdict.WARNING: ("look", "yellow"),
    Verdict.BAD: ("BAD ", "red"),
}


def _given(crm: str, values: Sequence[str]) -> dict[str, str]:
    """Credentials from NAME=VALUE; what is required and not there is asked for in a terminal."""
    given: dict[str, str] = {}
    for pair in values:
        name, _, value = pair.partition("=")
        given[name] = _content(value[1:]) if value.startswith("@") else value
    fields = module(crm).Credentials.model_fields
    for name in _asked(crm, given) if sys.stdin.isatty() else ():
        if name not in given:
            is_secret = "SecretStr" in str(fields[name].annotation)
            given[name] = typer.prompt(fields[name].title or name, hide_input=is_secret)
    return given


def _asked(crm: str, given: Mapping[str, str]) -> Sequence[str]:
    """What the first way to connect needs that takes all that is given."""
    ways = [way for way in module(crm).WAYS if way.consent is None]
    return next((way.asked for way in ways if {*given} <= {*way.asked, *way.also}), ())


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotReady(f"{path} cannot be read.") from error
