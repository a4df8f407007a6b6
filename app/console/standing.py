"""How a connection stands, in a word, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime

from app.store import tables

SHADOW = (
    "Shadow mode: differences are found and nothing is written. "
    "End it when the dry run shows what you want."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands.

    Attributes:
        word: In a word or two.
        tone: good, warn or bad.
        todo: What to do about it; "" if nothing is.
    """

    word: str
    tone: str
    todo: str = ""


def standing(row: tables.Connection, now: datetime) -> Standing:
    """Say how a connection stands; what stops most is said first."""
    if row.paused:
        return Standing("paused", "bad", row.paused)
    if row.reading_paused or row.writing_paused:
        return _halved(row)
    if row.resumes_at and row.resumes_at > now:
        until = f"{row.resumes_at:%H:%M} UTC"
        return Standing("waiting", "warn", f"The CRM asked us to wait: it goes on at {until}.")
    if row.shadow_since:
        return Standing("comparing only", "warn", SHADOW)
    return Standing("working", "good")


def _halved(row: tables.Connection) -> Standing:
    if row.reading_paused and row.writing_paused:
        return Standing("neither read nor written", "bad", row.writing_paused)
    if row.reading_paused:
        return Standing("not read", "warn", row.reading_paused)
    return Standing("not written", "warn", row.writing_paused)


@dataclass(frozen=True, slots=True)
class Meter:
    """The calls of a day.

    Attributes:
        used: Calls of ours since midnight (UTC).
        allowed: How many we may make; None while nobody has told, and the CRM has not.
        share: Of what is allowed, 0 to 1.
        tone: good, warn or bad.
        forecast: What comes of it, in a sentence.
    """

    used: int
    allowed: int | None
    share: float
    tone: str
    forecast: str


NEARLY, MOST = 0.7, 0.9


def meter(row: tables.Connection, used: int, our_share: float, now: datetime) -> Meter:
    """Say how far the day's calls go, if it goes on as it has since midnight (UTC)."""
    allowed = row.allowance
    if allowed is None and row.calls_limit is not None:
        allowed = int(row.calls_limit * our_share)
    if not allowed:
        return Meter(used, None, 0.0, "", "The CRM has not told its limit yet.")
    passed = (now.hour * 3600 + now.minute * 60 + now.second) / 86_400
    share = min(used / allowed, 1.0)
    whole = used / passed if passed else 0.0
    if share >= 1.0:
        forecast = "Used up: what can wait goes on after midnight (UTC)."
    elif whole <= allowed:
        forecast = f"At this pace {whole:,.0f} by midnight (UTC): enough."
    else:
        left_h = (allowed - used) / (used / passed) * 24
        forecast = f"At this pace used up in {left_h:.1f} hours. Allow more, or run less often."
    tone = "bad" if share >= MOST else "warn" if share >= NEARLY or whole > allowed else ""
    return Meter(used, allowed, share, tone, forecast)
