"""Why a tie is on the list of those off the radar, or of the dormant ones that were strong."""

from app.engine.strength import COOLING_RHYTHMS, OFF_RADAR_RHYTHMS, UNKNOWN_RHYTHM_DAYS


def times_rhythm(silence_days: float, rhythm_days: float | None) -> float:
    """How many times the pair's own rhythm the silence is; a month stands for no rhythm."""
    return silence_days / max(rhythm_days or UNKNOWN_RHYTHM_DAYS, 1.0)


def off_radar_reason(silence_days: float, rhythm_days: float | None, chance: float) -> str:
    """Say in one sentence how unusual a silence is, and what it may lead to; no names."""
    times = times_rhythm(silence_days, rhythm_days)
    mark = OFF_RADAR_RHYTHMS if times >= OFF_RADAR_RHYTHMS else COOLING_RHYTHMS
    past = f", past the mark of {mark:.0f}" if times >= COOLING_RHYTHMS else ""
    usual = f"usual was {_days(rhythm_days or UNKNOWN_RHYTHM_DAYS)}"
    if rhythm_days is None:
        usual = f"no rhythm is known and {_days(UNKNOWN_RHYTHM_DAYS)} count as usual"
    long = "about as long" if round(times) <= 1 else f"{times:.0f} times as long"
    return (
        f"Silent for {_days(silence_days)}, {usual}: {long}{past}. "
        f"The chance of contact both ways within 90 days is {100 * chance:.0f} %."
    )


def dormant_reason(
    silence_days: float, points_then: int, active_days: int, months_known: float
) -> str:
    """Say in one sentence what a dormant tie once was; no names."""
    return (
        f"Strong when last in touch ({points_then} of 100), after contact on {_days(active_days)} "
        f"in {max(round(months_known), 1)} months; silent for {_days(silence_days)}."
    )


def _days(number: float) -> str:
    days = max(round(number), 1)
    return "1 day" if days == 1 else f"{days} days"
