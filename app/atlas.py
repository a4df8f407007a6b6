"""The network of the snapshot in force, made once per snapshot and asked many times."""

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.engine import Interactions, Network, Scores, Weights, Wishes, owed
from app.engine.held import EVERY_DAY
from app.engine.network import build
from app.engine.routes import Order
from app.engine.topology.graph import Graph, firm
from app.errors import AppError
from app.refolding import Refolded, Refolding
from app.store import favours, interactions, people, scores, tables

WAIT_S = 0.1
"""How long somebody who looks at a page waits for the first chart, before seeing it without."""

log = logging.getLogger("tieline.atlas")


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """What routes and explanations are found in.

    Attributes:
        digest: Of the snapshot it belongs to.
        as_of: The day whose end ages are measured from, as on a card.
        until_s: The moment up to which contacts count, seconds since 1970 (UTC).
        firm: Who knows whom well enough for questions of topology.
        nobody: Addresses that are no person's: no route leads over them.
    """

    digest: str
    as_of: datetime
    until_s: int
    scores: Scores
    network: Network
    firm: Graph
    nobody: frozenset[int]
    weights: Weights


def wishes(
    session: Session, chart: Chart, asker: int, *, busy: Collection[int], order: Order = "chance"
) -> Wishes:
    """Which routes somebody is to be told of now, also by who owes them.

    Args:
        session: Nothing is changed.
        chart: What the routes are looked for in.
        asker: Who wants to be introduced.
        busy: Who is to be spared, as from `asked_enough`.
        order: What to sort by.
    """
    ledger, at_s = favours.ledger(session, asker), int(datetime.now(UTC).timestamp())
    owes = owed(ledger, person=asker, as_of_s=at_s)
    return Wishes(order=order, owed=owes, busy=busy, nobody=chart.nobody)


def asked_enough(loads: Mapping[int, int], most: int) -> list[int]:
    """Who had so many requests for an introduction in a month; nobody where `most` is 0."""
    return [one for one, asked in loads.items() if most and asked >= most]


def contacts_of(session: Session, chart: Chart, people: Collection[int]) -> Interactions:
    """The contacts of a few people with anybody that a chart follows from, as they are now."""
    return interactions.of_people(session, people, until_s=chart.until_s)


def contacts_between(session: Session, chart: Chart, pair: tuple[int, int]) -> Interactions:
    """The contacts of two people with each other, the same."""
    one = (min(pair), max(pair), EVERY_DAY)
    return interactions.of_days(session, [one], until_s=chart.until_s)


class Atlas:
    """Keeps the chart of the snapshot in force.

    The store keeps what is told about a tie, and day cells, not the sums it follows from; so a
    chart is made by summing up all cells the first time, then those of the pairs that changed
    (`refolding`). An activity that came in after the last scoring, for a
    moment before it, is counted here already: until the next scoring, seconds later, a strength may
    differ from the card's.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._chart: Chart | None = None
        self._refolding = Refolding()

    async def chart(self, session: Session) -> Chart:
        """Give the chart of the snapshot in force; whoever comes while it is made waits for it.

        Raises:
            NotReady: If nothing was ever scored.
        """
        snapshot = scores.snapshot(session)
        chart = self._chart
        if chart is not None and chart.digest == snapshot.digest:
            return chart
        return await run_in_threadpool(self.refresh)

    def at_hand(self, session: Session) -> Chart | None:
        """Give the last chart at once, be it of a former snapshot; a newer one is made meanwhile.

        Returns:
            None until the first is made.

        Raises:
            NotReady: If nothing was ever scored.
        """
        snapshot = scores.snapshot(session)
        chart = self._chart
        if chart is None or chart.digest != snapshot.digest:
            making = threading.Thread(target=self._refresh_quietly, daemon=True)
            if not self._lock.locked():
                making.start()
                making.join(0 if chart else WAIT_S)
        return self._chart

    def _refresh_quietly(self) -> None:
        try:
            self.refresh()
        except (AppError, SQLAlchemyError):  # whoever looks next asks again
            log.warning("chart not made", exc_info=True)

    def refresh(self) -> Chart:
        """Make the chart anew if the snapshot in force is another one than it was made for.

        Raises:
            NotReady: If nothing was ever scored.
        """
        with self._lock, Session(self._database) as session:
            snapshot = scores.snapshot(session)
            if self._chart is None or self._chart.digest != snapshot.digest:
                self._chart = _chart(snapshot, session, self._refolding.to(session, snapshot))
            return self._chart


def _chart(snapshot: tables.Snapshot, session: Session, found: Refolded) -> Chart:
    as_of = snapshot.as_of - timedelta(days=1)
    nobody = frozenset(people.nobodies(session))
    known = firm(found.scores, without=nobody)
    return Chart(
        digest=snapshot.digest,
        as_of=as_of,
        until_s=int(snapshot.scored_at.timestamp()),
        scores=found.scores,
        network=build(found.scores),
        firm=known,
        nobody=nobody,
        weights=found.weights,
    )
