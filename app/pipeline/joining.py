"""Records -> people: which records are one person, and why.

What a record can be known by (`identity`) belongs to one person, in whichever CRM and record it
stands: records that share it are joined, and part when they no longer do. A record that was merged
away belongs to the person of the record that lives on. An admin can set a record apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlmodel import Session

from app.pipeline.exclusions import Rules
from app.pipeline.identity import Claim, claims, contradict
from app.pipeline.leaving_out import Lists, reopen
from app.pipeline.mailboxes import Mailbox, company_domain, mailbox
from app.store import identity, people, resolving, tables
from app.store.identity import Face
from connectors import PersonKind

Key = tuple[int, str]
"""A record, by its connection and its external id."""

MERGED = "merged into another record"
SET_APART = "set apart by an admin"


@dataclass(slots=True)
class Verdict:
    """Whose a record is, and why it was joined to others; a negative number is a newcomer."""

    person: int
    reason: str


@dataclass
class Joining:
    """Settles records batch by batch; what is ours is known for the whole of a run."""

    session: Session

    @cached_property
    def lists(self) -> Lists:
        """Who is left out."""
        return Lists.of(self.session)

    @cached_property
    def own_domains(self) -> frozenset[str]:
        """The domains of our own companies: those of the colleagues' main addresses."""
        main = identity.colleagues_addresses(self.session)
        return frozenset(filter(None, map(company_domain, main)))

    def settle(self, profiles: Sequence[tables.Profile]) -> int:
        """Find or make the person of each profile; gives how many people are new."""
        batch = _Batch(self.session, profiles)
        for profile in profiles:
            batch.decide(profile)
        ids = identity.add(self.session, [self._face(p.name, p.addresses) for p in batch.newcomers])
        whose = {key: _known(verdict, ids) for key, verdict in batch.verdicts.items()}
        identity.give(self.session, {old: _number(new, ids) for old, new in batch.moved.items()})
        identity.own(self.session, {key: _number(one, ids) for key, one in batch.owners.items()})
        self._record(profiles, whose)
        return len(ids)

    def strangers(self, addresses: Sequence[str]) -> dict[str, int]:
        """Make people of addresses that no record has; gives them by address."""
        made = identity.add(self.session, [self._face("", [address]) for address in addresses])
        found = dict(zip(addresses, made, strict=True))
        identity.own(self.session, found)
        self.lists.settle(self.session, {person: [address] for address, person in found.items()})
        return found

    def _record(
        self, profiles: Sequence[tables.Profile], whose: Mapping[Key, tuple[int, str]]
    ) -> None:
        """Write down whose each profile is; activities of who was replaced are reopened."""
        left = {
            profile.person_id
            for profile in profiles
            if profile.person_id is not None and profile.person_id != whose[_key(profile)][0]
        }
        identity.settle(self.session, whose)
        before = {p.person_id for p in profiles if p.person_id is not None}
        identity.release(self.session, before, known_by)
        now = left | {person for person, _ in whose.values()}
        shown = identity.records_of(self.session, now)
        identity.show(self.session, {person: self._seen(rows) for person, rows in shown.items()})
        resolving.reopen(self.session, left)
        if self.lists.company:
            self._leave_out(set(shown))

    def _leave_out(self, who: set[int]) -> None:
        """Say of people whose records changed whether they are left out."""
        differing = self.lists.settle(self.session, people.addresses_of(self.session, who))
        if differing:
            reopen(self.session, differing, Rules(()))

    def _seen(self, records: Sequence[identity.Shown]) -> Face:
        """What to call a person by all their live records: a colleague's own comes first."""
        addresses = [address for one in records for address in one.addresses]
        face = self._face(records[0].name, addresses)
        is_ours = any(one.kind == PersonKind.COLLEAGUE.value for one in records)
        return Face(face.name, is_ours or face.is_colleague, face.mailbox)

    def _face(self, name: str, addresses: Sequence[str]) -> Face:
        """What to call somebody, whether they are one of us, and who is behind the addresses."""
        domain = company_domain(addresses[0]) if addresses else None
        behind = {mailbox(address) for address in addresses} or {Mailbox.PERSON}
        kind = Mailbox.PERSON if Mailbox.PERSON in behind else min(behind)
        called = name or (addresses[0] if addresses else "")
        return Face(called, domain in self.own_domains, kind.value)


