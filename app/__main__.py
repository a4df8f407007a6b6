"""The command line: ``tieline --help`` lists what it can do.

Every refusal is one sentence on standard error and a non-zero exit code, without a traceback.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app import connections as life
from app import demo as demonstration
from app import score_events
from app.demo import company, sandboxes
from app.demo.teams import Company
from app.errors import AppError, Forbidden, NotReady
from app.main import openapi_json, serve_forever
from app.pipeline import INTERRUPTED, Interrupted, Report
from app.schedule import run_alone
from app.security import Vault, new_key
from app.settings import Settings, plain_settings, read_settings
from app.store import connections
from app.store import database as store
from app.telemetry import set_up_logging
from app.terminal import reports_table, watched
from connectors import ConnectorError, module, names

DATABASE_HELP = (
    "check that it answers, that nobody else holds it, and that there is room on its disk."
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")

commands = typer.Typer(
    help="Relationship intelligence for your CRM: who knows whom, how well, and what to do next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@commands.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the first round trip.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its things.")] = Path(
        "var/demo"
    ),
    port: Annotated[int, typer.Option(help="Of the API.")] = 8700,
    database_url: Annotated[str, typer.Option(help="Use this database.")] = "",
    picture: Annotated[Path | None, typer.Option(help="Save what is shown as SVG.")] = None,
) -> None:
    """Fill two local CRMs with real email, score every relationship and write it back."""
    signal.signal(signal.SIGTERM, _interrupt)
    _check_port("127.0.0.1", port)
    console = Console(record=picture is not None, highlight=False)
    with demonstration.running(folder, console, database_url=database_url) as (settings, reports):
        if picture is not None:
            demonstration.save_picture(console, picture)
        _fail_for(reports)
        if once:
            return
        with contextlib.suppress(KeyboardInterrupt):
            console.print(
                f"\nThe API answers at http://127.0.0.1:{port}/docs. Ctrl-C ends the demo."
            )
            serve_forever(settings, host="127.0.0.1", port=port)


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8700,
) -> None:
    """Answer the API, and pull and write back on schedule."""
    settings = _settings()
    _check_port(host, port)
    if host not in LOOPBACK and not settings.api_key.get_secret_value():
        raise Forbidden(
            "Without TIELINE_API_KEY anybody could read everything: set it, or listen on 127.0.0.1."
        )
    serve_forever(settings, host=host, port=port)


@commands.command()
def migrate() -> None:
    """Bring the database to this version's shape."""
    store.migrate(store.open_database(_settings().database_url))


@commands.command()
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
    settings = _settings()
    vault = _vault(settings)
    given = _given(crm, values or [])
    connection_id = life.connect(_database(settings), vault, life.Offer(crm, given, title))
    typer.echo(f"Connected as connection {connection_id}.")


@commands.command("connections")
def list_connections() -> None:
    """List the connections and how they are."""
    table = Table("id", "connection", "CRM", "state", box=None, pad_edge=False)
    with Session(_database(_settings())) as session:
        for one in connections.every(session):
            table.add_row(str(one.id), one.title, module(one.crm).TITLE, one.paused or "working")
    Console().print(table)


@commands.command()
def resume(connection_id: int) -> None:
    """Read and write again through a connection; what was refused is tried again."""
    life.resume(_database(_settings()), connection_id)


@commands.command()
def disconnect(connection_id: int) -> None:
    """Forget a connection and what was read through it."""
    life.disconnect(_database(_settings()), connection_id)


@commands.command()
def run() -> None:
    """Bring everything up to date now: pull, resolve, score, write back."""
    _stages("pull", "resolve", "score", "write back")


@commands.command()
def pull() -> None:
    """Read what is new in the CRMs."""
    _stages("pull", "resolve")


@commands.command()
def score() -> None:
    """Score every relationship anew."""
    _stages("resolve", "score")


@commands.command("write-back")
def write_back() -> None:
    """Write what changed into the CRMs' custom fields."""
    _stages("write back")


@commands.command("score-events")
def score_a_file(
    events: Annotated[Path, typer.Option("--in", help="Events, as CSV.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write a,b,score.")],
    as_of_s: Annotated[int, typer.Option("--as-of", help="Seconds since 1970, UTC.")],
    measure: Annotated[
        Literal["strength", "importance", "risk", "alive"], typer.Option(help="What to score.")
    ] = "strength",
) -> None:
    """Score a file of events, without any CRM or database."""
    score_events.run(events, out, as_of_s=as_of_s, measure=measure)


