"""What a write-back would do if it ran now; neither the CRM nor the outbox is touched."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.checking import Look, look
from app.pipeline.choosing import Choice, Choices
from app.pipeline.guarding import guard
from app.pipeline.link import Link
from app.pipeline.owing import NOTHING, Shown, settle, shown
from app.store import connections, outbox, plans
from app.store.outbox import Due
from app.store.owed import Known, Values
from app.store.plans import NotWritten, Plan, PlannedField, Sample
from connectors import Target

SAMPLES = 5


def plan(
    database: Engine, link: Link, *, now: Callable[[], datetime], samples: int = SAMPLES
) -> Plan:
    """Say what would be created, changed, cleared, left and blocked, and in how many calls.

    Raises:
        ConnectorError: If the CRM cannot be asked how its fields stand.
    """
    calls_before = link.connector.calls
    with Session(database) as session:
        choices = Choices.of(session, link)
        since = connections.get(session, link.connection_id).shadow_since
        found = look(link, choices)
        tallies = _Tallies(link, found, samples, now())
        for page in shown(session, link.connection_id, found.choices.columns):
            tallies.add(
                page,
                outbox.known(session, link.connection_id, page.target.value, sorted(page.fresh)),
            )
    calls = link.connector.calls - calls_before
    return tallies.plan(calls, since)


def keep(database: Engine, link: Link, *, now: Callable[[], datetime]) -> Counter[str]:
    """Plan, and keep the plan in the place of the last; gives its numbers."""
    calls_before = link.connector.calls
    found = plan(database, link, now=now)
    with Session(database) as session:
        link.hold(session)
        plans.keep(session, link.connection_id, found)
        session.commit()
    return Counter(
        records=sum(found.records.values()),
        values=sum(one.created + one.changed + one.cleared for one in found.fields),
        calls=link.connector.calls - calls_before,
    )


@dataclass(slots=True)
class _Tally:
    """What would become of one field."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)


class _Tallies:
    """Adds up what would be done, page by page."""

    def __init__(self, link: Link, found: Look, samples: int, at: datetime) -> None:
        self._link = link
        self._found = found
        self._samples = samples
        self._at = at
        self._records: Counter[Target] = Counter()
        self._fields = {choice.key: _Tally() for choice in found.choices.every}

    def add(self, page: Shown, known: Mapping[str, Known]) -> None:
        """Add some records of one kind."""
        target, due = page.target.value, []
        for external_id, fresh in page.fresh.items():
            before = self._doubted(target, known.get(external_id, NOTHING))
            columns = self._found.choices.columns[page.target]
            steady = settle(columns, fresh, before.acknowledged, before.undone)
            after = before if steady == before.wanted else before.wanting(steady)
            self._count_left(target, steady, after)
            if after.next_try_at and after.next_try_at > self._at:
                self._count(target, after.differences, "blocked")
            elif after.differences and _is_worth(before, steady):
                due.append(Due(target, external_id, after.differences, after.acknowledged, {}))
        self._add_due(page.target, due)

    def _doubted(self, target: str, known: Known) -> Known:
        """What is known of a record if what lost fields held is not."""
        lost = {name for kind, name in self._found.lost if kind == target}
        if lost.isdisjoint(known.acknowledged):
            return known
        held = {name: value for name, value in known.acknowledged.items() if name not in lost}
        return replace(known, acknowledged=held)

    def _add_due(self, target: Target, due: Sequence[Due]) -> None:
        guarded = guard(self._link, self._found.choices, due)
        for (kind, _), values in guarded.theirs.items():
            self._count(kind, values, "edited")
        for (kind, _), values in guarded.holds.items():
            self._count(kind, values, "left")
        self._records[target] += len(guarded.due)
        for one in guarded.due:
            for name, value in one.values.items():
                self._sample(one, name, value)

    def _sample(self, due: Due, name: str, after: plans.Value) -> None:
        tally, before = self._fields[due.target, name], due.acknowledged.get(name)
        word = "created" if before is None else "cleared" if after is None else "changed"
        tally.counts[word] += 1
        if len(tally.samples) < self._samples:
            sample = Sample(external_id=due.external_id, before=before, after=after)
            tally.samples.append(sample)

    def _count_left(self, target: str, steady: Values, after: Known) -> None:
        for name, value in steady.items():
            if name in after.theirs:
                self._fields[target, name].counts["edited"] += 1
            elif name not in after.differences and value is not None:
                self._fields[target, name].counts["left"] += 1

    def _count(self, target: str, values: Mapping[str, object], word: str) -> None:
        for name in values:
            self._fields[target, name].counts[word] += 1

    def plan(self, calls: int, since: datetime | None) -> Plan:
        """What it comes to; `calls` were made to find out, and will be again."""
        writing = self._link.connector.calls_to_write({t: n for t, n in self._records.items() if n})
        is_idle = not self._records.total() and not self._found.refused
        return Plan(
            planned_at=self._at,
            shadow_since=since,
            records={t.value: n for t, n in self._records.items() if n},
            calls=0 if is_idle else calls + writing,
            fields=[self._field(one) for one in self._found.choices.every if one.is_written],
            not_written=[
                NotWritten(
                    target=one.target.value,
                    name=one.column.name,
                    field=one.name_there,
                    reason=reason,
                )
                for one, reason in self._found.refused.items()
            ],
        )

    def _field(self, one: Choice) -> PlannedField:
        tally = self._fields[one.key]
        words = ("created", "changed", "cleared", "left", "blocked", "edited")
        return PlannedField(
            target=one.target.value,
            name=one.column.name,
            label=one.column.label,
            field=one.name_there,
            is_to_be_created=one in self._found.to_make,
            samples=tally.samples,
            **{word: tally.counts[word] for word in words},
        )


def _is_worth(before: Known, steady: Values) -> bool:
    return bool(before.wanted) or any(value is not None for value in steady.values())
