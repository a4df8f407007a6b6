"""Programs of ours that are told what happens: who, of what, and what they could not be told."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app.console.deps import AdminDep, FormDep, same_site
from app.console.pages import back_to, go, page
from app.deps import DatabaseDep, MessengerDep, SessionDep
from app.messenger import Wish
from app.signing_in import Visitor
from app.store import audit, events, subscribers
from app.store.events import EventType, Sought

router = APIRouter(prefix="/subscribers", dependencies=[Depends(same_site)])

HERE = "/console/subscribers"

LATEST = 20
"""Deliveries on the page."""

STATES = {
    "": "all",
    events.PENDING: "to be told",
    events.DELIVERED: "told",
    events.DEAD: "given up",
}

TYPES = {
    EventType.TIE_BAND_CHANGED: "a tie is in another band",
    EventType.TIE_COOLING: "a tie is cooling: silent three times as long as is usual for the two",
    EventType.TIE_OFF_RADAR: "a tie is off the radar: eight times as long",
    EventType.ROUTE_NEW_BEST_INTRODUCER: "another colleague knows a contact best",
    EventType.DEAL_SINGLE_THREAD_RISK: "a deal hangs on one person",
    EventType.RUN_FINISHED: "a run has ended",
    EventType.CONNECTION_PAUSED: "a connection waits for a person",
}


@router.get("")
def show_subscribers(
    request: Request, session: SessionDep, _: AdminDep, state: str = ""
) -> Response:
    """Show who is told what, and the latest of it; `state` is dead to see what was given up."""
    return _shown(request, session, state=state)


@router.post("")
@back_to(HERE)
def subscribe(
    request: Request,
    asks: AdminDep,
    messenger: MessengerDep,
    database: DatabaseDep,
    typed: FormDep,
) -> Response:
    """Have a program told from now on; its secret is shown this once."""
    types = [one for one in EventType if one.value in typed]
    url = typed.get("url", "")
    made = messenger.subscriptions.subscribe(Wish(url, types, "with_names" in typed))
    host = {"host": urlsplit(url).hostname}
    with Session(database) as session, session.begin():
        _note(session, asks, "subscriber.added", made.subscriber_id, after=host)
        return _shown(request, session, secret=made.secret)


@router.post("/{subscriber_id}/test")
@back_to(HERE)
def try_one(
    subscriber_id: int, _: AdminDep, messenger: MessengerDep, database: DatabaseDep
) -> Response:
    """Tell a program of nothing, now and once, and say what it answered."""
    delivery_id = messenger.test(subscriber_id)
    with Session(database) as session:
        row, _event = events.get(session, delivery_id)
    if row.state != events.DELIVERED:
        return go(HERE, f"It was not told: {row.reason}", is_problem=True)
    return go(HERE, f"It was told, and answered {row.status} in {row.milliseconds:,} ms.")


@router.post("/{subscriber_id}/rotate")
@back_to(HERE)
def rotate(
    request: Request,
    subscriber_id: int,
    asks: AdminDep,
    messenger: MessengerDep,
    database: DatabaseDep,
) -> Response:
    """Make a new secret, shown this once; for a day the one before signs too."""
    made = messenger.subscriptions.rotate(subscriber_id)
    with Session(database) as session, session.begin():
        _note(session, asks, "subscriber.secret_changed", subscriber_id)
        return _shown(request, session, secret=made.secret)


@router.post("/{subscriber_id}/remove")
@back_to(HERE)
def remove(
    subscriber_id: int, asks: AdminDep, messenger: MessengerDep, database: DatabaseDep
) -> Response:
    """Tell a program nothing any more, and forget what it was told."""
    messenger.subscriptions.end(subscriber_id)
    with Session(database) as session, session.begin():
        _note(session, asks, "subscriber.removed", subscriber_id)
    return go(HERE, "It is told nothing any more.")


@router.post("/deliveries/{delivery_id}/replay")
@back_to(HERE)
def replay(
    delivery_id: int, asks: AdminDep, messenger: MessengerDep, database: DatabaseDep
) -> Response:
    """Tell an event again, under the id it had."""
    with Session(database) as session, session.begin():
        events.replay(session, delivery_id, at=messenger.now())
        _note(session, asks, "delivery.replayed", delivery_id)
    return go(HERE, "It is told again within a few seconds.")


def _shown(request: Request, session: Session, *, state: str = "", secret: str = "") -> Response:
    sought = Sought(state if state in STATES else None)
    every = subscribers.every(session)
    return page(
        request,
        "subscribers.html",
        subscribers=every,
        hosts={one.id: urlsplit(one.url).hostname for one in every},
        numbers=events.by_state(session),
        deliveries=events.deliveries(session, sought, limit=LATEST),
        types=TYPES,
        states=STATES,
        state=sought.state or "",
        secret=secret,
    )


def _note(
    session: Session,
    asks: Visitor,
    what: str,
    subject: int,
    *,
    after: dict[str, str | None] | None = None,
) -> None:
    audit.keep(session, asks.actor, what, str(subject), after=after)
