"""What an admin says of writing: which fields, what of a person's edits, shadow, undo, retry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Purpose
from app.errors import Conflict, NotFound, Unreadable
from app.pipeline import Link
from app.pipeline.checking import check
from app.pipeline.choosing import Choice, Choices, Policy
from app.pipeline.planning import plan
from app.store import asked, chosen, connections, ledger, revising, tables
from app.store.plans import Plan
from connectors import Field, FieldState, Target

__all__ = [
    "TAKES_BACK",
    "Choice",
    "Link",
    "Plan",
    "Policy",
    "Said",
    "ask_plan",
    "ask_undo",
    "choices",
    "choose",
    "create",
    "fields",
    "plan",
    "write_so",
]

TAKES_BACK = ("write back", asked.UNDO)
"""The stages whose runs can be taken back."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an admin says of a custom field.

    Attributes:
        called: The CRM's name of the field to write to; "" for one of Tieline's own.
    """

    called: str = ""
    policy: Policy = Policy.OVERWRITE
    is_on: bool = True


def fields(database: Engine, link: Link) -> Sequence[Choice]:
    """The custom fields of a connection, in the order of the catalogue; nothing is called."""
    with Session(database) as session:
        return Choices.of(session, link).every


def choices(link: Link, target: Target) -> Sequence[Field]:
    """The fields of a CRM that a field of ours could be written to instead."""
    with link.allowance.spent_on(Purpose.WRITING):
        return link.connector.choices(target)


def said(database: Engine, link: Link, name: chosen.Name) -> Said:
    """Give what is said of a custom field now.

    Raises:
        NotFound: If there is no such custom field on this connection.
    """
    with Session(database) as session:
        found = _found(Choices.of(session, link), name)
    return Said(found.called, found.policy, found.is_on)


def choose(database: Engine, link: Link, name: chosen.Name, said: Said) -> Choice:
    """Say whether a custom field is written, where to, and what of a person's edits.

    A field that is written elsewhere from now on leaves what it wrote where it was.

    Raises:
        NotFound: If there is no such custom field on this connection.
        Unreadable: If it cannot be written to that field.
        Conflict: If another one is.
        ConnectorError: If the CRM cannot be asked.
    """
    with Session(database) as session:
        before = _found(Choices.of(session, link), name)
        others = [c for c in Choices.of(session, link).every if c.key != name]
    is_moved = said.called != before.called
    if is_moved and said.called:
        _see_that_it_fits(link, before, said.called, others)
    with Session(database) as session, session.begin():
        connections.hold(session, link.connection_id)
        known = {"called": said.called, "policy": said.policy.value, "is_on": said.is_on}
        chosen.keep(session, link.connection_id, name, **known)
        chosen.see(session, link.connection_id, at=None)
        if is_moved:
            chosen.move(session, link.connection_id, name, at=datetime.now(UTC))
            revising.doubt(session, link.connection_id, {name[0]: {name[1]}})
        if said.policy is Policy.OVERWRITE is not before.policy:
            revising.reclaim(session, link.connection_id, *name)
    with Session(database) as session:
        return _found(Choices.of(session, link), name)


def create(database: Engine, link: Link, names: Sequence[chosen.Name] = ()) -> Sequence[Choice]:
    """Create custom fields that are missing, lost ones too; all that are wanted if none is named.

    Returns:
        All fields as they stand then; the reason of each that could not be created.

    Raises:
        NotFound: If there is no such custom field on this connection.
        ConnectorError: If the CRM cannot be asked.
    """
    with Session(database) as session:
        before = Choices.of(session, link)
        wanted = [_found(before, name).key for name in names] or [c.key for c in before.every]
        check(session, link, before, at=datetime.now(UTC), creating=wanted)
        session.commit()
        return Choices.of(session, link).every


def write_so(
    database: Engine,
    connection_id: int,
    *,
    is_shadow: bool | None = None,
    keeps_days: int | None = None,
) -> tables.Connection:
    """Say whether a connection writes or only compares, and how long it is kept what was written.

    Args:
        database: The store.
        connection_id: Which one.
        is_shadow: True to compare only, from now on; None to leave it.
        keeps_days: How many days; None to leave it.

    Raises:
        Unreadable: If it is no number of days.
    """
    if keeps_days is not None and keeps_days < 1:
        raise Unreadable("What was written is kept for a number of days, at least 1.")
    with Session(database, expire_on_commit=False) as session, session.begin():
        connection = connections.get(session, connection_id)
        if is_shadow is not None:
            since = connection.shadow_since or datetime.now(UTC)
            connection.shadow_since = since if is_shadow else None
        if keeps_days is not None:
            connection.keeps_writes_days = keeps_days
        return connection


def ask_plan(database: Engine, connection_id: int) -> tables.Run:
    """Ask for a plan of the next write-back; whoever runs the pipeline next makes it.

    Raises:
        NotFound: If there is no such connection.
    """
    with Session(database, expire_on_commit=False) as session, session.begin():
        connections.get(session, connection_id)
        return asked.ask(session, asked.PLAN, connection_id, at=datetime.now(UTC))


def ask_undo(database: Engine, run_id: int) -> tables.Run:
    """Ask that what a run wrote is taken back; whoever runs the pipeline next does it.

    Raises:
        NotFound: If there is no such run.
        Unreadable: If it is none that wrote, or it is not kept any more what it wrote.
        Conflict: If it has not ended, or is taken back already.
    """
    with Session(database, expire_on_commit=False) as session, session.begin():
        run = asked.get(session, run_id)
        if run.stage not in TAKES_BACK or run.connection_id is None:
            raise Unreadable(f"The run {run_id} wrote to no CRM: there is nothing to take back.")
        if run.status in (asked.ASKED, "running"):
            raise Conflict(f"The run {run_id} has not ended: take it back then.")
        if before := asked.undoing(session, run_id):
            raise Conflict(f"The run {run_id} is taken back already, by the run {before.id}.")
        if next(ledger.of_run(session, run_id), None) is None:
            raise Unreadable(f"The run {run_id} wrote nothing, or it is not kept any more.")
        at = datetime.now(UTC)
        return asked.ask(session, asked.UNDO, run.connection_id, at=at, undoes=run_id)


def _found(every: Choices, name: chosen.Name) -> Choice:
    found = every.get(*name)
    if found is None:
        raise NotFound(f"There is no custom field {name[1]} of {name[0]}s on this connection.")
    return found


def _see_that_it_fits(link: Link, choice: Choice, called: str, others: Sequence[Choice]) -> None:
    """Make sure that a field of the CRM can hold what a custom field of ours says."""
    taken = [c for c in others if c.target is choice.target and c.name_there == called]
    if taken:
        raise Conflict(f"{called} is what {taken[0].column.label} is written to already.")
    if called not in {field.called or field.name for field in choices(link, choice.target)}:
        raise Unreadable(
            f"{called} is no field of {choice.target}s that somebody added and we may write: "
            "`tieline choices` lists those there are."
        )
    with link.allowance.spent_on(Purpose.WRITING):
        (found,) = link.connector.check_fields([replace(choice, called=called).field])
    if found.state is not FieldState.READY:
        raise Unreadable(found.reason)
