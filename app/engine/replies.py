"""How soon two people answer each other, where the records tell which messages belong together.

Within one thread and one pair, messages of the same person in a row are one turn; a turn of the
other after it is a reply, and its latency is counted from the first message that it answers. Told
is the median, so that one holiday or one forgotten thread does not speak for all.
"""

from dataclasses import dataclass

import numpy as np

from app.engine.compressed import changes
from app.engine.ties import Ties
from app.engine.weights import Floats, Ints

HOUR_S = 3600


@dataclass(frozen=True, slots=True, eq=False)
class Threaded:
    """Directed messages that belong to threads, in any order; every array has the shape (n,).

    Attributes:
        thread: Any number for each thread.
        source: Who wrote; `target` to whom. A message to five people is five rows.
        at_s: Seconds since 1970 (UTC).
    """

    thread: Ints
    source: Ints
    target: Ints
    at_s: Ints

    def __len__(self) -> int:
        return len(self.thread)


def reply_hours(messages: Threaded, ties: Ties) -> Floats:
    """Median hours until a answers b and until b answers a, (2, n_ties), nan without a reply.

    Args:
        messages: Those after `ties.as_of_s`, and of pairs without a tie, are passed over.
        ties: Whose pairs to tell of.
    """
    row, is_from_b = _rows(messages, ties), messages.source > messages.target
    counts = (row >= 0) & (messages.at_s <= ties.as_of_s)
    row, is_from_b = row[counts], is_from_b[counts]
    thread, at_s = messages.thread[counts], messages.at_s[counts]
    order = np.lexsort((is_from_b, at_s, row, thread))
    row, thread, at_s, is_from_b = row[order], thread[order], at_s[order], is_from_b[order]
    is_other_talk = changes(thread, row)
    turns = np.flatnonzero(is_other_talk | changes(is_from_b))
    is_reply = ~is_other_talk[turns[1:]]
    taken_s = np.diff(at_s[turns])[is_reply]
    answered = turns[1:][is_reply]
    slot = row[answered] + len(ties) * is_from_b[answered]
    return _medians(slot, taken_s / HOUR_S, 2 * len(ties)).reshape(2, len(ties))


def _medians(slot: Ints, amount: Floats, slots: int) -> Floats:
    order = np.lexsort((amount, slot))
    amount = amount[order]
    count = np.bincount(slot, minlength=slots)
    start = np.cumsum(count) - count
    found = np.full(slots, np.nan)
    some = count > 0
    low, high = (start + (count - 1) // 2)[some], (start + count // 2)[some]
    found[some] = (amount[low] + amount[high]) / 2
    return found


def _rows(messages: Threaded, ties: Ties) -> Ints:
    """The tie of each message, (n,); -1 where there is none."""
    people = np.unique(np.concatenate([ties.a, ties.b, messages.source, messages.target]))
    low = np.searchsorted(people, np.minimum(messages.source, messages.target))
    high = np.searchsorted(people, np.maximum(messages.source, messages.target))
    known = np.searchsorted(people, ties.a) * len(people) + np.searchsorted(people, ties.b)
    sought = low * len(people) + high
    place = np.searchsorted(known, sought)
    known = np.append(known, -1)
    return np.where(known[place] == sought, place, -1)
