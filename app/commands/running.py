"""The pipeline by hand, whole or in parts, and the same scores without any CRM."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from sqlmodel import Session

from app import connections as life
from app import score_events
from app.commands import surroundings
from app.errors import NotReady
from app.schedule import run_alone
from app.store import connections
from app.terminal import reports_table, watched

commands = typer.Typer()


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


def _stages(*wanted: str) -> None:
    """Run some stages for every connection, show how they went, and fail if one did."""
    settings = surroundings.settings()
    vault, database, console = (
        surroundings.vault(settings),
        surroundings.database(settings),
        Console(),
    )
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
    surroundings.fail_for(reports)
