"""The pipeline by hand, whole or in parts; scores without any CRM; how good scores were."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlmodel import Session

from app import backtest, fold, score_events, writing
from app import connections as life
from app.commands import surroundings
from app.commands.writing import plan_tables
from app.engine import DEFAULT, PRESETS, Interactions, Weights
from app.errors import NotReady
from app.pipeline import Memory, Progress
from app.schedule import run_alone
from app.score_events import Measure
from app.store import connections, interactions
from app.store.weights import in_force
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
def score(
    *,
    engine: Annotated[
        str | None,
        typer.Option(help="Who adds contact up: duckdb, sqlite:///…, postgresql://…, spark://…."),
    ] = None,
    events: Annotated[
        str | None,
        typer.Option("--in", help="Score this file or table of the engine, not what CRMs told."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write a,b,score of --in.")
    ] = None,
    as_of_s: Annotated[
        int | None, typer.Option("--as-of", help="Seconds since 1970, UTC, of --in; else now.")
    ] = None,
    measure: Annotated[Measure, typer.Option(help="What to score of --in.")] = "strength",
) -> None:
    """Score every relationship anew; on another engine, and from there, if you say so."""
    if engine is None:
        _refuse_if((events, out, as_of_s), "--in, --out and --as-of need an --engine.")
        _stages("resolve", "score")
    elif events is None:
        _refuse_if((out, as_of_s), "--out and --as-of need events: --in names a file or a table.")
        with fold.opened(engine) as there:
            _stages("resolve", "score", memory=Memory(fold=there))
    elif out is None:
        raise typer.BadParameter("--in needs --out: where to write a,b,score.")
    else:
        at_s = int(datetime.now(UTC).timestamp()) if as_of_s is None else as_of_s
        fold.run(engine, events, out, as_of_s=at_s, measure=measure)


def _refuse_if(given: Sequence[object], why: str) -> None:
    if any(one is not None for one in given):
        raise typer.BadParameter(why)


@commands.command("write-back")
def write_back(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it for programs.")] = False,
    samples: Annotated[int, typer.Option(min=0, help="Values shown of each field.")] = 3,
) -> None:
    """Write what changed into the CRMs' custom fields."""
    if dry_run:
        _plan(as_json=as_json, samples=samples)
    else:
        _stages("write back")


@commands.command("score-events")
def score_a_file(
    events: Annotated[Path, typer.Option("--in", help="Events, as CSV.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write a,b,score.")],
    as_of_s: Annotated[int, typer.Option("--as-of", help="Seconds since 1970, UTC.")],
    measure: Annotated[Measure, typer.Option(help="What to score.")] = "strength",
) -> None:
    """Score a file of events, without any CRM or database."""
    score_events.run(events, out, as_of_s=as_of_s, measure=measure)


@commands.command("backtest")
def back_test(
    out: Annotated[Path, typer.Option(help="Page to write; the same as .json beside it.")] = Path(
        "var/backtest.html"
    ),
    events: Annotated[
        Path | None, typer.Option("--in", help="Events, as CSV; else what the CRMs told.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day to look at; else the last contact's."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help=f"Compare with these: {', '.join(PRESETS)}, or a file (JSON)."),
    ] = None,
) -> None:
    """Test on the past how well scores foretold who would be in touch, and write a report."""
    proposed = backtest.proposed(weights) if weights is not None else None
    history, present = _history() if events is None else (score_events.read(events)[1], DEFAULT)
    as_of_s = _end(history, as_of)
    console = Console(stderr=True)
    with watched(console) as watch:
        found = backtest.examine(
            history,
            as_of_s=as_of_s,
            weights=present,
            proposed=proposed,
            tell=lambda done, steps: watch(Progress("back-test", "cut-offs", done, steps)),
        )
    in_short = backtest.in_short(found)
    page, numbers = out.with_suffix(".html"), out.with_suffix(".json")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(backtest.to_html(found, in_short), encoding="utf-8")
        numbers.write_text(backtest.to_json(found, in_short), encoding="utf-8")
    except OSError as error:
        raise NotReady(f"{out} cannot be written: {error.strerror}.") from error
    for sentence in in_short:
        typer.echo(sentence)
    typer.echo(f"The report: {page}, and {numbers} for programs.")


def _history() -> tuple[Interactions, Weights]:
    """All contact that the CRMs told of, up to now, and the weights in force."""
    with Session(surroundings.database(surroundings.settings())) as session:
        met = interactions.every(session, until_s=int(datetime.now(UTC).timestamp()))
        return met, in_force(session)[1]


def _end(history: Interactions, day: datetime | None) -> int:
    """The last second of a day; of the last contact's that is not to come, if none is given."""
    if day is not None:
        return int((day.replace(tzinfo=UTC) + timedelta(days=1)).timestamp()) - 1
    last_s = backtest.last_second(history, int(datetime.now(UTC).timestamp()))
    if last_s is None:
        raise NotReady("There is no contact to test on: `tieline run` reads it from the CRMs.")
    return last_s


def _plan(*, as_json: bool, samples: int) -> None:
    """Say what a write-back would do to every connection; changes nothing."""
    settings = surroundings.settings()
    database, vault = surroundings.database(settings), surroundings.vault(settings)
    found = {}
    with life.opened(database, vault) as links:
        for link in links:
            if link.targets:
                now = partial(datetime.now, UTC)
                found[link.title] = writing.plan(database, link, now=now, samples=samples)
    if as_json:
        plans = {title: plan.model_dump(mode="json") for title, plan in found.items()}
        typer.echo(json.dumps(plans, indent=2))
        return
    console = Console()
    for title, plan in found.items():
        for table in plan_tables(title, plan):
            console.print(table)


def _stages(*wanted: str, memory: Memory | None = None) -> None:
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
            database,
            partial(life.opened, database, vault),
            only=wanted,
            watch=watch,
            memory=memory,
        )
    console.print(reports_table(reports))
    surroundings.fail_for(reports)
