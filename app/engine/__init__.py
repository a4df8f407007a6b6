"""The model on one page. Pure: no clock, no database, no network, no randomness.

Given interactions up to `as_of`, for each pair of people and each direction::

    v(direction, day) = sum of 1 / sqrt(recipients) over messages, half if it is not known whose
                      + sum of minutes / sqrt(size of the group) over calls and meetings,
                        each times the weight of its channel (email 1, call 2, meeting 3)
                        and, beyond 8 recipients, sqrt(8 / recipients),
                        beyond 12 people in a talk, (12 / size of the group) ^ 4
    o, i, u           = sum over days of ln(1 + v) * decay(age of the day)    out, in, not known
    core              = sqrt((o + 1/2) (i + 1/2)) - 1/2 + u
    strength          = core
                      * ln(1 + weeks in touch)
                      * 2 ^ (-silence of the quieter endpoint / 21 days)
                      * (1 + neighbourhood overlap)
    importance        = sqrt(share of a's attention * share of b's attention)
    hold              = strength * sqrt(frequency / core)
    risk              = 1/2 ln(1 + silence / rhythm) - ln(hold)
    frequency         = sum over active days of 2 ^ (-age of the day / 30 days)
    rhythm            = geometric mean of the days between active days
    ln(odds of alive) = 1.25 + 0.85 ln(strength + 0.02) + 0.33 ln(pace of the quieter + 0.01)
                      - 0.55 where the pair is known to be one-way

`decay` is a sum of five exponentials that follows 1 / (1 + age / 3 days): no half-life fits
everywhere, and in this form a tie lives on in five sums per direction. Ages are counted from the
first second of the day (UTC), so a day's contact decays as one. ln(1 + v) makes forty mails of one
day less than forty contacts. The square root of the recipients thins out mass mail, and a crowd
counts for less: beyond the caps people listen and do not talk, so that the host of a company's
meeting or a newsletter is nobody's best colleague, and who met in crowds only is weak at most. The
geometric mean of the directions is vital against one-way senders; a message of which nobody knows
who wrote it counts half of one each way. Each active day covers a week; weeks in
touch count what is covered once, in full for half a year and a quarter after that: counted so, and
not by the calendar, silence alone can never raise it, and there is no hard look-back. The quieter
endpoint's silence towards anyone is the cheapest sign that somebody has left. Overlap is counted
on small mails and meetings only, or newsletters would make everybody acquainted.

Strength predicts contact; importance predicts the ties people would name (manager, team); risk
ranks those that fade; alive is the chance of personal contact both ways in the next 90 days. Shown
are 100 s / (s + 1) points: the same strength is the same number at
all times and everywhere. Trend is what they gained in 30 days, depth their mean at 90, 180, 270 and
360 days ago. What a factor adds: `tests/benchmarks/ablation.py`.

Read in this order: `weights` (the constants), `interactions` (what comes in), `cells` (its days),
`ties` (one row per pair), `overlap`, `strength` (what the numbers are), `scores` (all of it at one
moment), `history` (and before), `alive` and `calibration` (is 70 per cent 70 per cent?),
`contributions` (why), `outlook` (and what would change it), `replies`
(how soon they answer), `silence` (why it is listed), `network`, `paths`, `routes` and `reach` (who
can introduce whom, one asker or many), `openings`, `favours` and `request` (what to do if nobody
can, who owes whom, and how to ask), `gone` (who seems to have left), `topology` (who stands where),
`company` (the scores and what else is known), then one of the `recommendations`.
"""

from typing import Final

from app.engine.alive import DEFAULT_CURVE, Curve, came_alive
from app.engine.calibration import ENOUGH, Bin, Calibration, Fit, calibration_of, fit_alive
from app.engine.company import Company, Deal, DealKey, Involved
from app.engine.contributions import Contribution, Contributions, explain
from app.engine.favours import Favour, owed
from app.engine.history import course, depth, points_ago, trend
from app.engine.interactions import Ignored, Interactions, irregular
from app.engine.moment import Fold
from app.engine.network import Network
from app.engine.openings import Opening, cheapest_opening
from app.engine.outlook import Outlook, in_words, outlook
from app.engine.replies import Threaded, reply_hours
from app.engine.routes import Leg, Route, Wishes, find_routes
from app.engine.running import Rescored, Running
from app.engine.scores import Scores, Tie, assess, score
from app.engine.silence import dormant_reason, off_radar_reason, times_rhythm
from app.engine.strength import BAND_CUTS, BANDS, STATUSES
from app.engine.ties import Ties, fold
from app.engine.weights import BANDWIDTH, CHANNELS, DEFAULT, PRESETS, Weights

MODEL: Final = "3"
"""The version of the model; it changes whenever the same input may give other scores."""

__all__ = [
    "BANDS",
    "BANDWIDTH",
    "BAND_CUTS",
    "CHANNELS",
    "DEFAULT",
    "DEFAULT_CURVE",
    "ENOUGH",
    "MODEL",
    "PRESETS",
    "STATUSES",
    "Bin",
    "Calibration",
    "Company",
    "Contribution",
    "Contributions",
    "Curve",
    "Deal",
    "DealKey",
    "Favour",
    "Fit",
    "Fold",
    "Ignored",
    "Interactions",
    "Involved",
    "Leg",
    "Network",
    "Opening",
    "Outlook",
    "Rescored",
    "Route",
    "Running",
    "Scores",
    "Threaded",
    "Tie",
    "Ties",
    "Weights",
    "Wishes",
    "assess",
    "calibration_of",
    "came_alive",
    "cheapest_opening",
    "course",
    "depth",
    "dormant_reason",
    "explain",
    "find_routes",
    "fit_alive",
    "fold",
    "in_words",
    "irregular",
    "off_radar_reason",
    "outlook",
    "owed",
    "points_ago",
    "reply_hours",
    "score",
    "times_rhythm",
    "trend",
]
