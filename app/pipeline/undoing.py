"""A run of writing taken back: former values return through the outbox, as a run of its own.

Only what still stands as that run wrote it is taken back: what a person has changed since is left
to them, and what a later run has written is the later run's. Afterwards a field stays taken back
for as long as the scores say what was taken back; the next new value is written as ever.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.choosing import Choices
from app.pipeline.guarding import held
from app.pipeline.link import Link
from app.pipeline.sending import Sender
from app.pipeline.watch import Watch, unwatched
from app.pipeline.write_back import ready
from app.store import asked, ledger, outbox, revising
from app.store.owed import Key, Values
from app.store.tables import Run

Both = tuple[Any, Any]
"""What was written to a field, and what it held before."""


def undo(
    database: Engine,
    link: Link,
    *,
    run_id: int,
    now: Callable[[], datetime],
    watch: Watch = unwatched,
) -> Counter[str]:
    """Take back what a run wrote; a run that takes back can be taken back itself.

    May be repeated after a crash: what is taken back already is not touched again.

    Returns:
        How many records were looked at and written, how many of these stand refused, and how many
        values are taken back; and of the other values, if any, how many people have changed since,
        a later run has written since, are in fields that are not written, or in records that are
        gone.

    Raises:
        ConnectorError: What was taken back by then stays so; the rest does when it runs again.
    """
    counts = Counter({"records": 0, "written": 0, "refused": 0, "taken back": 0})
    calls_before = link.connector.calls
    with Session(database) as session:
        choices, _ = ready(session, link, Counter(), now=now)
        taking = _Taking(session, link, choices, run_id, counts)
        run = asked.get(session, asked.get(session, run_id).undoes or 0)
        for page in ledger.of_run(session, run.id or 0):
            taking.take(page, run)
        counts.update(Sender(session, link, run_id, now, watch).send(choices, undo_id=run_id))
        counts["refused"] = outbox.count_undoing(session, link.connection_id, run_id)
    counts["calls"] = link.connector.calls - calls_before
    return counts


@dataclass(slots=True)
class _Taking:
    """Says, page by page, what records are to hold again."""

    session: Session
    link: Link
    choices: Choices
    run_id: int
    counts: Counter[str]

    def take(self, page: Mapping[Key, tuple[Values, Values]], run: Run) -> None:
        """Want the former values of some records again; commits."""
        self.counts["records"] += len(page)
        for target in sorted({target for target, _ in page}):
            mine = {key[1]: both for key, both in page.items() if key[0] == target}
            still = self._standing(target, mine, run)
            if still:
                self._take_back(target, still)
                self.session.commit()

    def _standing(
        self, target: str, page: Mapping[str, tuple[Values, Values]], run: Run
    ) -> dict[str, dict[str, Both]]:
        """What we last knew to stand as the run wrote it."""
        known = outbox.known(self.session, self.link.connection_id, target, sorted(page))
        found: dict[str, dict[str, Both]] = {}
        for external_id, (before, after) in page.items():
            if external_id not in known:
                self.counts["gone"] += len(after)
                continue
            for name, wrote in after.items():
                former = before.get(name)
                if not self._is_where_it_was(target, name, run):
                    self.counts["not written"] += 1
                elif known[external_id].acknowledged.get(name) != wrote:
                    self.counts["written since"] += 1
                elif former != wrote:
                    found.setdefault(external_id, {})[name] = (wrote, former)
        return found

    def _is_where_it_was(self, target: str, name: str, run: Run) -> bool:
        """Tell whether a field is written, and to the same field as it was then."""
        found = self.choices.get(target, name)
        if found is None or not found.is_written:
            return False
        return found.mapped_at is None or found.mapped_at <= run.started_at

    def _take_back(self, target: str, still: Mapping[str, Mapping[str, Both]]) -> None:
        fields = self.choices.of_target(target)
        names = {n: fields[n].name_there for values in still.values() for n in values}
        now = held(self.link, target, sorted(still), names)
        undone: dict[Key, dict[str, Both]] = {}
        for external_id, values in still.items():
            if external_id not in now:
                self.counts["gone"] += len(values)
                continue
            kept = {n: b for n, b in values.items() if now[external_id].get(n) == b[0]}
            self.counts["respected"] += len(values) - len(kept)
            self.counts["taken back"] += len(kept)
            if kept:
                undone[target, external_id] = kept
        self.link.hold(self.session)
        revising.take_back(self.session, self.link.connection_id, self.run_id, undone)
