"""Contact between two people, as columns: what the engine is given."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.engine.weights import CALL, CHANNELS, DAY_S, MEETING, OTHER, Flags, Floats, Ints, Weights

MAX_RECIPIENTS = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Contacts between pairs of people, in any order; every array has the shape (n,).

    Attributes:
        source: Who wrote, called or organised: int64 person numbers of any size.
        target: Whom: int64. A message to five people is five interactions.
        at_s: When, in seconds since 1970 (UTC), int64.
        channel: Index into `CHANNELS`, int8; one that is out of range counts as "other".
        recipients: How many people it was addressed to, int32, for a meeting or call the size of
            the group less one; below 1 counts as 1.
        duration_s: Seconds of a meeting or call; 0, a negative or a non-finite number means that
            the length is not known.
        is_directed: False where the record does not say who addressed whom. A meeting never does.
    """

    source: Ints
    target: Ints
    at_s: Ints
    channel: npt.NDArray[np.int8]
    recipients: npt.NDArray[np.int32]
    duration_s: Floats
    is_directed: Flags

    def __post_init__(self) -> None:
        columns = (self.target, self.at_s, self.channel, self.recipients, self.duration_s)
        if any(len(column) != len(self.source) for column in (*columns, self.is_directed)):
            raise ValueError("The columns of interactions must have the same length.")

    def __len__(self) -> int:
        return len(self.source)

    @property
    def is_nameless(self) -> Flags:
        """Whether the channel is one that nobody knows, (n,)."""
        return (self.channel < 0) | (self.channel >= len(CHANNELS))

    @property
    def is_lengthless(self) -> Flags:
        """Whether it is a talk of a length that cannot be, (n,)."""
        is_talk = (self.channel == CALL) | (self.channel == MEETING)
        is_length: Flags = np.isfinite(self.duration_s) & (self.duration_s >= 0)
        return np.asarray(is_talk & ~is_length, dtype=np.bool_)

    def where(self, mask: Flags | Ints) -> "Interactions":
        """Give those interactions for which the mask is true, or those at these places."""
        return Interactions(
            self.source[mask],
            self.target[mask],
            self.at_s[mask],
            self.channel[mask],
            self.recipients[mask],
            self.duration_s[mask],
            self.is_directed[mask],
        )


@dataclass(frozen=True, slots=True)
class Ignored:
    """How many interactions were left out of a fold, and why.

    Attributes:
        with_oneself: From a person to themself.
        in_the_future: Later than `as_of_s`.
    """

    with_oneself: int
    in_the_future: int


def clean(interactions: Interactions, *, as_of_s: int) -> tuple[Interactions, Ignored]:
    """Leave out what is no contact by `as_of_s`, and mend what can be mended."""
    kept, ignored = left_out(interactions, as_of_s=as_of_s)
    return mended(kept), ignored


def left_out(interactions: Interactions, *, as_of_s: int) -> tuple[Interactions, Ignored]:
    """Leave out what is no contact by `as_of_s`, and count it."""
    with_oneself = interactions.source == interactions.target
    in_the_future = (interactions.at_s > as_of_s) & ~with_oneself
    ignored = Ignored(int(with_oneself.sum()), int(in_the_future.sum()))
    is_out = with_oneself | in_the_future
    return (interactions.where(~is_out) if is_out.any() else interactions), ignored


def mended(interactions: Interactions) -> Interactions:
    """Mend what can be mended; what is whole stays as it is."""
    length_known = np.isfinite(interactions.duration_s) & (interactions.duration_s > 0)
    return Interactions(
        interactions.source,
        interactions.target,
        interactions.at_s,
        np.where(interactions.is_nameless, OTHER, interactions.channel).astype(np.int8),
        np.clip(interactions.recipients, 1, MAX_RECIPIENTS).astype(np.int32),
        np.where(length_known, interactions.duration_s, 0.0),
        interactions.is_directed & (interactions.channel != MEETING),
    )


def irregular(interactions: Interactions, weights: Weights) -> dict[str, int]:
    """Count what counts otherwise than as it is recorded, by what is odd about it.

    Returns:
        Of those before 1970 (old, and nothing else), of a length that cannot be (not known), of an
        unknown channel (a message of weight "other"), and to more than the caps (to a crowd).
    """
    found = {
        "before 1970": interactions.at_s < 0,
        "impossible length": interactions.is_lengthless,
        "unknown channel": interactions.is_nameless,
        "in a crowd": ~is_small(interactions, weights),
    }
    return {name: int(mask.sum()) for name, mask in found.items()}


def volumes(interactions: Interactions, weights: Weights) -> Floats:
    """What each of these (clean) interactions weighs before its day is summed up, shape (n,).

    That is its amount times the weight of its channel.
    """
    return weights.of_channel[interactions.channel] * amounts(interactions, weights)


def amounts(interactions: Interactions, weights: Weights) -> Floats:
    """What each of these (clean) interactions would weigh if its channel weighed 1, shape (n,).

    A message to n people weighs 1 / sqrt(n); a meeting or call its minutes / sqrt(size of the
    group); both less in a crowd. A message without direction may have been either's, so it weighs
    half, as if half of it had gone each way.
    """
    minutes = np.minimum(interactions.duration_s / 60, weights.longest_min)
    is_call, is_meeting = interactions.channel == CALL, interactions.channel == MEETING
    talk = is_call | is_meeting
    unknown = np.where(is_call, weights.unknown_call_min, weights.unknown_meeting_min)
    length = np.where(minutes > 0, np.maximum(minutes, 1), unknown)
    message = np.where(interactions.is_directed, 1.0, weights.undirected_message)
    group = interactions.recipients.astype(np.float64) + talk
    amount = np.where(talk, length, message) / np.sqrt(group)
    return np.asarray(amount * _of_a_crowd(group, talk, weights), dtype=np.float64)


def _of_a_crowd(group: Floats, talk: Flags, weights: Weights) -> Floats:
    """What is left of contact beyond the caps, where one speaks and the others listen, 0 to 1."""
    mails = np.minimum(1, weights.mail_cap / group) ** weights.mail_thinning
    talks = np.minimum(1, weights.talk_cap / group) ** weights.talk_thinning
    return np.where(talk, talks, mails)


def is_small(interactions: Interactions, weights: Weights) -> Flags:
    """Whether so few people took part that those present may be taken to know each other, (n,)."""
    talk = (interactions.channel == CALL) | (interactions.channel == MEETING)
    return np.where(
        talk,
        interactions.recipients < weights.talk_cap,
        interactions.recipients <= weights.mail_cap,
    )


def spoken(interactions: Interactions) -> Flags:
    """Which of these (clean) interactions are two-way by themselves, (n,)."""
    is_answered = (interactions.channel == CALL) & (interactions.duration_s > 0)
    return np.asarray((interactions.channel == MEETING) | is_answered, dtype=np.bool_)


def days(at_s: Ints) -> Ints:
    """The days on which moments lie, counted from 1 January 1970 (UTC)."""
    return at_s // DAY_S
