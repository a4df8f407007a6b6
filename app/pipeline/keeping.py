"""A page that was read, kept: without what people objected to, and what is too old to keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from app.pipeline.mailboxes import canonical
from app.store import identity, records, retention, suppression, wiping
from app.store.records import Kept
from app.store.suppression import Hashing
from connectors import Acquaintance, Activity, Page, Participant, Person, Record


def keep(session: Session, connection_id: int, page: Page) -> Kept:
    """Keep a page's records, as `records.keep` does; of whoever objected, that they are there.

    A record is theirs if it has one of their addresses, was theirs before, or is what a record of
    theirs was merged into. Who turns out to be them is erased. Activities older than what is kept
    one by one are passed over: they have been counted, or come too late.
    """
    page = _young(session, connection_id, page)
    if not suppression.is_any(session):
        return records.keep(session, connection_id, page)
    sieve = _Sieve.of(session, connection_id, page)
    out = sieve.out(session)
    if out:
        found = identity.of_profiles(session, connection_id, out)
        if found:
            wiping.wipe(session, set(found.values()), canonical)
    plain = tuple(sieve.plain(one) for one in page.records)
    return records.keep(session, connection_id, replace(page, records=plain), out=out)


def _young(session: Session, connection_id: int, page: Page) -> Page:
    """A page without activities that are older than what is kept one by one."""
    until = retention.collapsed_until(session, connection_id)
    if until is None:
        return page
    young = [
        one
        for one in page.records
        if not isinstance(one, Activity) or one.is_deleted or one.at >= until
    ]
    return replace(page, records=tuple(young))


@dataclass(frozen=True, slots=True)
class _Sieve:
    """Tells whose of a page's records and addresses are suppressed."""

    connection_id: int
    hashing: Hashing
    persons: Sequence[Person]
    suppressed: frozenset[str]

    @classmethod
    def of(cls, session: Session, connection_id: int, page: Page) -> "_Sieve":
        hashing = Hashing.of(session)
        persons = [one for one in page.records if isinstance(one, Person)]
        addresses = {address for one in persons for address in one.addresses}
        addresses |= {
            part.address
            for one in page.records
            if isinstance(one, Activity)
            for part in one.participants
            if part.address
        }
        digests = {hashing.address(canonical(one)) for one in addresses}
        named = {one.id for one in persons} | {by.colleague_id for p in persons for by in p.linked}
        digests |= {hashing.record(connection_id, one) for one in named}
        return cls(connection_id, hashing, persons, frozenset(suppression.known(session, digests)))

    def out(self, session: Session) -> set[str]:
        """The records of people who objected; what is new of them is suppressed with the rest."""
        theirs = [one for one in self.persons if not self.suppressed.isdisjoint(self._digests(one))]
        ids = {str(one.id) for one in theirs}
        ids |= {str(one.merged_into) for one in theirs if one.merged_into}
        act = suppression.act_of(session, self.suppressed) if theirs else None
        if act:
            digests = {self.hashing.record(self.connection_id, one) for one in ids}
            suppression.suppress(session, act, digests, are_addresses=False)
        return ids

    def plain(self, record: Record) -> Record:
        """The same without their addresses and lists; that somebody was there stays."""
        if isinstance(record, Activity):
            parts = tuple(self._without(part) for part in record.participants)
            return replace(record, participants=parts)
        if isinstance(record, Person) and record.linked:
            return replace(record, linked=tuple(filter(self._may_be_named, record.linked)))
        return record

    def _may_be_named(self, by: Acquaintance) -> bool:
        return self.hashing.record(self.connection_id, by.colleague_id) not in self.suppressed

    def _without(self, part: Participant) -> Participant:
        if part.address is None or not self._is_suppressed(part.address):
            return part
        return replace(part, address=None)

    def _is_suppressed(self, address: str) -> bool:
        return self.hashing.address(canonical(address)) in self.suppressed

    def _digests(self, person: Person) -> Iterable[str]:
        addresses = [self.hashing.address(canonical(one)) for one in person.addresses]
        return [*addresses, self.hashing.record(self.connection_id, person.id)]
