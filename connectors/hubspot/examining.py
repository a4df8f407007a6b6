"""What a connection to a portal needs, looked at for an admin: asks, and changes nothing.

Some things about HubSpot are told by its documents or by others and not by its answers: that ids
can be compared and sorted by in a search of every kind of object, that a search shows what was
merged, which version answers. They are tried here, and a finding says what is missed without them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Protocol

from connectors._errors import ConnectorError, TryLater
from connectors._records import Finding, Identity, Quota, Right, Stream, Target, Verdict
from connectors.hubspot import mapping
from connectors.hubspot.client import Client
from connectors.hubspot.credentials import OLDEST
from connectors.hubspot.probing import probe
from connectors.hubspot.streams import SOURCES
from connectors.hubspot.trying import room

POLLS_A_DAY = 288
"""One every five minutes, as often as makes sense."""

MOST_SKEW = timedelta(minutes=2)
SUPPORTED_MONTHS = 18
SOON = timedelta(days=120)
LAST_OF_V3 = date(2027, 9, 1)


class _Portal(Protocol):
    @property
    def quota(self) -> Quota | None: ...

    def identify(self) -> Identity: ...


def examine(portal: _Portal, client: Client) -> Iterator[Finding]:
    """Look at everything that a connection needs; see `Connector.examine`."""
    try:
        identity = portal.identify()
    except ConnectorError as error:
        yield Finding("Sign-in", Verdict.BAD, "HubSpot does not let us in.", str(error))
        return
    yield Finding("Sign-in", Verdict.GOOD, f"Connected to {identity.name}.")
    now = client.now() or datetime.now(UTC)
    yield _version(client.version, now.date())
    yield _clock(now - datetime.now(UTC))
    looks = [
        _Look("Colleagues", Stream.COLLEAGUES, Right.READ, partial(_colleagues, client)),
        *(
            _Look(s.value.capitalize(), s.value, Right.READ, partial(probe, client, s))
            for s in SOURCES
        ),
        *(
            _Look(f"Fields of {name}", f"{t}s", Right.WRITE, partial(_writable, client, t))
            for t, name in mapping.PLURALS.items()
        ),
        _Look("Daily calls", "", None, lambda: iter([_daily(portal.quota)])),
    ]
    for one in looks:
        try:
            yield from (replace(found, of=one.of, right=one.right) for found in one.look())
        except ConnectorError as error:
            told = "HubSpot refuses to show it."
            yield Finding(one.about, Verdict.BAD, told, str(error), one.of, one.right)
            if isinstance(error, TryLater):
                return


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at, and which right to which kind of record it is about."""

    about: str
    of: str
    right: Right | None
    look: Callable[[], Iterator[Finding]]


def _version(version: str, today: date) -> Finding:
    ends = LAST_OF_V3
    if version != OLDEST:
        year, month = map(int, version.split("-"))
        years, month = divmod(month - 1 + SUPPORTED_MONTHS, 12)
        ends = date(year + years, month + 1, 1)
    told = f"HubSpot supports version {version} of its API until about {ends:%B %Y}."
    if ends - today > SOON:
        return Finding("API version", Verdict.GOOD, told)
    advice = "Choose a newer version in the connection's credentials, and test the connection."
    return Finding("API version", Verdict.WARNING, told, advice)


def _clock(skew: timedelta) -> Finding:
    seconds = abs(skew.total_seconds())
    if seconds <= MOST_SKEW.total_seconds():
        return Finding("Clock", Verdict.GOOD, "HubSpot's clock and ours agree.")
    return Finding(
        "Clock",
        Verdict.WARNING,
        f"HubSpot's clock and ours are {seconds:,.0f} s apart. Tieline reads by HubSpot's, so "
        "nothing is missed, but ages of ties are told by ours.",
        "Set the clock of the machine that Tieline runs on by NTP.",
    )


def _colleagues(client: Client) -> Iterator[Finding]:
    answer = client.ask(client.owners_api.get_page, limit=1, archived=False)
    if answer.rows():
        yield Finding("Colleagues", Verdict.GOOD, "Owners can be read.")
        return
    yield Finding(
        "Colleagues",
        Verdict.BAD,
        "The portal shows no owner, so there is nobody whose ties could be scored.",
        "Add the scope crm.objects.owners.read, and users to the portal.",
    )


def _writable(client: Client, target: Target) -> Iterator[Finding]:
    """Look at our properties and at the scopes to write them; nothing is written."""
    about, name = f"Fields of {mapping.PLURALS[target]}", mapping.PLURALS[target]
    rows = client.ask(client.properties.core_api.get_all, mapping.TARGETS[target]).rows()
    ours = [row for row in rows if str(row.get("name")).startswith(f"{mapping.PREFIX}_")]
    fixed = [row["name"] for row in ours if _is_read_only(row)]
    if fixed:
        yield Finding(
            about,
            Verdict.BAD,
            f"The API may not write {', '.join(fixed)}, so scores do not arrive there.",
            "Allow the service key or app to change these properties in HubSpot's settings.",
        )
    yield from room(client, target, len(ours))
    scopes = client.scopes()
    creating = f"crm.schemas.{name}.write"
    needed = {f"crm.objects.{name}.write", creating}
    if scopes is None:
        told = f"HubSpot does not tell whether {' and '.join(sorted(needed))} are granted."
        advice = "If writing back is refused, add these scopes to the service key or app."
        yield Finding(about, Verdict.WARNING, told, advice)
    elif needed <= scopes:
        told = f"Scores can be written: {len(ours)} fields are there, others will be created."
        yield Finding(about, Verdict.GOOD, told)
    elif ours and needed - scopes == {creating}:
        told = f"Scores can be written to the {len(ours)} fields that are there; others cannot be "
        told += f"created: {creating} is not granted."
        yield Finding(about, Verdict.GOOD, told)
    else:
        missing = ", ".join(sorted(needed - scopes))
        told = f"Scores cannot be written to {name}: {missing} is not granted."
        verdict = Verdict.WARNING if target is Target.DEAL else Verdict.BAD
        yield Finding(about, verdict, told, "Add it to the service key or app in HubSpot.")


def _is_read_only(row: dict[str, object]) -> bool:
    metadata = row.get("modificationMetadata")
    return isinstance(metadata, dict) and metadata.get("readOnlyValue") is True


def _daily(quota: Quota | None) -> Finding:
    """Hold what is left to what a day of polls takes when nothing changes."""
    need = POLLS_A_DAY * len(SOURCES) + 2 * 24
    if quota is None:
        told = f"HubSpot tells no daily limit for this app; a day's polls take {need:,} calls."
        return Finding("Daily calls", Verdict.GOOD, told)
    left = max(0, quota.limit - quota.used)
    told = (
        f"{left:,} of {quota.limit:,} calls are left for all apps together; a day's polls take "
        f"{need:,}, and more when much changes."
    )
    if left > need:
        return Finding("Daily calls", Verdict.GOOD, told)
    advice = "Poll less often, or ask which other app uses the calls."
    return Finding("Daily calls", Verdict.WARNING, told, advice)
