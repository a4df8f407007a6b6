"""Records -> people: who is who across CRMs and addresses, and who met whom.

One address belongs to one person, in whichever CRM and record it stands now: records that share
one are joined, and part when they no longer do. A record that was merged away belongs to the person
of the record that lives on. Nobody is ever joined by name.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.watch import Progress, Watch, unwatched
from app.store import interactions, people, tables
from app.store.interactions import Unresolved
from connectors import Channel, PersonKind, Role

BATCH = 2_000

Key = tuple[int, str]
"""A record, by its connection and its external id."""

LARGEST_CIRCLE = 12
"""Everybody in a meeting or call of at most this many people has met everybody else."""


def resolve(database: Engine, *, at: datetime, watch: Watch = unwatched) -> Counter[str]:
    """Settle who stands behind every new or changed record, then who met whom.

    Records that were merged away come after those that live on. Each batch is committed by itself;
    what is settled is not looked at again.

    Returns:
        How many profiles and activities were looked at, and how many people and interactions
        are new.
    """
    counts: Counter[str] = Counter(profiles=0, people=0, activities=0, interactions=0)
    with Session(database) as session:
        profiles_in_all = people.count_unresolved(session)
        activities_in_all = interactions.count_unresolved(session)
        for is_merged in (False, True):
            while profiles := people.unresolved(session, BATCH, is_merged=is_merged):
                counts["people"] += _settle_profiles(session, profiles)
                counts["profiles"] += len(profiles)
                session.commit()
                session.expunge_all()
                watch(Progress("resolve", "people", counts["profiles"], profiles_in_all))
        while activities := interactions.unresolved(session, BATCH):
            counts["interactions"] += _settle_activities(session, activities, at=at)
            counts["activities"] += len(activities)
            session.commit()
            session.expunge_all()
            watch(Progress("resolve", "activities", counts["activities"], activities_in_all))
    return counts


def _settle_profiles(session: Session, profiles: Sequence[tables.Profile]) -> int:
    """Find or make the person of each profile; gives how many people are new."""
    heirs = _heirs(session, profiles)
    owners = people.of_addresses(session, {a for p in profiles for a in p.addresses})
    mates = people.mates(session, {p.person_id for p in profiles if p.person_id is not None})
    newcomers: list[tuple[str, bool]] = []
    whose: dict[Key, int] = {}
    for profile in profiles:
        owner = next((owners[a] for a in profile.addresses if a in owners), None)
        is_alone = mates.get(profile.person_id or 0, set()) <= {_key(profile)}
        person = heirs.get(_key(profile)) or owner or (profile.person_id if is_alone else None)
        if person is None:
            newcomers.append((profile.name, _is_colleague(profile)))
            person = -len(newcomers)  # stands for the id until there is one
        whose[_key(profile)] = person
        for address in profile.addresses:
            owners.setdefault(address, person)
    ids = people.add(session, newcomers)
    people.own(session, {a: ids[-p - 1] if p < 0 else p for a, p in owners.items()})
    _record(session, profiles, {k: ids[-p - 1] if p < 0 else p for k, p in whose.items()})
    return len(ids)


def _record(session: Session, profiles: Sequence[tables.Profile], whose: Mapping[Key, int]) -> None:
    """Write down whose each profile is; activities of somebody who was replaced are reopened."""
    left = {
        profile.person_id
        for profile in profiles
        if profile.person_id is not None and profile.person_id != whose[_key(profile)]
    }
    people.settle(session, whose)
    people.release(session, {p.person_id for p in profiles if p.person_id is not None})
    people.rename(session, people.faces(session, left | set(whose.values())))
    interactions.reopen(session, left)


def _heirs(session: Session, profiles: Sequence[tables.Profile]) -> dict[Key, int]:
    """The people of the records that merged-away records live on in, however often merged."""
    found: dict[Key, int] = {}
    for connection_id in {p.connection_id for p in profiles if p.merged_into}:
        merged = {
            p.external_id: p.merged_into
            for p in profiles
            if p.connection_id == connection_id and p.merged_into
        }
        ends = people.survivors(session, connection_id, merged)
        owners = people.of_profiles(session, connection_id, set(ends.values()))
        found.update({(connection_id, e): owners[s] for e, s in ends.items() if s in owners})
    return found


def _key(profile: tables.Profile) -> Key:
    return profile.connection_id, profile.external_id


def _is_colleague(profile: tables.Profile) -> bool:
    return profile.kind == PersonKind.COLLEAGUE.value


def _settle_activities(session: Session, activities: Sequence[Unresolved], *, at: datetime) -> int:
    """Make the interactions of a batch of activities; gives how many."""
    by_record = _people_by_record(session, activities, at=at)
    by_address = _people_by_address(session, activities)
    rows = []
    for activity in activities:
        if not activity.counts:
            continue
        parts = [
            (Role(role or Role.PARTY), person)
            for role, record, address in activity.participants
            if (
                person := by_record.get((activity.connection_id, record or ""))
                or by_address.get(address or "")
            )
        ]
        rows += [
            {
                "connection_id": activity.connection_id,
                "activity_id": activity.external_id,
                "source": source,
                "target": target,
                "at_s": int(activity.at.timestamp()),
                "channel": activity.channel,
                "recipients": activity.recipients,
                "duration_s": activity.duration_s,
                "is_directed": is_directed,
            }
            for source, target, is_directed in sorted(set(met(activity.channel, parts)))
        ]
    interactions.settle(session, activities, rows)
    return len(rows)


def met(channel: str, parts: Sequence[tuple[Role, int]]) -> Iterator[tuple[int, int, bool]]:
    """Say who met whom in one activity.

    A sender met everybody they wrote to. Where the CRM tells no direction, the first participant,
    whose record the activity is, met everybody else; and everybody in a small meeting or call met
    everybody.

    Yields:
        Two different people, and whether the first addressed the second.
    """
    senders = {person for role, person in parts if role is Role.FROM}
    everybody = list(dict.fromkeys(person for _, person in parts))
    if senders:
        for sender in senders:
            yield from ((sender, other, True) for other in everybody if other not in senders)
    elif channel != Channel.EMAIL.value and len(everybody) <= LARGEST_CIRCLE:
        yield from ((min(a, b), max(a, b), False) for a, b in combinations(everybody, 2))
    elif everybody:
        owner, *others = everybody
        yield from ((min(owner, other), max(owner, other), False) for other in others)


def _people_by_record(
    session: Session, activities: Sequence[Unresolved], *, at: datetime
) -> dict[Key, int]:
    """The people behind the records that activities name; makes room for those not shown yet."""
    named: dict[int, set[str]] = {}
    for activity in activities:
        ids = named.setdefault(activity.connection_id, set())
        ids.update(record for _, record, _ in activity.participants if record)
    found: dict[Key, int] = {}
    for connection_id, ids in named.items():
        known = people.of_profiles(session, connection_id, ids)
        unseen = sorted(ids - known.keys())
        made = people.add(session, [("", False)] * len(unseen))
        expected = {(connection_id, e): p for e, p in zip(unseen, made, strict=True)}
        people.expect(session, expected, at=at)
        found.update({(connection_id, e): p for e, p in known.items()})
        found.update(expected)
    return found


def _people_by_address(session: Session, activities: Sequence[Unresolved]) -> dict[str, int]:
    """The people behind addresses that no record is named for; new people for new addresses."""
    needed: Collection[str] = {
        address
        for activity in activities
        for _, record, address in activity.participants
        if address and not record
    }
    owners = people.of_addresses(session, needed)
    unknown = sorted(set(needed) - owners.keys())
    made = dict(zip(unknown, people.add(session, [(a, False) for a in unknown]), strict=True))
    people.own(session, made)
    return owners | made
