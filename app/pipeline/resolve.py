"""Records -> people -> interactions: who is who across CRMs and addresses, and who met whom."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.joining import Joining, Key
from app.pipeline.leaving_out import settle_lists
from app.pipeline.mailboxes import Mailbox, canonical
from app.pipeline.presence import Named, Presence
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import erasing, identity, people, resolving, retention
from app.store.identity import Face
from app.store.resolving import Unresolved
from connectors import Channel, Role

BATCH = 2_000

UNKNOWN = Face("", is_colleague=False)

LARGEST_CIRCLE = 12
"""Everybody in a meeting or call of at most this many people has met everybody else."""


def resolve(database: Engine, *, at: datetime, watch: Watch = unwatched) -> Counter[str]:
    """Settle who stands behind every new or changed record, then who met whom.

    Records that were merged away come after those that live on. Each batch is committed by itself;
    what is settled is not looked at again.

    Returns:
        How many profiles and activities were looked at, how many people and interactions are new,
        and if any, how many activities were of a person with themself, and how many interactions
        are kept by the day only from now on.
    """
    counts: Counter[str] = Counter(profiles=0, people=0, activities=0, interactions=0)
    with Session(database) as session:
        if settle_lists(session):
            session.commit()
        joining = Joining(session)
        profiles_in_all = identity.count_unresolved(session)
        activities_in_all = resolving.count_unresolved(session)
        for is_merged in (False, True):
            while profiles := identity.unresolved(session, BATCH, is_merged=is_merged):
                counts["people"] += joining.settle(profiles)
                counts["profiles"] += len(profiles)
                session.commit()
                session.expunge_all()
                watch(Progress("resolve", "people", counts["profiles"], profiles_in_all))
        if counts["profiles"]:
            erasing.forget_names(session)
            session.commit()
        while activities := resolving.unresolved(session, BATCH):
            counts.update(_settle_activities(joining, activities, at=at))
            counts["activities"] += len(activities)
            session.commit()
            session.expunge_all()
            watch(Progress("resolve", "activities", counts["activities"], activities_in_all))
        if collapsed := retention.collapse(session, at=at):
            counts["collapsed"] = collapsed
            session.commit()
    return counts


def _settle_activities(
    joining: Joining, activities: Sequence[Unresolved], *, at: datetime
) -> dict[str, int]:
    """Make the interactions of a batch of activities; gives how many, and how many with oneself.

    Machines and lists take no part: nobody is there to meet. Whoever writes to an address of their
    own meets nobody. Who is excluded takes part and has met nobody, so that nobody else is taken
    for the sender.
    """
    session = joining.session
    by_record = _people_by_record(session, activities, at=at)
    by_address = _people_by_address(joining, activities)
    who = {*by_record.values(), *by_address.values()}
    presence = Presence(session, joining.lists, who)
    nobody = people.behind(session, (Mailbox.MACHINE.value, Mailbox.LIST.value))
    rows = []
    with_oneself = 0
    for activity in activities:
        if not activity.counts:
            continue
        named = [
            Named(
                Role(role or Role.PARTY),
                by_record.get((activity.connection_id, record or ""))
                or by_address.get(canonical(address or "")),
                address,
            )
            for role, record, address in activity.participants
        ]
        present = presence.of([one for one in named if one.person not in nobody])
        parts = present.parts
        with_oneself += len(parts) > 1 and len({person for _, person in parts}) == 1
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
            if present.has_met(source, target)
        ]
    resolving.settle(session, activities, rows)
    told = {"interactions": len(rows), "with oneself": with_oneself}
    return {name: number for name, number in told.items() if number}


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
        known = identity.of_profiles(session, connection_id, ids)
        unseen = sorted(ids - known.keys() - identity.out(session, connection_id, ids))
        made = identity.add(session, [UNKNOWN] * len(unseen))
        expected = {(connection_id, e): p for e, p in zip(unseen, made, strict=True)}
        identity.expect(session, expected, at=at)
        found.update({(connection_id, e): p for e, p in known.items()})
        found.update(expected)
    return found


def _people_by_address(joining: Joining, activities: Sequence[Unresolved]) -> dict[str, int]:
    """The people behind addresses that no record is named for; new people for new addresses."""
    needed = {
        canonical(address)
        for activity in activities
        for _, record, address in activity.participants
        if address and not record and not joining.lists.company.of(address)
    }
    owners = identity.owners(joining.session, needed)
    return owners | joining.strangers(sorted(needed - owners.keys()))
