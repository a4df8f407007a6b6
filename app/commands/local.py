"""What needs no account: the demo, the sandbox CRMs, made-up companies, packages of fields."""

import contextlib
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import demo as demonstration
from app.commands import surroundings
from app.commands.serving import check_port
from app.demo import sandboxes, saving
from app.demo.teams import Company
from app.errors import NotReady
from app.main import serve_forever
from app.pipeline import Progress, Watch
from app.pipeline.fields import fields
from app.terminal import watched
from connectors import Misconfigured, module, names
from connectors._sandbox import sandbox_names

commands = typer.Typer()


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
    check_port("127.0.0.1", port)
    console = Console(record=picture is not None, highlight=False)
    with demonstration.running(folder, console, database_url=database_url) as (settings, reports):
        if picture is not None:
            demonstration.save_picture(console, picture)
        surroundings.fail_for(reports)
        if once:
            return
        where = (
            f"\nThe console is open at http://127.0.0.1:{port}/console, "
            f"the API at http://127.0.0.1:{port}/docs. Ctrl-C ends the demo."
        )
        with contextlib.suppress(KeyboardInterrupt):
            tell = partial(console.print, where)
            serve_forever(settings, host="127.0.0.1", port=port, tell=tell)


@commands.command()
def sandbox(
    crm: Annotated[str, typer.Argument(help=f"One of {', '.join(sandbox_names())}.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    control_port: Annotated[
        int | None, typer.Option(help="Of its admin door; 0 for none.", show_default="port + 100")
    ] = None,
    pubsub_port: Annotated[
        int | None,
        typer.Option(help="Of its Pub/Sub API, if any; 0 for none.", show_default="port + 200"),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="File to keep it in; else memory.")] = None,
    world: Annotated[
        Path | None, typer.Option(help="World file to fill a new one with; else the demo's record.")
    ] = None,
    with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run a local CRM to develop against, and an admin door to its clock, faults and levers."""
    until = sandboxes.wait_for_parent() if with_parent else threading.Event()
    place = sandboxes.Place(port, control_port, pubsub_port, state, world, is_any_port=with_parent)
    sandboxes.serve(crm, place, until=until)


@commands.command()
def package(
    crm: Annotated[str, typer.Argument(help=f"One of {', '.join(names())}.")],
    folder: Annotated[Path, typer.Argument(help="Where to put the files.")],
) -> None:
    """Write the custom fields as files, for an admin who creates them without Tieline."""
    of = module(crm)
    files = of.package([field for target in of.TARGETS for field in fields(target)])
    if not files:
        raise Misconfigured(f"{of.TITLE} takes no custom fields: there is nothing to create.")
    try:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise NotReady(f"{folder} cannot be written: {error.strerror}.") from error
    typer.echo(f"{folder}: {len(files):,} files.")


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
    planned = Company(people, midnight, seed)
    try:
        with watched(Console(stderr=True)) as watch:
            files = saving.save(planned, out, is_per_crm=per_crm, watch=_told(watch, planned))
    except OSError as error:
        raise NotReady(f"{out} cannot be written: {error.strerror}.") from error
    for file, records in files.items():
        typer.echo(f"{file}: {records:,} records.")


def _told(watch: Watch, planned: Company) -> Callable[[Path, int, int], None]:
    """Show how far a file is, in people."""

    def tell(file: Path, done: int, pieces: int) -> None:
        watch(Progress("world", file.name, done * planned.people // pieces, planned.people))

    return tell


def _interrupt(*_: object) -> None:
    """End as after Ctrl-C, so that what was started is ended too."""
    raise KeyboardInterrupt
