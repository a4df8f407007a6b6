"""A team's log: makes its activities, with the records that stand for people in one file."""

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from app.demo.people import Part
from app.demo.teams import TWINS, Company, twin_id
from connectors import Activity, Channel, ExternalId, Participant, Role

MEETING_S = 1800.0
BY_TWIN, BY_OTHER_ADDRESS = 0.25, 0.8
"""What somebody with two records does is a quarter of the time the second's; who has two addresses
uses the other one a fifth of the time."""


class Known(NamedTuple):
    """Somebody, as one activity knows them."""

    record: ExternalId
    address: str | None = None


class Log:
    """Makes the activities of one team, numbered.

    Attributes:
        rng: Chance, for what happens.
        more: Chance, for how the CRM knows of it.
    """

    def __init__(self, company: Company, part: Part) -> None:
        self.team = part.team
        self.until_s = company.until.timestamp()
        self.rng = np.random.default_rng([company.seed, self.team.number, 1])
        self.more = np.random.default_rng([company.seed, self.team.number, 4])
        self._count = 0
        self._thread: str | None = None
        self._channel = Channel.EMAIL
        self._instead = part.instead
        contacts = self.team.contacts
        self._twins = {contacts[index]: Known(twin_id(contacts[index])) for index in TWINS}
        self._others = {
            contact: Known(contact, addresses[1])
            for contact, addresses in zip(contacts, part.identities.addresses, strict=True)
            if len(addresses) > 1
        }
        self._parties: dict[tuple[Role, Known | ExternalId], Participant] = {}

    def face(self, contact: ExternalId, chance: float) -> Known | ExternalId:
        """Give which record or address a contact goes by this time."""
        if chance < BY_TWIN:
            return self._twins.get(contact, contact)
        return self._others.get(contact, contact) if chance > BY_OTHER_ADDRESS else contact

    def mail(
        self,
        at_s: float,
        sender: Known | ExternalId,
        *to: Known | ExternalId,
        is_bulk: bool = False,
        happened: bool = True,
    ) -> Activity:
        """Log a mail that begins a conversation."""
        self._channel, self._thread = Channel.EMAIL, f"thread-{self.team.number}-{self._count}"
        return self._written(at_s, sender, to, is_bulk=is_bulk, happened=happened)

    def wrote(
        self,
        channel: Channel | None,
        at_s: float,
        sender: Known | ExternalId,
        to: Known | ExternalId,
    ) -> Activity:
        """Log a message of a messenger, or a mail."""
        if channel is None:
            return self.mail(at_s, sender, to)
        self._channel, self._thread = channel, None
        return self._written(at_s, sender, (to,))

    def answer(self, at_s: float, sender: Known | ExternalId, to: Known | ExternalId) -> Activity:
        """Log an answer to what was written last."""
        return self._written(at_s, sender, (to,))

    def call(
        self, at_s: float, caller: Known | ExternalId, to: Known | ExternalId, length_s: float
    ) -> Activity:
        """Log a call."""
        people = (self._party(Role.FROM, caller), self._party(Role.TO, to))
        return self._activity(Channel.CALL, at_s, people, duration_s=length_s)

    def meeting(self, at_s: float, *who: Known | ExternalId, happened: bool = True) -> Activity:
        """Log a meeting, its host first."""
        people = tuple([self._party(Role.PARTY, one) for one in who])
        return self._activity(
            Channel.MEETING, at_s, people, duration_s=MEETING_S, happened=happened
        )

    def _written(
        self,
        at_s: float,
        sender: Known | ExternalId,
        to: tuple[Known | ExternalId, ...],
        *,
        is_bulk: bool = False,
        happened: bool = True,
    ) -> Activity:
        others = [self._party(Role.TO, one) for one in to]
        people = (self._party(Role.FROM, sender), *others)
        return self._activity(
            self._channel,
            at_s,
            people,
            thread=self._thread,
            is_bulk=is_bulk,
            happened=happened,
        )

    def _party(self, role: Role, who: Known | ExternalId) -> Participant:
        """Make a participant, once."""
        key = role, who
        found = self._parties.get(key)
        if found is None:
            record, address = who if isinstance(who, Known) else (who, None)
            found = Participant(role, self._instead.get(record, record), address)
            self._parties[key] = found
        return found

    def _activity(
        self,
        channel: Channel,
        at_s: float,
        people: tuple[Participant, ...],
        *,
        duration_s: float = 0.0,
        happened: bool = True,
        thread: str | None = None,
        is_bulk: bool = False,
    ) -> Activity:
        self._count += 1
        at = datetime.fromtimestamp(int(at_s), UTC)
        return Activity(
            ExternalId(f"activity-{self.team.number}-{self._count}"),
            channel,
            at,
            people,
            recipients=len(people) - 1,
            duration_s=duration_s,
            happened=happened,
            thread=thread,
            is_bulk=is_bulk,
            modified_at=at,
        )
