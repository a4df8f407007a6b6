"""What would change a score, and why it is what it is in one line.

What would change it is no guess: the engine scores the pair's contacts once more with one contact
added, or a month later with none.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.engine import strength as tell
from app.engine.cells import FROM_A, FROM_B
from app.engine.contributions import Contributions, between
from app.engine.interactions import Interactions
from app.engine.scores import Scores, Tie
from app.engine.ties import fold
from app.engine.weights import DAY_S, DEFAULT, EMAIL, MEETING, Ints, Weights

MORE_SILENCE_DAYS: Final = 30
LONGEST_LINE: Final = 255
"""Characters of the line at most: what a text field of a CRM holds."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Points that a tie would have, 0 to 100, all else being equal.

    Attributes:
        meeting: After one more meeting of the two today, of usual length.
        reply: After one more mail today, to nobody else, from `reply_from`.
        reply_from: Who of the two has written less of late.
        silence: In 30 days, without contact of the two; each is in touch with others as now.
    """

    meeting: float
    reply: float
    reply_from: int
    silence: float


def outlook(
    interactions: Interactions,
    scores: Scores,
    pair: tuple[int, int],
    *,
    weights: Weights = DEFAULT,
) -> Outlook | None:
    """Say what would change the points of one tie.

    Args:
        interactions: Those of the pair at least; others are passed over.
        scores: What these interactions gave, with the same weights.
        pair: Two people, in any order.
        weights: The constants of the model.

    Returns:
        None if the two never met.
    """
    row = scores.ties.find(*pair)
    if row is None:
        return None
    kept = between(interactions, scores, pair)
    a, b = int(scores.ties.a[row]), int(scores.ties.b[row])
    out, back = scores.ties.sums[FROM_A, row], scores.ties.sums[FROM_B, row]
    ways = (b, a) if out >= back else (a, b)
    now_s, seen_s = scores.as_of_s, scores.ties.seen_s[:, [row]]
    today_s = now_s - 1
    here = np.maximum(seen_s, today_s)
    met = _with(kept, today_s, (a, b), channel=MEETING)
    answered = _with(kept, today_s, ways, channel=EMAIL)
    later_s = now_s + MORE_SILENCE_DAYS * DAY_S
    elsewhere = _seen_elsewhere(scores, row) + MORE_SILENCE_DAYS * DAY_S
    apart = np.maximum(seen_s, elsewhere)
    overlap = float(scores.overlap[row])
    return Outlook(
        meeting=_points(met, now_s, here, overlap, weights),
        reply=_points(answered, now_s, here, overlap, weights),
        reply_from=ways[0],
        silence=_points(kept, later_s, apart, overlap, weights),
    )


def _points(
    kept: Interactions, as_of_s: int, seen_s: Ints, overlap: float, weights: Weights
) -> float:
    """Score one pair by its own contacts and when its two people were seen last, (2, 1)."""
    ties = replace(fold(kept, as_of_s=as_of_s, weights=weights), seen_s=seen_s)
    found = tell.strength(ties, np.array([overlap]), weights)
    return float(tell.shown(found, ties.two_way, weights)[0])


def _with(kept: Interactions, at_s: int, ways: tuple[int, int], *, channel: int) -> Interactions:
    """These contacts and one more, of unknown length and with nobody else."""
    return Interactions(
        source=np.append(kept.source, ways[0]),
        target=np.append(kept.target, ways[1]),
        at_s=np.append(kept.at_s, at_s),
        channel=np.append(kept.channel, np.int8(channel)),
        recipients=np.append(kept.recipients, np.int32(1)),
        duration_s=np.append(kept.duration_s, 0.0),
        is_directed=np.append(kept.is_directed, channel != MEETING),
    )


def _seen_elsewhere(scores: Scores, row: int) -> Ints:
    """When the two of a tie were last in touch with somebody else, (2, 1); long ago if never."""
    found = []
    for person in (int(scores.ties.a[row]), int(scores.ties.b[row])):
        rows = scores.rows_of(person)
        others = scores.ties.last_s[rows[rows != row]]
        found.append([int(others.max()) if len(others) else int(scores.ties.first_s[row]) - DAY_S])
    return np.array(found, dtype=np.int64)


def in_words(tie: Tie, parts: Contributions, coming: Outlook) -> str:
    """Say in one line why a tie is as strong as it is, and what would change it; no names."""
    days = "1 day" if tie.active_days == 1 else f"{tie.active_days} days"
    contacts = "1 contact" if tie.contacts == 1 else f"{tie.contacts} contacts"
    channels = parts.by_channel()
    main = max(channels, key=lambda name: channels[name])
    share = round(100 * channels[main] / max(sum(channels.values()), tell.LEAST))
    ways = f", {tie.sent} out and {tie.received} in" if tie.sent + tie.received else ""
    line = (
        f"{tie.band.capitalize()}, {tie.points:.0f} of 100: {contacts} on {days}{ways}; "
        f"{_ago(tie.silence_days)}, {share} % of it by {main}. "
        f"{_never_two_way(tie)}"
        f"One meeting makes it {coming.meeting:.0f}, one reply {coming.reply:.0f}, "
        f"{MORE_SILENCE_DAYS} days of silence {coming.silence:.0f}."
    )
    return line[:LONGEST_LINE]


def _ago(silence_days: float) -> str:
    days = int(silence_days)
    return {0: "last today", 1: "last a day ago"}.get(days, f"last {days} days ago")


def _never_two_way(tie: Tie) -> str:
    return "Never both ways, so weak at most. " if tie.is_two_way is False else ""
