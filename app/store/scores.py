"""The snapshot of scores in force, as it is asked; `snapshots` keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.engine import Bin, Calibration, Curve, Fit
from app.errors import NotReady
from app.store import tables
from connectors import PersonKind

IN_FORCE = 1


def snapshot(session: Session) -> tables.Snapshot:
    """The snapshot in force.

    Raises:
        NotReady: If nothing was ever scored.
    """
    found = session.get(tables.Snapshot, IN_FORCE)
    if found is None:
        raise NotReady("Nothing is scored yet: run `tieline run`, or wait for the schedule.")
    return found


def seq(session: Session) -> int:
    """The number of the snapshot in force, 0 if there is none."""
    found = session.get(tables.Snapshot, IN_FORCE)
    return found.seq if found else 0


def fit_in_force(session: Session) -> tuple[tables.Snapshot, Fit] | None:
    """The snapshot in force, and how the chances it tells came about; None if there is none."""
    found = session.get(tables.Snapshot, IN_FORCE)
    return (found, read_fit(found)) if found else None


def write_fit(fit: Fit) -> dict[str, Any]:
    """A fit as it is kept with the snapshot."""
    return asdict(fit)


def read_fit(snapshot: tables.Snapshot) -> Fit:
    """The curve of a snapshot, and how true it came."""
    kept = snapshot.alive
    return Fit(
        curve=Curve(**kept["curve"]),
        is_own=kept["is_own"],
        came=kept["came"],
        lapsed=kept["lapsed"],
        own=_calibration(kept["own"]) if kept["own"] else None,
        default=_calibration(kept["default"]),
    )


def _calibration(kept: Mapping[str, Any]) -> Calibration:
    return Calibration(**{**kept, "bins": tuple(Bin(**one) for one in kept["bins"])})


def tie(session: Session, one: int, other: int) -> tables.Tie | None:
    """The tie of two people in the snapshot in force; None if they never met."""
    return session.get(tables.Tie, (min(one, other), max(one, other)))


def strongest(session: Session, *, limit: int, status: str | None = None) -> Sequence[tables.Tie]:
    """The strongest ties between a colleague and somebody outside; of one status if given."""
    tie = tables.Tie
    query = select(tie).where(col(tie.is_outward))
    if status is not None:
        query = query.where(tie.status == status)
    ranked = query.order_by(col(tie.strength).desc(), col(tie.a), col(tie.b))
    return session.exec(ranked.limit(limit)).all()


def off_radar(
    session: Session, *, limit: int, colleague_id: int | None = None, least_then: int
) -> Sequence[tables.Tie]:
    """Outward ties that are cooling or off the radar, those at the greatest risk first.

    Args:
        session: To ask.
        limit: How many at most.
        colleague_id: Only this colleague's.
        least_then: Only ties that had so many points when last in touch.
    """
    tie = tables.Tie
    query = _outward(colleague_id).where(
        col(tie.status).in_(("cooling", "off_radar")), col(tie.points_then) >= least_then
    )
    return session.exec(
        query.order_by(col(tie.risk).desc(), col(tie.a), col(tie.b)).limit(limit)
    ).all()


def dormant_strong(
    session: Session, *, limit: int, colleague_id: int | None = None
) -> Sequence[tables.Tie]:
    """Outward ties that were strong and have been silent for one to three years; best first."""
    tie = tables.Tie
    query = _outward(colleague_id).where(col(tie.is_dormant_strong))
    return session.exec(
        query.order_by(
            col(tie.points_then).desc(), col(tie.last_s).desc(), col(tie.a), col(tie.b)
        ).limit(limit)
    ).all()


def _outward(colleague_id: int | None) -> SelectOfScalar[tables.Tie]:
    tie = tables.Tie
    query = select(tie).where(col(tie.is_outward))
    if colleague_id is None:
        return query
    return query.where(or_(col(tie.a) == colleague_id, col(tie.b) == colleague_id))


def best_record(session: Session, connection_id: int) -> tuple[str, str] | None:
    """The contact of a connection with the strongest tie: name and external id."""
    tie, profile = tables.Tie, tables.Profile
    query = (
        select(profile.name, profile.external_id)
        .join(tie, or_(col(tie.a) == profile.person_id, col(tie.b) == profile.person_id))
        .where(
            profile.connection_id == connection_id,
            profile.kind == PersonKind.CONTACT.value,
            col(tie.is_outward),
            ~col(profile.is_deleted),
        )
        .order_by(col(tie.strength).desc(), col(profile.external_id))
        .limit(1)
    )
    return session.exec(query).first()


def bands(session: Session) -> dict[str, int]:
    """How many ties between a colleague and somebody outside there are in each band."""
    tie = tables.Tie
    query = select(tie.band, func.count()).where(col(tie.is_outward)).group_by(tie.band)
    return dict(session.exec(query).all())


def advice(
    session: Session, *, limit: int, colleague_id: int | None = None
) -> Sequence[tables.Recommendation]:
    """What the rules recommend, the most pressing first; to one colleague if given."""
    recommendation = tables.Recommendation
    query = select(recommendation)
    if colleague_id is not None:
        query = query.where(recommendation.colleague_id == colleague_id)
    ranked = query.order_by(
        col(recommendation.priority).desc(),
        col(recommendation.colleague_id),
        col(recommendation.contact_id),
    )
    return session.exec(ranked.limit(limit)).all()
