"""What the model takes for granted: channels, the kernel, caps and cuts, all in one value."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CHANNELS: Final = ("email", "call", "meeting", "sms", "chat", "linkedin", "other")
"""The media of contact; `Interactions.channel` is an index into them.

`chat` is any messenger, `linkedin` a message there, `other` whatever is none of these.
"""

EMAIL, CALL, MEETING, SMS, CHAT, LINKEDIN, OTHER = range(len(CHANNELS))

DAY_S: Final = 86_400

MOST_POINTS: Final = 100.0
"""Which no tie reaches."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Every constant of the model that a person may wish to change.

    Attributes:
        channels: What one message, or one minute of talk, of each of `CHANNELS` weighs.
        kernel: Half-lives in days and their weights; together they follow 1 / (1 + age / 3 days).
        smoothing: What each direction is given before the geometric mean is taken.
        liveness_half_life_days: How fast the silence of the quieter endpoint weighs a tie down.
        recent_days: How long a week in touch counts in full.
        older_week: What a week in touch counts after that.
        mail_cap: A message to more recipients is to a crowd: it is no sign of acquaintance, makes
            no edge of the network, and weighs (cap / recipients) ^ `mail_thinning` of the rest.
        talk_cap: The same for meetings and calls of more people, with `talk_thinning`.
        mail_thinning: One half makes it 1 / recipients beyond the cap, where a person's attention
            is shared out among all, as Newman (2001), 10.1103/PhysRevE.64.016132, has it.
        talk_thinning: Steep, for minutes are many: among fifty people an hour is one message.
        undirected_message: What a message weighs of which is not known who wrote it.
        edge_threshold: Pairs with less volume than this make no edge of the network.
        unknown_call_min: Minutes of a call whose length is not known: perhaps nobody answered.
        unknown_meeting_min: Minutes of a meeting whose length is not known.
        longest_min: An all-day entry is no longer contact than a working day.
        cuts: Where weak, moderate and strong begin, in points shown.
    """

    channels: tuple[float, ...] = (1.0, 2.0, 3.0, 1.0, 1.0, 1.0, 1.0)
    kernel: tuple[tuple[float, float], ...] = (
        (1.5, 0.493),
        (6.0, 0.332),
        (24.0, 0.115),
        (96.0, 0.0265),
        (480.0, 0.0109),
    )
    smoothing: float = 0.5
    liveness_half_life_days: float = 21.0
    recent_days: int = 182
    older_week: float = 0.25
    mail_cap: int = 8
    talk_cap: int = 12
    mail_thinning: float = 0.5
    talk_thinning: float = 4.0
    undirected_message: float = 0.5
    edge_threshold: float = 0.3
    unknown_call_min: float = 0.5
    unknown_meeting_min: float = 30.0
    longest_min: float = 480.0
    cuts: tuple[float, float, float] = (2.0, 30.0, 60.0)

    def __post_init__(self) -> None:
        if len(self.channels) != len(CHANNELS):
            raise ValueError(f"Weights need one number for each of {', '.join(CHANNELS)}.")
        if min(self.channels) < 0 or not np.isfinite(self.channels).all():
            raise ValueError("A channel's weight must be a finite number, not below 0.")
        days = (self.liveness_half_life_days, *(one for one, _ in self.kernel))
        if not (np.isfinite(days).all() and min(days) > 0):
            raise ValueError("A half-life must be a finite number of days, above 0.")
        weak, moderate, strong = self.cuts
        if not 0 < weak <= moderate - 1 < moderate < strong < MOST_POINTS:
            raise ValueError(
                "Bands must begin at points above 0 and below 100, each above the one before, and "
                "moderate at least 1 above weak."
            )

    @property
    def of_channel(self) -> Floats:
        """The weights of the channels, (n_channels,)."""
        return np.asarray(self.channels, dtype=np.float64)

    def decay(self, age_days: Floats) -> Floats:
        """What is left of a day's contact after so many days (not below 0), any shape."""
        left = np.zeros_like(age_days)
        for half_life_days, weight in self.kernel:
            left += weight * np.exp2(age_days / -half_life_days)
        return left


DEFAULT: Final = Weights()

BANDWIDTH: Final = Weights(channels=(0.07, 0.41, 1.0, 0.07, 0.07, 0.07, 0.07))
"""The preset that weighs media by their bandwidth: text, voice, face to face."""

PRESETS: Final = MappingProxyType({"default": DEFAULT, "bandwidth": BANDWIDTH})
"""Weights that have a name."""
