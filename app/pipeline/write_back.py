"""Scores -> outbox -> CRM: only what differs from what the CRM has confirmed to hold.

Only a positive answer counts as written. Our own write moves the record's modification date: if an
unchanged score were written again, the loop would never end.
"""

from collections import Counter
from collections.abc import Callable, MutableMapping
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.checking import check
from app.pipeline.choosing import Choices
from app.pipeline.link import Link
from app.pipeline.looking import Look
from app.pipeline.owing import owe
from app.pipeline.sending import Sender
from app.pipeline.watch import Watch, unwatched
from app.store import chosen, ledger, outbox, refusals

Looks = MutableMapping[int, Look]
"""What a process has seen of each connection's records last."""

FIELDS_KNOWN_FOR = timedelta(days=1)
"""How long those who look again soon rely on a look at the fields, unless a value is refused."""


def write_back(
    database: Engine,
    link: Link,
    *,
    run_id: int,
    now: Callable[[], datetime],
    watch: Watch = unwatched,
    looks: Looks | None = None,
) -> Counter[str]:
    """Write the custom fields that changed; nothing is called when nothing did.

    Before the first value is written, the fields are looked at: what was never there is created,
    what was lost is paused; who looks again soon does so once a day. Every call's answers are
    committed before the next call is made, so a crash sends at most one batch again, unchanged.

    Returns:
        How many records were looked at and written, how many stand refused, by this run or an
        earlier one, how many fields were created, and how many calls it took; and how many values
        are left to people, and how many records were not tried, where any are.

    Raises:
        ConnectorError: What was written by then is known; the rest stays due.
    """
    counts = Counter(records=0, written=0, refused=0, created=0)
    calls_before = link.connector.calls
    with Session(database) as session:
        choices, created = ready(session, link, counts, now=now, looks=looks)
        counts["created"] = created
        sender = Sender(session, link, run_id, now, watch)
        counts.update(sender.send(choices))
        counts["refused"] = refusals.count(session, link.connection_id)
        ledger.prune(session, link.connection_id, at=now())
        session.commit()
    counts["calls"] = link.connector.calls - calls_before
    return counts


def ready(
    session: Session,
    link: Link,
    counts: Counter[str],
    *,
    now: Callable[[], datetime],
    looks: Looks | None = None,
) -> tuple[Choices, int]:
    """Note what every record should hold, and see that the fields are there if anything is due.

    Args:
        session: Committed.
        link: Whose records.
        counts: Is told how many there are.
        now: Gives the time.
        looks: The last look at each connection, kept up to date; what has not changed since is
            not looked at. Without, all is.

    Returns:
        The fields to write, and how many were created.
    """
    choices, created = Choices.of(session, link), 0
    last = looks.get(link.connection_id) if looks is not None else None
    is_checked = last is not None and _is_known(session, link, choices, at=now())
    if choices.paused and not is_checked:
        choices, created = _checked(session, link, choices, at=now())
        is_checked = True
    if looks is not None:
        looks.pop(link.connection_id, None)
    look = owe(session, link.connection_id, choices.columns, last, commit=session.commit)
    counts["records"] = len(look)
    session.commit()
    if looks is not None:
        looks[link.connection_id] = look
    if not is_checked and outbox.count_due(session, link.connection_id, at=now()):
        before = choices.columns
        choices, created = _checked(session, link, choices, at=now())
        if choices.columns != before:
            owe(session, link.connection_id, choices.columns, commit=session.commit)
            session.commit()
    return choices, created


def _is_known(session: Session, link: Link, choices: Choices, *, at: datetime) -> bool:
    """Whether it need not be looked again how the fields stand."""
    since = at - FIELDS_KNOWN_FOR
    return choices.is_known and chosen.is_seen(session, link.connection_id, since=since)


def _checked(
    session: Session, link: Link, choices: Choices, *, at: datetime
) -> tuple[Choices, int]:
    checked = check(session, link, choices, at=at)
    session.commit()
    return Choices.of(session, link), checked.created
