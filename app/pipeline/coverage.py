"""How much of a colleague's contact reaches us, by channel: what is missing lowers no score.

A mailbox or calendar that we are not shown, or that shows nothing, is no sign that nobody met. So
it makes a score less sure, and never smaller.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from app.engine import CHANNELS, Tie
from app.engine.cells import Cells, halves
from app.store import people, reading
from connectors import Channel, Stream

RECENT_DAYS = 180
"""A channel in which there was nothing for so long is taken for silent."""

WATCHED = (Channel.EMAIL, Channel.MEETING)
"""The channels that everybody has: a mailbox and a calendar."""

CAPTURED, SILENT, UNAVAILABLE = "captured", "silent", "unavailable"
WORTH = {CAPTURED: 1.0, SILENT: 0.5, UNAVAILABLE: 0.0}

FEW_DAYS = 8
"""With contact on fewer days, a third of the confidence is missing and is said to be."""

_DOUBTS = {
    (Channel.EMAIL, UNAVAILABLE): "email is not shown to us",
    (Channel.EMAIL, SILENT): "no email for half a year",
    (Channel.MEETING, UNAVAILABLE): "the calendar is not shown to us",
    (Channel.MEETING, SILENT): "nothing in the calendar for half a year",
}
_UNSEEN = "neither one's mailbox or calendar is connected"

_CARRIED_BY = {
    Channel.EMAIL: {Stream.EMAILS, Stream.TASKS},
    Channel.MEETING: {Stream.MEETINGS},
    Channel.CALL: {Stream.CALLS, Stream.TASKS},
}
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Covered:
    """What reaches us of one colleague in one channel.

    Attributes:
        contacts: Interactions in the last `RECENT_DAYS`.
        last_s: The last one ever (seconds since 1970, UTC); None if there is none.
        state: `CAPTURED`, `SILENT` or `UNAVAILABLE`.
    """

    person: int
    channel: str
    contacts: int
    last_s: int | None
    state: str


Reach = dict[tuple[int, str], tuple[int, int]]
"""By person and channel: contacts in the last `RECENT_DAYS`, and the last one ever."""


def reach(cells: Cells, *, as_of_s: int) -> Reach:
    """How much everybody was in touch, by channel; whoever was not has no entry."""
    found: Reach = {}
    is_recent = cells.half > halves(as_of_s - RECENT_DAYS * _DAY_S)
    for channel in _CARRIED_BY:
        there = cells.channel == CHANNELS.index(channel.value)
        both = np.concatenate([cells.a[there], cells.b[there]])
        persons, index = np.unique(both, return_inverse=True)
        last_s = np.zeros(len(persons), dtype=np.int64)
        np.maximum.at(last_s, index, np.tile(cells.last_s[there], 2))
        recent = np.tile((cells.contacts * is_recent)[there], 2)
        contacts = np.bincount(index, weights=recent, minlength=len(persons)).astype(np.int64)
        told = zip(persons.tolist(), contacts.tolist(), last_s.tolist(), strict=True)
        found.update({(person, channel.value): (count, last) for person, count, last in told})
    return found


def cover(session: Session, reached: Reach) -> list[Covered]:
    """Say what reaches us of each colleague who is a user of a CRM, by channel."""
    users = people.colleagues_connections(session)
    dark = _dark(session, users)
    found: list[Covered] = []
    for channel in _CARRIED_BY:
        for person in sorted(users):
            count, last = reached.get((person, channel.value), (0, None))
            is_dark = channel in dark.get(person, ())
            state = UNAVAILABLE if is_dark else CAPTURED if count else SILENT
            found.append(Covered(person, channel.value, count, last, state))
    return found


def share(covered: Sequence[Covered]) -> dict[int, float]:
    """How much of each colleague's mailbox and calendar reaches us, 0 to 1."""
    watched = {channel.value for channel in WATCHED}
    found: dict[int, float] = {}
    for one in covered:
        if one.channel in watched:
            found[one.person] = found.get(one.person, 0.0) + WORTH[one.state] / len(watched)
    return found


class Doubts:
    """Why the confidence in a tie is not higher, in plain words."""

    def __init__(self, covered: Sequence[Covered]) -> None:
        self._share = share(covered)
        self._about: dict[int, list[str]] = {person: [] for person in self._share}
        for one in covered:
            if reason := _DOUBTS.get((Channel(one.channel), one.state)):
                self._about[one.person].append(reason)

    def of(self, tie: Tie) -> list[str]:
        """What makes this tie less sure, the evidence first; of two users the better seen counts.

        Empty if there is contact on many days and the mailbox and calendar reach us.
        """
        days = "1 day" if tie.active_days == 1 else f"{tie.active_days} days"
        few = [f"contact on {days} only"] if tie.active_days < FEW_DAYS else []
        users = [one for one in sorted((tie.person, tie.other)) if one in self._share]
        if not users:
            return [*few, _UNSEEN]
        return few + self._about[max(users, key=lambda user: self._share[user])]


def _dark(session: Session, users: Mapping[int, Collection[int]]) -> Mapping[int, set[Channel]]:
    """The channels that none of a colleague's CRMs shows us."""
    hidden: dict[int, set[Stream]] = {}
    for gap in reading.gaps(session):
        if gap.is_whole:
            hidden.setdefault(gap.connection_id, set()).add(Stream(gap.stream))
    if not hidden:
        return {}
    return {
        person: {
            channel
            for channel, streams in _CARRIED_BY.items()
            if all(streams & hidden.get(one, set()) for one in connections)
        }
        for person, connections in users.items()
    }
