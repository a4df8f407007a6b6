"""Rows of what LinkedIn gives its members of their own: Connections.csv and messages.csv.

A connection is an acquaintance, and no activity. Of a message, what it says is not kept.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from connectors._records import Activity, Channel, Participant, Role
from connectors.files.addresses import ADDRESS
from connectors.files.found import Named, Unreadable, clean, distinct, opaque, person_id, sensible
from connectors.files.sheets import to_moment

CONNECTIONS = (frozenset({"first name", "last name", "url", "connected on"}),)
MESSAGES = (frozenset({"conversation id", "from", "sender profile url", "date"}),)

PROFILE = re.compile(r"(?:https?://)?(?:[\w-]+\.)*linkedin\.com/in/([^/?#\s,]+)", re.IGNORECASE)
ADVERTISED = re.compile("sponsored|linkedin member", re.IGNORECASE)
MARK_OF_ADS = "spinmail"
"""In the markup of mails that LinkedIn sends for advertisers."""

SPELT_OUT = ("%d %b %Y", "%m/%d/%Y", "%Y/%m/%d")
LONGEST_URL = 500
MOST_PEOPLE = 1000

Values = Mapping[str, str]


def profile(url: str) -> str:
    """Give the one spelling of a profile's address; empty if it is none."""
    found = PROFILE.search(url[:LONGEST_URL])
    return f"linkedin.com/in/{found[1].lower()}" if found else ""


def to_connection(row: Values, owner: str) -> Named:
    """Read a row of Connections.csv.

    Args:
        row: By its columns.
        owner: The address of the colleague whose connections these are; "" if that is not known.

    Raises:
        Unreadable: If it does not say who it is.
    """
    url = profile(row.get("url", ""))
    name = clean(f"{row.get('first name', '')} {row.get('last name', '')}")
    if not url:
        raise Unreadable("The row has no profile's address.")
    since = to_day(row.get("connected on", ""))
    addresses = distinct(a.lower() for a in ADDRESS.findall(row.get("email address", "")))
    company, title = clean(row.get("company", "")), clean(row.get("position", ""))
    linked_with = "" if owner in addresses else owner
    return Named(
        url,
        name,
        addresses,
        company,
        title,
        weight=100,
        linked_with=linked_with,
        linked_since=since if linked_with else None,
    )


def to_day(value: str) -> date:
    """Read the day on which two were connected; rows whose columns have shifted have none.

    Raises:
        Unreadable: If it is none.
    """
    for shape in SPELT_OUT:
        try:
            return sensible(datetime.strptime(value.strip(), shape)).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    raise Unreadable("Connected On is no day.")


def is_advertised(row: Values) -> bool:
    """Whether a message is an advertisement, or was never sent."""
    return (
        not profile(row.get("sender profile url", ""))
        or MARK_OF_ADS in row.get("content", "")[:1000]
        or row.get("is message draft", "").lower() in {"yes", "true"}
        or any(
            ADVERTISED.search(row.get(column, ""))
            for column in ("conversation title", "from", "folder")
        )
    )


def to_message(row: Values, owner: str, own_address: str) -> tuple[Activity, tuple[Named, ...]]:
    """Read a row of messages.csv that is no advertisement.

    Args:
        row: By its columns.
        owner: Whose file it is, as `profile` spells it; empty if that is not known.
        own_address: The owner's address; empty if that is not known.

    Raises:
        Unreadable: If it does not say when, or to whom.
    """
    at = to_moment(row.get("date", ""))
    sender = profile(row["sender profile url"])
    listed = row.get("recipient profile urls", "").split(",")[:MOST_PEOPLE]
    others = [url for url in distinct(map(profile, listed)) if url and url != sender]
    if not others:
        raise Unreadable("The message does not say to whom it is.")
    names = {sender: clean(row.get("from", ""))}
    if len(others) == 1:
        names[others[0]] = clean(row.get("to", ""))
    people = tuple(
        Named(
            url,
            names.get(url, ""),
            (own_address,) if url == owner and own_address else (),
            is_own=url == owner,
        )
        for url in (sender, *others)
    )
    activity = Activity(
        id=opaque("linkedin", row.get("conversation id", ""), at.isoformat(), sender),
        channel=Channel.LINKEDIN,
        at=at,
        participants=(
            Participant(Role.FROM, person_id(sender)),
            *(Participant(Role.TO, person_id(url)) for url in others),
        ),
        recipients=len(others),
        thread=opaque("thread", "linkedin", row.get("conversation id", "")),
        modified_at=at,
    )
    return activity, people


def owner_of(rows: Iterable[Values]) -> str:
    """Tell whose messages these are: who is in all of them; empty if that is not one person."""
    seen: Counter[str] = Counter()
    total = 0
    for row in rows:
        if is_advertised(row):
            continue
        total += 1
        listed = row.get("recipient profile urls", "").split(",")[:MOST_PEOPLE]
        urls = {profile(url) for url in (row["sender profile url"], *listed)}
        seen.update(url for url in urls if url)
    (first, most), (_, second) = (*seen.most_common(2), ("", 0), ("", 0))[:2]
    return first if most == total and most > second else ""
