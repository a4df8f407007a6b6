"""What changed -> events: a scoring beside the one before, how a run ended, who is paused.

An event is noted in the transaction of what it tells, so that neither is there without the other.
Of a scoring it tells what is otherwise than it was. So the first scoring tells nothing; nor does
the first one by another model or other weights, since nothing happened between people then; nor a
tie, a best introducer or a card that is new, because there is nothing it was before.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from app.store import events
from app.store.events import EventType, Happened
from app.store.snapshots import Change, Row, Written

SINGLE_THREAD = "add_thread"
"""The rule that says which deals hang on one tie."""

QUIET = {"cooling": EventType.TIE_COOLING, "off_radar": EventType.TIE_OFF_RADAR}
"""What a tie becomes that loses its rhythm; from the second of them back it does not cool."""

Named = Mapping[int, tuple[str, bool]]
"""Everybody's name, and whether they are a colleague."""


def scored(session: Session, written: Written, named: Named, *, at: datetime) -> int:
    """Note what a scoring changed, the strongest first; gives how many events were kept."""
    wanted = events.wanted(session)
    if not (wanted and written.is_comparable):
        return 0
    found = [
        *_of_ties(written, named),
        *(_of_cards(written) if EventType.ROUTE_NEW_BEST_INTRODUCER in wanted else ()),
        *_of_advice(written),
    ]
    return events.note(session, found, at=at)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    run_id: int
    stage: str
    connection_id: int | None
    status: str
    reason: str
    seconds: float
    counts: Mapping[str, int]


def ended(session: Session, run: Ended, *, at: datetime) -> None:
    """Note how a run ended."""
    told: dict[str, Any] = {
        "run": run.run_id,
        "stage": run.stage,
        "connection": run.connection_id,
        "status": run.status,
        "reason": run.reason,
        "seconds": round(run.seconds, 1),
        "counts": dict(run.counts),
    }
    events.note(session, [Happened(EventType.RUN_FINISHED, told)], at=at)


def paused(session: Session, connection_id: int, reason: str, *, at: datetime) -> None:
    """Note that a connection waits for a person."""
    told: dict[str, Any] = {"connection": connection_id, "reason": reason}
    events.note(session, [Happened(EventType.CONNECTION_PAUSED, told)], at=at)


def _of_ties(written: Written, named: Named) -> Iterator[Happened]:
    both = [(old, new) for old, new in written.ties_changed if old and new and new["is_outward"]]
    for old, new in sorted(both, key=_strongest_first):
        people = _ends(new, named)
        if old["band"] != new["band"]:
            bands = {"before": old["band"], "after": new["band"]}
            yield Happened(EventType.TIE_BAND_CHANGED, people | bands | _points(old, new))
        type_ = QUIET.get(new["status"])
        if type_ and old["status"] not in (new["status"], "off_radar"):
            silence = {"before": old["status"], "last_contact": _moment(new["last_s"])}
            then = {"strength": new["points"], "strength_then": new["points_then"]}
            yield Happened(type_, people | silence | then)


def _of_cards(written: Written) -> Iterator[Happened]:
    """Contacts whom somebody else knows best now."""
    for old, new in written.cards_changed:
        before, after = _best(old), _best(new)
        if before and after and before["other"]["id"] != after["other"]["id"]:
            told = {
                "contact": new["person_id"] if new else 0,
                "colleague_before": before["other"]["id"],
                "colleague": after["other"]["id"],
                "strength": after["strength"],
                "strength_before": before["strength"],
            }
            yield Happened(EventType.ROUTE_NEW_BEST_INTRODUCER, told)


def _of_advice(written: Written) -> Iterator[Happened]:
    """Deals that hang on one tie and did not."""
    advised = [
        (_deal(old) if old else None, new)
        for old, new in written.advice_changed
        if (old or new or {}).get("rule") == SINGLE_THREAD
    ]
    known = {deal for deal, _ in advised if deal}
    for _, new in advised:
        if new and _deal(new) and _deal(new) not in known:
            told = {"deal": new["deal_id"], "connection": new["deal_connection_id"]}
            people = {"colleague": new["colleague_id"], "contact": new["contact_id"]}
            yield Happened(EventType.DEAL_SINGLE_THREAD_RISK, told | people | new["evidence"])


def _strongest_first(change: Change) -> tuple[int, int, int]:
    old, new = change
    points = max(old["points"] if old else 0, new["points"] if new else 0)
    return -points, *((new["a"], new["b"]) if new else (0, 0))


def _ends(tie: Row, named: Named) -> dict[str, Any]:
    a, b = tie["a"], tie["b"]
    is_a_ours = named.get(a, ("", False))[1]
    return {"colleague": a if is_a_ours else b, "contact": b if is_a_ours else a}


def _points(old: Row, new: Row) -> dict[str, Any]:
    return {"strength": new["points"], "strength_before": old["points"]}


def _moment(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")


def _best(card: Row | None) -> dict[str, Any] | None:
    """Of a contact's card, the tie with the colleague who knows them best."""
    body = json.loads(card["body"]) if card and card["body"] else None
    return None if body is None or body["person"]["is_colleague"] else body["best"]


def _deal(advice: Row) -> tuple[int, str] | None:
    deal = (advice["deal_connection_id"], advice["deal_id"])
    return None if None in deal else deal
