"""Scores -> outbox -> CRM: only what differs from what the CRM has confirmed to hold.

Only a positive answer counts as written. Our own write moves the record's modification date: if an
unchanged score were written again, the loop would never end.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline.fields import COLUMNS, fields
from app.pipeline.link import Link
from app.pipeline.owing import owe
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import outbox
from app.store.outbox import Due
from connectors import (
    Connector,
    ExternalId,
    FieldType,
    FieldUpdate,
    Target,
    WriteResult,
)

BATCH = 2_000
SILENCE = "The CRM did not say what became of this record; it is written again later."


def write_back(
    database: Engine, link: Link, *, now: Callable[[], datetime], watch: Watch = unwatched
) -> Counter[str]:
    """Write the custom fields that changed; nothing is called when nothing did.

    Missing fields are created before the first value is written. Every call's answers are
    committed before the next call is made, so a crash sends at most one batch again, unchanged.

    Returns:
        How many records were looked at and written, how many stand refused, by this run or an
        earlier one, how many fields were created, and how many calls it took.

    Raises:
        ConnectorError: What was written by then is known; the rest stays due.
    """
    connection_id, connector = link.connection_id, link.connector
    targets = [target for target in COLUMNS if target in link.targets]
    counts = Counter(records=0, written=0, refused=0, created=0)
    calls_before = connector.calls
    with Session(database) as session:
        counts["records"] = owe(session, connection_id, {t: COLUMNS[t] for t in targets})
        session.commit()
        if outbox.count_due(session, connection_id, at=now()):
            counts["created"] = _create_fields(session, connection_id, connector, targets)
            session.commit()
        done, total = 0, outbox.count_due(session, connection_id, at=now())
        while due := outbox.due(session, connection_id, at=now(), limit=BATCH):
            for results in _answers(link, due):
                link.hold(session)
                outbox.acknowledge(session, connection_id, results, at=now())
                session.commit()
                counts["written"] += sum(result.ok for result in results)
                done += len(results)
                watch(Progress("write back", "records", done, total))
        counts["refused"] = sum(number for *_, number in outbox.refused(session, connection_id))
    counts["calls"] = connector.calls - calls_before
    return counts


def _answers(link: Link, due: Sequence[Due]) -> Iterator[Sequence[WriteResult]]:
    """What the CRM says to each record, call by call; its silence about one is a refusal."""
    unanswered = {(one.target, one.external_id) for one in due}
    with link.allowance.spent_on(Purpose.WRITING):
        for results in link.connector.write([_update(one, link) for one in due]):
            unanswered -= {(result.target.value, result.id) for result in results}
            yield results
    yield [
        WriteResult(
            Target(target),
            ExternalId(external_id),
            ok=False,
            code="UNANSWERED",
            reason=SILENCE,
            is_final=False,
        )
        for target, external_id in sorted(unanswered)
    ]


def _create_fields(
    session: Session, connection_id: int, connector: Connector, targets: Sequence[Target]
) -> int:
    """Create the fields that are missing; what a lost one had held is to be written again."""
    wanted = [field for target in targets for field in fields(target)]
    created = connector.create_fields(wanted)
    by_target: dict[str, set[str]] = {}
    for field in created:
        by_target.setdefault(field.target.value, set()).add(field.name)
    outbox.doubt(session, connection_id, by_target)
    return len(created)


def _update(due: Due, link: Link) -> FieldUpdate:
    target = Target(due.target)
    dates = {c.name for c in COLUMNS[target] if c.type is FieldType.DATE}
    values = {
        link.own_name(name): date.fromisoformat(value) if name in dates and value else value
        for name, value in due.values.items()
    }
    return FieldUpdate(target, ExternalId(due.external_id), values)
