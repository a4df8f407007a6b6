"""Records -> people: who is who across CRMs and addresses, and who met whom.

One address belongs to one person, in whichever CRM and record it stands. A record that was merged
away belongs to the person of the record that lives on. Nobody is ever joined by name.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import combinations

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.watch import Progress, Watch, unwatched
from app.store import interactions, people, tables
from app.store.interactions import Unresolved
from connectors import Channel, PersonKind, Role

BATCH = 2_000

LARGEST_CIRCLE = 12
"""Everybody in a meeting or call of at most this many people has met everybody else."""


def resolve(database: Engine, *, at: datetime, watch: Watch = unwatched) -> Counter[str]:
    """Settle who stands behind every new or changed record, then who met whom.

    Each batch is committed by itself; what is settled is not looked at again.

    Returns:
        How many profiles and activities were looked at, and how many people and interactions
        are new.
    """
    counts: Counter[str] = Counter(profiles=0, people=0, activities=0, interactions=0)
    with Session(database) as session:
        while profiles := people.unresolved(session, BATCH):
            counts["people"] += _settle_profiles(session, profiles)
            counts["profiles"] += len(profiles)
            session.commit()
            session.expunge_all()
            watch(Progress("resolve", "people", counts["profiles"]))
        while activities := interactions.unresolved(session, BATCH):
            counts["interactions"] += _settle_activities(session, activities, at=at)
            counts["activities"] += len(activities)
            session.commit()
            session.expunge_all()
            watch(Progress("resolve", "activities", counts["activities"]))
    return counts


def _settle_profiles(session: Session, profiles: Sequence[tables.Profile]) -> int:
    """Find or make the person of each profile; gives how many people are new."""
    heirs = _heirs(session, profiles)
    owners: dict[str, int] = people.of_addresses(
        session, {address for p in profiles for address in p.addresses}
    )
    newcomers: dict[tuple[int, str], tables.Profile] = {}
    claimed: dict[str, tuple[int, str]] = {}
    whose: dict[tuple[int, str], int] = {}
    same_as: dict[tuple[int, str], tuple[int, str]] = {}
    for profile in profiles:
        key = (profile.connection_id, profile.external_id)
        owner = next((owners[a] for a in profile.addresses if a in owners), None)
        rival = next((claimed[a] for a in profile.addresses if a in claimed), None)
        person = heirs.get(key) or owner or (None if rival else profile.person_id)
        if person is not None:
            whose[key] = person
        elif rival is not None:
            same_as[key] = rival
        else:
            newcomers[key] = profile
        claimed.update({a: same_as.get(key, key) for a in profile.addresses if a not in owners})
    ids = people.add(session, [(p.name, _is_colleague(p)) for p in newcomers.values()])
    whose.update(zip(newcomers, ids, strict=True))
    whose.update({key: whose[first] for key, first in same_as.items()})
    _record(session, profiles, whose, claimed)
    return len(ids)


def _record(
    session: Session,
    profiles: Sequence[tables.Profile],
    whose: dict[tuple[int, str], int],
    claimed: dict[str, tuple[int, str]],
) -> None:
    """Write down whose each profile is; activities of somebody who was replaced are reopened."""
    names: dict[int, tuple[str, bool]] = {}
    left: set[int] = set()
    for profile in profiles:
        person = whose[profile.connection_id, profile.external_id]
        if profile.person_id not in (None, person):
            left.add(profile.person_id or 0)
        if not profile.is_deleted:
            _, was_colleague = names.get(person, ("", False))
            names[person] = (profile.name, was_colleague or _is_colleague(profile))
    people.own(session, {address: whose[key] for address, key in claimed.items()})
    people.settle(session, whose)
    people.rename(session, names)
    interactions.reopen(session, left)


def _heirs(session: Session, profiles: Sequence[tables.Profile]) -> dict[tuple[int, str], int]:
    """The people of the records that merged-away records live on in."""
    found: dict[tuple[int, str], int] = {}
    for connection_id in {p.connection_id for p in profiles}:
        merged = {
            p.external_id: p.merged_into
            for p in profiles
            if p.connection_id == connection_id and p.merged_into
        }
        survivors = people.of_profiles(session, connection_id, set(merged.values()))
        found.update(
            {
                (connection_id, lost): survivors[kept]
                for lost, kept in merged.items()
                if kept in survivors
            }
        )
    return found


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
) -> dict[tuple[int, str], int]:
    """The people behind the records that activities name; makes room for those not shown yet."""
    named: dict[int, set[str]] = {}
    for activity in activities:
        ids = named.setdefault(activity.connection_id, set())
        ids.update(record for _, record, _ in activity.participants if record)
    found: dict[tuple[int, str], int] = {}
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
