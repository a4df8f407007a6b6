"""What the demo shows at the end: who knows whom, who fell off the radar, who can introduce."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlmodel import Session

from app.engine import BANDS, Scores
from app.engine.network import Network, build
from app.engine.routes import Leg, Route, find_routes
from app.pipeline.fields import PERSON
from app.store import connections, lookups, people, scores, tables
from connectors import ExternalId, Target, module
from connectors._sandbox import Sandbox, open_state, sandbox_module

ROWS = 8
LARGEST_COMPANY = 100
"""More people than that at a domain of the record are customers of a mail provider."""

_COLOURS = {"strong": "green", "moderate": "yellow", "weak": "cyan", "none": "dim"}
_INSIDE = "enron.com"


def show(database: Engine, states: Mapping[str, Path], console: Console) -> None:
    """Print what was found, and what the CRMs hold of it.

    Args:
        database: After a run.
        states: The sandboxes' state files, by CRM.
        console: Where to print.
    """
    with Session(database) as session:
        named = people.named(session)
        _show_bands(session, console)
        _show_ties(session, named, console)
        _show_advice(session, named, console)
        _show_route(session, named, console)
        for crm, state in states.items():
            _show_fields(session, crm, state, console)


def _show_bands(session: Session, console: Console) -> None:
    found = scores.bands(session)
    told = ", ".join(f"{found.get(b, 0):,} {b}" for b in reversed(BANDS))
    console.print(f"\n[bold]Ties between colleagues and contacts[/]: {told}.")


def _show_ties(session: Session, named: Mapping[int, tuple[str, bool]], console: Console) -> None:
    table = _table("Who knows whom best", "colleague", "contact", "at", "strength", "last contact")
    ties = scores.strongest(session, limit=ROWS)
    at = people.accounts_of(session, {t.a for t in ties} | {t.b for t in ties})
    for tie in ties:
        colleague, contact = _sides(tie, named)
        bar = "█" * max(round(tie.points / 10), 1)
        table.add_row(
            named[colleague][0],
            named[contact][0],
            at.get(contact, ""),
            f"[{_COLOURS[tie.band]}]{bar:<10}[/] {tie.points}",
            _day(tie.last_s),
        )
    console.print(table)


def _show_advice(session: Session, named: Mapping[int, tuple[str, bool]], console: Console) -> None:
    table = _table("Fallen off the radar: reconnect", "colleague", "with", "at", "because")
    advice = scores.advice(session, limit=ROWS)
    at = people.accounts_of(session, {one.contact_id for one in advice})
    for one in advice:
        table.add_row(
            named[one.colleague_id][0],
            named[one.contact_id][0],
            at.get(one.contact_id, ""),
            one.reason,
        )
    console.print(table)


def _show_route(session: Session, named: Mapping[int, tuple[str, bool]], console: Console) -> None:
    """Introductions to the best-known account outside, for a colleague who knows nobody there."""
    _, found, _ = lookups.refold(session, scores.snapshot(session))
    network = build(found)
    members = people.at_accounts(session)
    at = {person: name for name, ids in members.items() for person in ids}
    for tie in scores.strongest(session, limit=100):
        account = at.get(_sides(tie, named)[1], _INSIDE)
        is_company = account != _INSIDE and len(members[account]) <= LARGEST_COMPANY
        routes = _routes(network, found, members[account]) if is_company else []
        if len(routes) > 1:
            asker = named[routes[0].legs[0].source][0]
            headings = ("route", "chance", "weakest leg")
            table = _table(f"Who can introduce {asker} at {account}?", *headings)
            for route in routes:
                table.add_row(*_told(route, named))
            console.print(table)
            return


def _routes(network: Network, found: Scores, targets: list[int]) -> list[Route]:
    strangers = [
        int(c) for c in found.colleagues if all(found.between(int(c), t) is None for t in targets)
    ]
    return find_routes(network, asker=strangers[0], targets=targets) if strangers else []


def _show_fields(session: Session, crm: str, state: Path, console: Console) -> None:
    """What the CRM itself holds on the contact known best: read from the sandbox, not from us."""
    connection = next(c for c in connections.every(session) if c.crm == crm)
    best = scores.best_record(session, connection.id or 0)
    if best is None:
        return
    name, external_id = best
    sandbox = Sandbox(open_state(state))
    with contextlib.closing(sandbox.db):
        held = sandbox_module(crm).custom_values(sandbox, Target.CONTACT, ExternalId(external_id))
    table = _table(f"What {module(crm).TITLE} now holds on {name}", "field", "value")
    for column in PERSON:
        if held.get(column.name) is not None:
            table.add_row(column.label, str(held[column.name]))
    console.print(table)


def _told(route: Route, named: Mapping[int, tuple[str, bool]]) -> tuple[str, str, str]:
    names = [named[route.legs[0].source][0], *(named[leg.target][0] for leg in route.legs)]
    return " → ".join(names), f"{route.probability:.0%}", _leg(route.weakest)


def _leg(leg: Leg) -> str:
    if leg.kind == "team" or leg.last_s is None:
        return "same team, no mail between them on record"
    return f"strength {leg.points:.0f}, last contact {_day(leg.last_s)}"


def _sides(tie: tables.Tie, named: Mapping[int, tuple[str, bool]]) -> tuple[int, int]:
    return (tie.a, tie.b) if named[tie.a][1] else (tie.b, tie.a)


def _table(title: str, *headings: str) -> Table:
    table = Table(
        title=f"\n{title}",
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        pad_edge=False,
    )
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _day(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%-d %b %Y}"
