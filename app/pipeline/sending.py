"""The outbox, sent: call by call, each answer kept before the next call, a lost field left out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline import guarding
from app.pipeline.checking import check
from app.pipeline.choosing import Choice, Choices, Policy
from app.pipeline.guarding import guard
from app.pipeline.link import Link
from app.pipeline.watch import Progress, Watch
from app.store import chosen, connections, ledger, outbox, revising, standings
from app.store.connections import Part
from app.store.outbox import Asked, Due
from app.store.owed import Key
from connectors import (
    ExternalId,
    FieldsRefused,
    FieldState,
    FieldType,
    FieldUpdate,
    FieldValue,
    Target,
    WriteResult,
)

BATCH = 20_000
"""Records that a connector is given at once: so many that it can choose how to send them."""

FEWEST = 5
"""So many records refused alike, and none taken, before the fault is looked for in a field."""

SILENCE = "The CRM did not say what became of this record; it is written again later."


@dataclass(slots=True)
class Sender:
    """Sends what is due to one CRM, in the name of one run.

    Attributes:
        session: Committed after every call.
    """

    session: Session
    link: Link
    run_id: int
    now: Callable[[], datetime]
    watch: Watch
    _proven: set[str] = field(default_factory=set)
    _stopped: set[str] = field(default_factory=set)
    _part: Part | None = None

    def send(self, choices: Choices, *, undo_id: int | None = None) -> Counter[str]:
        """Send everything that is due; or only what a run takes back.

        Returns:
            How many records were written; and if any, how many values are left to people, and how
            many records were not tried because their kind is refused as a whole.
        """
        # A run can be taken back while writing is paused: that is when one wants to.
        self._part = None if undo_id else Part.WRITING
        counts: Counter[str] = Counter()
        total = self._count(undo_id)
        while due := self._due(undo_id):
            strange = _strange(choices, due)
            if strange:
                self._leave_out(strange)
                continue
            try:
                self._page(choices, due, counts)
            except FieldsRefused as error:
                choices = self._without(choices, error)
            self.watch(Progress("write back", "records", counts["written"], total))
        if self._stopped and (waiting := self._count(undo_id)):
            counts["not tried"] = waiting
        return counts

    def _due(self, undo_id: int | None) -> list[Due]:
        asked = Asked(undo_id, frozenset(self._stopped))
        return outbox.due(self.session, self._connection, at=self.now(), limit=BATCH, asked=asked)

    def _count(self, undo_id: int | None) -> int:
        asked = Asked(undo_id)
        return outbox.count_due(self.session, self._connection, at=self.now(), asked=asked)

    @property
    def _connection(self) -> int:
        return self.link.connection_id

    def _page(self, choices: Choices, due: Sequence[Due], counts: Counter[str]) -> None:
        """Send some records; stops behind a call that shows that a field is refused."""
        guarded = guard(self.link, choices, due)
        guarding.keep(self.session, self.link, guarded)
        kept = [one for one in guarded.due if _has_policy(choices, one)]
        outbox.sending(self.session, self._connection, kept)
        self.session.commit()
        for policy, name in ((Policy.RESPECT, "respected"), (Policy.ALERT, "edited")):
            if number := guarded.count(choices, policy):
                counts[name] += number
        dues = {one.key: one for one in guarded.due}
        for results in self._answers(choices, guarded.due):
            self._keep(results, dues)
            counts["written"] += sum(result.ok for result in results)
            self._proven |= {result.target.value for result in results if result.ok}
            if suspect := self._suspect(results):
                counts["written"] += self._look_for_fault(choices, dues[suspect])
                return

    def _keep(self, results: Sequence[WriteResult], dues: Mapping[Key, Due]) -> None:
        """Commit what the CRM said."""
        at = self.now()
        connections.hold(self.session, self._connection)  # paused or not: it is written already
        if any(not one.ok and one.is_final and not one.is_gone for one in results):
            chosen.see(self.session, self._connection, at=None)  # a field may be at fault
        outbox.acknowledge(self.session, self._connection, results, dues=dues, at=at)
        ledger.note(self.session, (self.run_id, self._connection), results, dues=dues, at=at)
        self.session.commit()
        self.link.check(self.session, self._part)

    def _answers(self, choices: Choices, due: Sequence[Due]) -> Iterator[Sequence[WriteResult]]:
        """What the CRM says to each record, call by call; its silence about one is a refusal."""
        unanswered = {one.key for one in due}
        homes = standings.homes(self.session, self._connection, [one.external_id for one in due])
        updates = [_update(choices, one, homes) for one in due]
        with self.link.allowance.spent_on(Purpose.WRITING):
            for results in self.link.connector.write(updates):
                unanswered -= {(result.target.value, result.id) for result in results}
                yield results
        if unanswered:
            yield [_silence(key) for key in sorted(unanswered)]

    def _suspect(self, results: Sequence[WriteResult]) -> Key | None:
        """A record of a call that refused all of one kind alike, before any was taken."""
        for target in dict.fromkeys(result.target for result in results):
            mine = [result for result in results if result.target is target]
            is_alike = len({result.code for result in mine}) == 1
            is_refused = all(not result.ok and result.is_final for result in mine)
            is_new = target.value not in self._proven
            if is_new and len(mine) >= FEWEST and is_alike and is_refused:
                return target.value, mine[0].id
        return None

    def _look_for_fault(self, choices: Choices, due: Due) -> int:
        """Write the fields of one record one by one; stop those refused, or its kind if all are.

        Returns:
            How many records were written in doing so.
        """
        dues = [replace(due, values={name: value}) for name, value in due.values.items()]
        results: dict[str, WriteResult] = {}
        for one in dues:
            for answers in self._answers(choices, [one]):
                self._keep(answers, {one.key: one})
                results[next(iter(one.values))] = answers[0]
        refused = {name: result for name, result in results.items() if not result.ok}
        if len(refused) == len(results):
            self._stopped.add(due.target)
            return 0
        for name, result in refused.items():
            self._pause(due.target, name, result.reason)
        self._leave_out({due.target: set(refused)})
        return 1

    def _pause(self, target: str, name: str, reason: str) -> None:
        chosen.note(
            self.session,
            self._connection,
            {(target, name): (FieldState.READY.value, reason)},
            at=self.now(),
        )

    def _leave_out(self, fields: Mapping[str, set[str]]) -> None:
        revising.stop(self.session, self._connection, fields)
        self.session.commit()

    def _without(self, choices: Choices, error: FieldsRefused) -> Choices:
        """Leave out fields that the CRM takes no more, with the reason that a look at them gives.

        Raises:
            FieldsRefused: If none of them is one that we write.
        """
        refused = [c for c in choices.named_there(set(error.fields)) if c.is_written]
        if not refused:
            raise error
        check(self.session, self.link, choices, at=self.now())
        now = Choices.of(self.session, self.link)
        for one in refused:
            if (found := now.get(*one.key)) and found.is_written:
                self._pause(*one.key, str(error))
        self.session.commit()
        now = Choices.of(self.session, self.link)
        self._leave_out(_gone(choices, now))
        return now


def _gone(before: Choices, now: Choices) -> dict[str, set[str]]:
    """The fields that were written and are not any more, by kind of record."""
    found: dict[str, set[str]] = {}
    for one in before.every:
        if one.is_written and not _is_written(now, *one.key):
            found.setdefault(one.target.value, set()).add(one.column.name)
    return found


def _strange(choices: Choices, due: Sequence[Due]) -> dict[str, set[str]]:
    """The fields that are due and are not written, by kind of record."""
    found: dict[str, set[str]] = {}
    for one in due:
        for name in one.values:
            if not _is_written(choices, one.target, name):
                found.setdefault(one.target, set()).add(name)
    return found


def _is_written(choices: Choices, target: str, name: str) -> bool:
    found = choices.get(target, name)
    return found is not None and found.is_written


def _has_policy(choices: Choices, due: Due) -> bool:
    fields = choices.of_target(due.target)
    return any(fields[name].policy is not Policy.OVERWRITE for name in due.values)


def _update(choices: Choices, due: Due, homes: Mapping[str, str]) -> FieldUpdate:
    fields, home = choices.of_target(due.target), homes.get(due.external_id)
    return FieldUpdate(
        target=Target(due.target),
        id=ExternalId(due.external_id),
        values={
            fields[name].name_there: _typed(fields[name], value)
            for name, value in due.values.items()
        },
        account_id=ExternalId(home) if home else None,
    )


def _typed(choice: Choice, value: FieldValue) -> FieldValue:
    is_date = choice.column.type is FieldType.DATE and isinstance(value, str)
    return date.fromisoformat(str(value)) if is_date else value


def _silence(key: Key) -> WriteResult:
    target, external_id = key
    return WriteResult(
        Target(target),
        ExternalId(external_id),
        ok=False,
        code="UNANSWERED",
        reason=SILENCE,
        is_final=False,
    )
