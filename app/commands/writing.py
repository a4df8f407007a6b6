"""Writing: which custom fields, a dry run, and a run taken back."""

from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy import Engine
from sqlmodel import Session

from app import connections as life
from app import writing
from app.commands import surroundings
from app.schedule import run_alone
from app.security import Vault
from app.store import connections
from app.store.asked import ASKED
from app.store.plans import Plan
from app.terminal import reports_table, watched
from app.writing import Policy
from connectors import Target

commands = typer.Typer()

Connection = Annotated[int, typer.Argument(help="As `tieline connections` numbers it.")]


@commands.command("fields")
def list_fields(
    connection_id: Connection,
    *,
    create: Annotated[bool, typer.Option("--create", help="Create what is missing.")] = False,
) -> None:
    """List the custom fields of a connection: what each is called there, and how it stands."""
    database, vault = _opened()
    with life.opened_one(database, vault, connection_id) as link:
        found = writing.create(database, link) if create else writing.fields(database, link)
    table = Table(
        "record", "name", _folded("field"), "policy", _folded("state"), box=None, pad_edge=False
    )
    for one in found:
        state = "off" if not one.is_on else one.paused or one.state or "not looked at yet"
        table.add_row(one.target, one.column.name, one.name_there, one.policy, state)
    Console().print(table)


@commands.command("choices")
def list_choices(connection_id: Connection, target: Target) -> None:
    """List the fields of the CRM that a custom field could be written to instead of our own."""
    database, vault = _opened()
    with life.opened_one(database, vault, connection_id) as link:
        found = writing.choices(link, target)
    if not found:
        typer.echo(f"No field of {target}s could be: somebody has to add one that we may write.")
        return
    table = Table(_folded("field"), "label", "type", "length", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.called or one.name, one.label, one.type, str(one.length))
    Console().print(table)


@commands.command()
@surroundings.noted("field.chosen")
def choose(
    connection_id: Connection,
    target: Target,
    name: Annotated[str, typer.Argument(help="As `tieline fields` names it.")],
    *,
    to: Annotated[
        str | None, typer.Option(help='The CRM\'s field to write to; "" for ours.')
    ] = None,
    policy: Annotated[Policy | None, typer.Option(help="Where a person has edited it.")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Write it, or not.")] = None,
) -> None:
    """Say whether a custom field is written, where to, and what of a person's edits.

    What is not said stays as it is.
    """
    database, vault = _opened()
    with life.opened_one(database, vault, connection_id) as link:
        known = writing.said(database, link, (target.value, name))
        said = writing.Said(
            called=known.called if to is None else to,
            policy=policy or known.policy,
            is_on=known.is_on if on is None else on,
        )
        writing.choose(database, link, (target.value, name), said)


@commands.command("writing")
@surroundings.noted("writing.set")
def write_so(
    connection_id: Connection,
    *,
    shadow: Annotated[
        bool | None,
        typer.Option("--shadow/--no-shadow", help="Write nothing, and compare; or write again."),
    ] = None,
    keep_days: Annotated[
        int | None, typer.Option(help="How long it is kept what was written.")
    ] = None,
) -> None:
    """Have a connection compare and not write, or write again; keep what was written so long."""
    database = surroundings.database(surroundings.settings())
    writing.write_so(database, connection_id, is_shadow=shadow, keeps_days=keep_days)


@commands.command("runs")
def list_runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
) -> None:
    """List what was done, how it ended, and its number."""
    table = Table("run", "stage", "connection", "begun (UTC)", "result", "what", box=None)
    with Session(surroundings.database(surroundings.settings())) as session:
        titles = {row.id: row.title for row in connections.every(session)}
        for run in connections.runs(session, limit=limit):
            begun = f"{run.started_at:%Y-%m-%d %H:%M}"
            what = run.reason or ", ".join(f"{n:,} {name}" for name, n in run.counts.items())
            title = titles.get(run.connection_id, "")
            table.add_row(str(run.id), run.stage, title, begun, run.status, what)
    Console().print(table)


@commands.command()
@surroundings.noted("run.undone")
def undo(run_id: Annotated[int, typer.Argument(help="As `tieline runs` numbers it.")]) -> None:
    """Take back what a run wrote, but for what people or later runs have changed since."""
    database, vault = _opened()
    writing.ask_undo(database, run_id)
    console = Console()
    with watched(console) as watch:
        open_links = partial(life.opened, database, vault)
        reports = run_alone(database, open_links, only=(ASKED,), watch=watch)
    console.print(reports_table(reports))
    surroundings.fail_for(reports)


def plan_tables(title: str, plan: Plan) -> list[Table]:
    """A plan as people read it: what would become of each field, and some values."""
    words = ("created", "changed", "cleared", "left", "blocked", "edited")
    counts = Table("record", _folded("field"), *words, title=title, box=None, pad_edge=False)
    samples = Table(
        _folded("record"), _folded("field"), "before", "after", box=None, pad_edge=False
    )
    for one in plan.fields:
        numbers = [f"{number:,}" for number in (getattr(one, word) for word in words)]
        new = " (new)" if one.is_to_be_created else ""
        counts.add_row(one.target, one.field + new, *numbers)
        for sample in one.samples:
            record = f"{one.target} {sample.external_id}"
            samples.add_row(record, one.field, _told(sample.before), _told(sample.after))
    counts.caption = f"{sum(plan.records.values()):,} records in {plan.calls:,} calls."
    blocked = Table(_folded("not written"), "why", box=None, pad_edge=False)
    for refused in plan.not_written:
        blocked.add_row(f"{refused.target} {refused.field}", refused.reason)
    return [counts, samples, *([blocked] if plan.not_written else [])]


def _folded(header: str) -> Column:
    """A column of names without spaces, which a narrow terminal would cut."""
    return Column(header, overflow="fold")


def _told(value: object) -> str:
    return "" if value is None else str(value)


def _opened() -> tuple[Engine, Vault]:
    settings = surroundings.settings()
    return surroundings.database(settings), surroundings.vault(settings)