@commands.command()
def sandbox(
    crm: Annotated[str, typer.Argument(help=f"One of {', '.join(names())}.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    control_port: Annotated[
        int | None, typer.Option(help="Of its admin door; 0 for none.", show_default="port + 100")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="File to keep it in; else memory.")] = None,
    world: Annotated[
        Path | None, typer.Option(help="World file to fill a new one with; else the demo's record.")
    ] = None,
    with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run a local CRM to develop against, and an admin door to its clock, faults and levers."""
    until = sandboxes.wait_for_parent() if with_parent else threading.Event()
    sandboxes.serve(crm, sandboxes.Place(port, control_port, state, world), until=until)


@commands.command()
def world(
    out: Annotated[Path, typer.Option(help="World file to write; .gz packs it.")],
    people: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another company.")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; else yesterday.")
    ] = None,
    per_crm: Annotated[bool, typer.Option("--per-crm", help="One file for each CRM.")] = False,
) -> None:
    """Make up a sales company for sandbox CRMs, and tell what is true of it beside."""
    end = (until or datetime.now(UTC) - timedelta(days=1)).replace(tzinfo=UTC)
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    try:
        files = company.save(Company(people, midnight, seed), out, is_per_crm=per_crm)
    except OSError as error:
        raise NotReady(f"{out} cannot be written: {error.strerror}.") from error
    for file, records in files.items():
        typer.echo(f"{file}: {records:,} records.")


@commands.command("new-key")
def draw_key() -> None:
    """Print a new TIELINE_SECRET_KEY."""
    typer.echo(new_key())


@commands.command()
def openapi() -> None:
    """Print the API's description."""
    typer.echo(openapi_json(plain_settings()), nl=False)


def cli() -> None:
    """Run the command line; what is refused is told in one sentence."""
    try:
        commands()
    except (AppError, ConnectorError) as error:
        typer.echo(str(error), err=True)
    except SQLAlchemyError as error:
        typer.echo(f"The database refused ({type(error).__name__}): {DATABASE_HELP}", err=True)
    except Interrupted:
        typer.echo(INTERRUPTED, err=True)
    sys.exit(1)


def _check_port(host: str, port: int) -> None:
    """Find out before the work and not after it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(f"Port {port} is taken: choose another one with --port.") from error


def _interrupt(*_: object) -> None:
    """End as after Ctrl-C, so that what was started is ended too."""
    raise KeyboardInterrupt


def _settings() -> Settings:
    settings = read_settings()
    set_up_logging(settings)
    return settings


def _database(settings: Settings) -> Engine:
    """The database, in this version's shape."""
    database = store.open_database(settings.database_url)
    store.migrate(database)
    return database


def _vault(settings: Settings) -> Vault:
    return Vault(settings.secret_key.get_secret_value())


def _stages(*wanted: str) -> None:
    """Run some stages for every connection, show how they went, and fail if one did."""
    settings = _settings()
    vault, database, console = _vault(settings), _database(settings), Console()
    with Session(database) as session:
        if all(one.paused for one in connections.every(session)):
            raise NotReady(
                "No CRM is connected and working: `tieline connect` connects one, "
                "`tieline connections` says what became of those there are."
            )
    with watched(console) as watch:
        reports = run_alone(
            database, partial(life.opened, database, vault), only=wanted, watch=watch
        )
    console.print(reports_table(reports))
    _fail_for(reports)


def _fail_for(reports: Sequence[Report]) -> None:
    reasons = [report.reason for report in reports if report.status in ("failed", "paused")]
    for reason in reasons:
        typer.echo(reason, err=True)
    if reasons:
        sys.exit(1)


def _given(crm: str, values: Sequence[str]) -> dict[str, str]:
    """Credentials from NAME=VALUE; what is required and not there is asked for in a terminal."""
    given: dict[str, str] = {}
    for pair in values:
        name, _, value = pair.partition("=")
        given[name] = _content(value[1:]) if value.startswith("@") else value
    for name, field in module(crm).Credentials.model_fields.items():
        if name not in given and field.is_required() and os.isatty(sys.stdin.fileno()):
            given[name] = typer.prompt(field.title or name, hide_input="secret" in name)
    return given


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotReady(f"{path} cannot be read.") from error


if __name__ == "__main__":
    cli()
