"""The service: its tables, its API, and the API's description."""

import signal
import socket
from functools import partial
from typing import Annotated

import typer

from app import connections, signing_in
from app.commands import surroundings
from app.errors import Forbidden, NotReady
from app.listening import Listener
from app.main import open_messenger, openapi_json, serve_forever
from app.messenger import Messenger
from app.security import LOOPBACK, Role
from app.settings import plain_settings
from app.store import database as store
from app.store.audit import COMMAND_LINE
from app.worker import Worker

commands = typer.Typer()


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8700,
) -> None:
    """Answer the API, and pull and write back on schedule."""
    settings = surroundings.settings()
    check_port(host, port)
    if host not in LOOPBACK and not settings.api_key.get_secret_value():
        raise Forbidden(
            "Without TIELINE_API_KEY anybody could read everything: set it, or listen on 127.0.0.1."
        )
    if host not in LOOPBACK and settings.open_console:
        raise Forbidden(
            "With TIELINE_OPEN_CONSOLE anybody could change everything: listen on 127.0.0.1."
        )
    serve_forever(settings, host=host, port=port)


@commands.command()
def invite(
    email: Annotated[str, typer.Argument(help="Of whom; they sign in with it.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OWNER,
) -> None:
    """Give the link by which somebody sets a password for the console, the first or another."""
    settings = surroundings.settings()
    database = surroundings.database(settings)
    token = signing_in.invite(database, COMMAND_LINE, email, role)
    place = settings.public_url or "http://127.0.0.1:8700"
    typer.echo(f"{place}/console/invitation/{token}")
    typer.echo(
        "Good for a week, once. Whoever has it can sign in: send it to nobody else.", err=True
    )


@commands.command()
def worker() -> None:
    """Do what the CRMs announce and tell subscribers; `serve` does it too, any number may."""
    settings = surroundings.settings()
    database, vault = surroundings.database(settings), surroundings.vault(settings)
    working = Worker(database, partial(connections.opened, database, vault))
    listening = Listener(database, partial(connections.opened_one, database, vault))
    messenger = open_messenger(settings, database)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: working.end())
    beside: list[Listener | Messenger] = [listening, *([messenger] if messenger else [])]
    for one in beside:
        one.start()
    working.work()
    for one in beside:
        one.stop()


@commands.command()
def migrate() -> None:
    """Bring the database to this version's shape."""
    store.migrate(store.open_database(surroundings.settings().database_url))


@commands.command()
def openapi() -> None:
    """Print the API's description."""
    typer.echo(openapi_json(plain_settings()), nl=False)


def check_port(host: str, port: int) -> None:
    """Find out before the work, and not after it, whether a port can be listened on.

    Raises:
        NotReady: If it cannot.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(f"Port {port} is taken: choose another one with --port.") from error