def known_by(name: str, addresses: Sequence[str]) -> set[str]:
    """The keys of everything that a record can be known by."""
    return {claim.key for claim in claims(name, addresses)}


@dataclass
class _Batch:
    """Decides about some profiles one after the other, each knowing what was decided before.

    Attributes:
        owners: Whose each key is.
        moved: People who turned out to be others.
    """

    session: Session
    profiles: Sequence[tables.Profile]
    verdicts: dict[Key, Verdict] = field(default_factory=dict)
    newcomers: list[tables.Profile] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._claims = {_key(p): tuple(claims(p.name, p.addresses)) for p in self.profiles}
        keys = {claim.key for found in self._claims.values() for claim in found}
        self.owners = identity.owners(self.session, keys)
        self._names = people.names_of(self.session, set(self.owners.values()))
        known = {p.person_id for p in self.profiles if p.person_id is not None}
        self._mates = identity.mates(self.session, known)
        self._heirs = _heirs(self.session, self.profiles)

    def decide(self, profile: tables.Profile) -> None:
        """Say whose a profile is, and let it claim what nobody has."""
        key, known = _key(profile), self._claims[_key(profile)]
        verdict = self._heir(profile) or self._joined(profile, known) or self._alone(profile)
        if verdict is None:
            self.newcomers.append(profile)
            verdict = Verdict(-len(self.newcomers), SET_APART if profile.is_apart else "")
            self._names[verdict.person] = profile.name
        self.verdicts[key] = verdict
        for claim in known:
            self.owners.setdefault(claim.key, verdict.person)

    def _heir(self, profile: tables.Profile) -> Verdict | None:
        heir = self._heirs.get(_key(profile))
        return None if heir is None else Verdict(heir, MERGED)

    def _joined(self, profile: tables.Profile, known: Sequence[Claim]) -> Verdict | None:
        """Join the first person who shares something; all others who do turn out to be them."""
        if profile.is_apart:
            return None
        sharing = [
            (self.owners[claim.key], claim.reason)
            for claim in known
            if claim.key in self.owners
            and not contradict(profile.name, self._names.get(self.owners[claim.key], ""))
        ]
        if not sharing:
            return None
        person, reason = sharing[0]
        for other in {one for one, _ in sharing if one != person}:
            self._move(other, person)
        was_there = profile.person_id == person
        return Verdict(person, profile.joined_because if was_there else reason)

    def _move(self, other: int, person: int) -> None:
        """Give everything that one person is known by to another."""
        self.moved[other] = person
        for key, owner in self.owners.items():
            if owner == other:
                self.owners[key] = person
        for verdict in self.verdicts.values():
            if verdict.person == other:
                verdict.person = person

    def _alone(self, profile: tables.Profile) -> Verdict | None:
        """Stay whoever it was, if nobody else is."""
        if profile.person_id is None or not self._mates.get(profile.person_id, set()) <= {
            _key(profile)
        }:
            return None
        return Verdict(profile.person_id, SET_APART if profile.is_apart else "")


def _heirs(session: Session, profiles: Sequence[tables.Profile]) -> dict[Key, int]:
    """The people of the records that merged-away records live on in, however often merged."""
    found: dict[Key, int] = {}
    for connection_id in {p.connection_id for p in profiles if p.merged_into}:
        merged = {
            p.external_id: p.merged_into
            for p in profiles
            if p.connection_id == connection_id and p.merged_into
        }
        ends = identity.survivors(session, connection_id, merged)
        owners = identity.of_profiles(session, connection_id, set(ends.values()))
        found.update({(connection_id, e): owners[s] for e, s in ends.items() if s in owners})
    return found


def _known(verdict: Verdict, ids: Sequence[int]) -> tuple[int, str]:
    return _number(verdict.person, ids), verdict.reason


def _number(person: int, ids: Sequence[int]) -> int:
    """Give a person's id; a newcomer's stands at their place."""
    return ids[-person - 1] if person < 0 else person


def _key(profile: tables.Profile) -> Key:
    return profile.connection_id, profile.external_id
