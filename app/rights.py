"""What somebody who explores may see: all of it, or what the CRMs show them.

A rep is a viewer whose address is a colleague's. Of each record the CRM is asked whether they may
read it; where it does not say, they see those whom they know themselves. What was told holds for
ten minutes. Everybody else either looks after Tieline, or sees nobody unless an owner lets them.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session

from app.errors import NotReady
from app.security import Role
from app.signing_in import Visitor
from app.store import acquaintances, sights, users
from app.store.sights import Record
from app.writing import Link
from connectors import ExternalId, Target

HOLDS_S = 600.0
"""How long an answer of a CRM holds."""

OpenOne = Callable[[int], AbstractContextManager[Link]]


class Sight(Protocol):
    """What one visitor may see."""

    @property
    def is_whole(self) -> bool:
        """Whether that is everything."""

    @property
    def colleague_id(self) -> int | None:
        """Which colleague they are, if they are one."""

    def people(self, session: Session, ids: Collection[int]) -> set[int]:
        """Those of these people whom the visitor may see."""

    def accounts(self, session: Session, ids: Collection[int]) -> set[int]:
        """Those of these accounts that the visitor may see."""

    def records(self, records: Collection[Record], *, is_known: bool = False) -> set[Record]:
        """Those of these records that the visitor may see.

        Args:
            records: Of people, accounts or deals.
            is_known: They are known to be shown if the CRM does not say otherwise.
        """


class Everything:
    """The sight of those who look after Tieline."""

    is_whole = True
    colleague_id: int | None = None

    def people(self, session: Session, ids: Collection[int]) -> set[int]:  # noqa: ARG002 - a Sight
        """All of them."""
        return set(ids)

    def accounts(self, session: Session, ids: Collection[int]) -> set[int]:  # noqa: ARG002 - a Sight
        """All of them."""
        return set(ids)

    def records(self, records: Collection[Record], *, is_known: bool = False) -> set[Record]:  # noqa: ARG002 - a Sight
        """All of them."""
        return set(records)


EVERYTHING: Sight = Everything()


class Nothing:
    """The sight of a viewer who is no colleague."""

    is_whole = False
    colleague_id: int | None = None

    def people(self, session: Session, ids: Collection[int]) -> set[int]:  # noqa: ARG002 - a Sight
        """None of them."""
        return set()

    def accounts(self, session: Session, ids: Collection[int]) -> set[int]:  # noqa: ARG002 - a Sight
        """None of them."""
        return set()

    def records(self, records: Collection[Record], *, is_known: bool = False) -> set[Record]:  # noqa: ARG002 - a Sight
        """None of them."""
        return set()


NOTHING: Sight = Nothing()


@dataclass(frozen=True, slots=True)
class OfColleague:
    """The sight of a rep.

    Attributes:
        colleague_id: Who they are.
        logins: Which user of each connection they are.
    """

    rights: "Rights"
    colleague_id: int
    logins: Mapping[int, str]
    is_whole: bool = False

    def people(self, session: Session, ids: Collection[int]) -> set[int]:
        """Colleagues with whom they share a CRM, and contacts that it shows them."""
        faces = sights.faces(session, ids)
        asked = {one for face in faces.values() if not face.is_colleague for one in face.records}
        told = self.rights.ask(self.logins, asked)
        known = sights.acquainted(session, self.colleague_id, faces)
        return {
            person
            for person, face in faces.items()
            if person == self.colleague_id
            or (face.is_colleague and not self.logins.keys().isdisjoint(face.connections))
            or (not face.is_colleague and _shows(face.records, told, is_known=person in known))
        }

    def accounts(self, session: Session, ids: Collection[int]) -> set[int]:
        """Those that a CRM shows them, or where they know somebody and it does not say."""
        records = sights.accounts(session, ids)
        told = self.rights.ask(self.logins, records.values())
        members = acquaintances.members(session, list(records))
        everybody = {one for there in members.values() for one in there}
        known = sights.acquainted(session, self.colleague_id, everybody)
        return {
            number
            for number, record in records.items()
            if _shows([record], told, is_known=bool(members[number] & known))
        }

    def records(self, records: Collection[Record], *, is_known: bool = False) -> set[Record]:
        """Those that a CRM shows them."""
        told = self.rights.ask(self.logins, records)
        ours = {one for one in records if one.connection_id in self.logins}
        return {one for one in ours if told.get(one, is_known)}


def _shows(records: Iterable[Record], told: Mapping[Record, bool], *, is_known: bool) -> bool:
    """Whether a CRM shows any of these records; where none says anything, who knows them does."""
    said = [told[one] for one in records if one in told]
    return any(said) or (is_known and not said)


class Rights:
    """Asks the CRMs what their users may read, and remembers it for a while."""

    def __init__(
        self, open_one: OpenOne | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open_one = open_one
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, Record], tuple[float, bool | None]] = {}

    def sight(self, session: Session, visitor: Visitor) -> Sight:
        """What a visitor may see of people."""
        if visitor.user_id is None or visitor.may(Role.OPERATOR):
            return EVERYTHING
        user = users.get(session, visitor.user_id)
        found = sights.colleague(session, user.email)
        if found is None:
            return EVERYTHING if user.sees_people else NOTHING
        return OfColleague(self, *found)

    def ask(self, logins: Mapping[int, str], records: Iterable[Record]) -> dict[Record, bool]:
        """What the CRMs say of records to those users; what they do not say anything of is absent.

        Raises:
            NotReady: If connections cannot be opened.
            ConnectorError: If a CRM does not answer.
        """
        mine = [one for one in set(records) if one.connection_id in logins]
        now = self._clock()
        with self._lock:
            self._kept = {key: said for key, said in self._kept.items() if said[0] > now}
            missing = [o for o in mine if (logins[o.connection_id], o) not in self._kept]
        for connection_id in sorted({one.connection_id for one in missing}):
            here = [one for one in missing if one.connection_id == connection_id]
            self._learn(logins[connection_id], connection_id, here, until=now + HOLDS_S)
        with self._lock:
            said = {one: self._kept.get((logins[one.connection_id], one)) for one in mine}
        return {one: kept[1] for one, kept in said.items() if kept and kept[1] is not None}

    def _learn(
        self, user: str, connection_id: int, records: Collection[Record], *, until: float
    ) -> None:
        if self._open_one is None:
            raise NotReady("What you may see cannot be asked of the CRM: set TIELINE_SECRET_KEY.")
        learned: dict[tuple[str, Record], tuple[float, bool | None]] = {}
        with self._open_one(connection_id) as link:
            for target in sorted({one.target for one in records}):
                here = sorted(one.external_id for one in records if one.target == target)
                ids = [ExternalId(one) for one in here]
                told = link.connector.visible(ExternalId(user), Target(target), ids)
                for one in ids:
                    key = (user, Record(connection_id, target, one))
                    learned[key] = (until, told.get(one))
        with self._lock:
            self._kept |= learned
