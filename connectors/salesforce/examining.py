"""What a connection to an org needs, looked at for an admin; nothing is changed.

It costs about fifteen calls. What cannot be tried without changing something is not tried: that
custom fields may be created is seen when Tieline creates them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from connectors._errors import ConnectorError, NeedsAttention
from connectors._records import Finding, Identity, Right, Stream, Target, Verdict
from connectors.salesforce import tooling
from connectors.salesforce.asked import Asked
from connectors.salesforce.client import Answer, Client, Found, Question
from connectors.salesforce.mapping import PREFIX, SOBJECTS
from connectors.salesforce.places import Cursor, Place
from connectors.salesforce.sources import SOURCES, gaps, lacking_of
from connectors.salesforce.together import MOST_QUERIES, Together

POLLS_A_DAY = 288
"""At one pull every five minutes."""

MOST_SKEW = timedelta(minutes=5)
ENOUGH = 0.9
"""The share of an object's records that we must see; a count by Salesforce is approximate."""

NEEDED = frozenset({Stream.COLLEAGUES, Stream.CONTACTS})
_RECENT = "LAST_N_DAYS:90"
_IN_PART = "who took part, or what became of a deal, is known in part"
_SEE_ALL = "Give the integration user the permission View All on this object."


class _Org(Protocol):
    def identify(self) -> Identity: ...


def examine(org: _Org, client: Client) -> Iterator[Finding]:
    """Look at the sign-in first, then at everything else; see `Connector.examine`."""
    try:
        client.sign_in()
        version = _version(client)
        identity = org.identify() if version.verdict is Verdict.GOOD else None
    except ConnectorError as error:
        yield Finding("Sign-in", Verdict.BAD, "Salesforce does not let us in.", str(error))
        return
    yield version
    if identity is None:
        return
    yield Finding("Sign-in", Verdict.GOOD, f"Connected to {identity.name} ({identity.tenant}).")
    together = Together(client)
    yield _clock(client)
    for look in (_streams, _visible, _emails, _targets, _creating):
        try:
            yield from look(client, together)
        except ConnectorError as error:
            told = "Salesforce did not let us look at all of it."
            yield Finding(_ABOUT[look], Verdict.WARNING, told, str(error))
    yield from _calls(client, together)


def _clock(client: Client) -> Finding:
    skew = abs(client.answered_at - datetime.now(UTC))
    if skew < MOST_SKEW:
        return Finding("Clock", Verdict.GOOD, "Salesforce's clock and ours agree.")
    return Finding(
        "Clock",
        Verdict.WARNING,
        f"Our clock is {skew.total_seconds() / 60:.0f} minutes off Salesforce's; Tieline reads by "
        "Salesforce's, so nothing is missed.",
        "Set the clock of this machine.",
    )


def _version(client: Client) -> Finding:
    known = client.versions()
    if client.version in known:
        told = f"Version {client.version} is answered; the newest is {known[-1]}."
        return Finding("API version", Verdict.GOOD, told)
    return Finding(
        "API version",
        Verdict.BAD,
        f"Salesforce does not answer version {client.version}: nothing can be read or written.",
        f"Set the connection's API version to {known[-1] if known else 'one that it has'}.",
    )


def _streams(_: Client, together: Together) -> Iterator[Finding]:
    """Look at each stream as it would be read, a row of each, and at what tells of changes."""
    described = _described(together)
    asked = []
    for stream, source in SOURCES.items():
        lacking = lacking_of(source, described)
        found = gaps(source, lacking)
        one = Asked(stream, Place(touched=Cursor(datetime.now(UTC))), lacking, 1)
        if not one.is_refused:
            asked.append(one)
        for gap in found:
            is_bad = gap.is_whole and stream in NEEDED
            told = f"{gap.what} is not shown to us: {_loss(stream, is_whole=gap.is_whole)}"
            verdict = Verdict.BAD if is_bad else Verdict.WARNING
            yield _to_read(Finding(stream.value, verdict, told, gap.reason), stream)
    if "TaskRelation" in lacking_of(SOURCES[Stream.TASKS], described):
        told = "The org does not share activities: a task has one person only."
        advice = "Allow users to relate several contacts to tasks and events, in Activity Settings."
        yield Finding("Shared activities", Verdict.WARNING, told, advice)
    yield from _readable(together, asked)


def _readable(together: Together, asked: list[Asked]) -> Iterator[Finding]:
    found = together.ask([one.question() for one in asked])
    for one, answer in zip(asked, found, strict=True):
        if isinstance(answer, ConnectorError):
            told = f"{one.source.sobject} cannot be read."
            finding = Finding(one.stream.value, Verdict.BAD, told, str(answer))
        else:
            told = f"{one.source.sobject} can be read."
            finding = Finding(one.stream.value, Verdict.GOOD, told)
        yield _to_read(finding, one.stream)
    later = [replace(one, place=replace(one.place, known=datetime.now(UTC))) for one in asked]
    due = [(one, q) for one in later if (q := one.touched_question())]
    answers = together.ask([question for _, question in due])
    for (one, _), answer in zip(due, answers, strict=True):
        if isinstance(answer, ConnectorError):
            told = "Changes of its relations alone are not told; they are read when it changes."
            yield Finding(f"{one.stream.value}, relations", Verdict.WARNING, told, str(answer))


def _visible(client: Client, together: Together) -> Iterator[Finding]:
    """Compare what we see with what is there: sharing hides records without a word."""
    whose = {name: (stream, s) for stream, s in SOURCES.items() for name in s.objects}
    there = client.counts(whose)
    kept = " WHERE IsDeleted = false"
    seen = _count(
        together,
        {n: kept * (n == s.sobject and "IsDeleted" in s.fields) for n, (_, s) in whose.items()},
    )
    for name, (stream, source) in whose.items():
        if name not in there or name not in seen or there[name] == 0:
            continue
        is_own = name == source.sobject
        about = f"{stream.value}, {'visible' if is_own else name}"
        told = f"We see {seen[name]:,} of about {there[name]:,} {name} records"
        found = Finding(about, Verdict.GOOD, f"{told}.")
        if seen[name] < ENOUGH * there[name]:
            loss = "scores lean to those who share theirs with us" if is_own else _IN_PART
            found = Finding(about, Verdict.WARNING, f"{told}: {loss}.", _SEE_ALL)
        yield replace(found, of=stream.value, right=Right.SEE_ALL)


def _emails(_: Client, together: Together) -> Iterator[Finding]:
    """Count the mails of the last months: an org may keep them where no API shows them."""
    counts = _count(
        together,
        {
            "EmailMessage": f" WHERE MessageDate = {_RECENT}",
            "Task": f" WHERE TaskSubtype = 'Email' AND ActivityDate = {_RECENT}",
        },
    )
    told = ", ".join(f"{count:,} as {name}" for name, count in counts.items()) or "nothing"
    if any(counts.values()):
        yield Finding("Emails", Verdict.GOOD, f"In the last 90 days Salesforce has {told}.")
        return
    yield Finding(
        "Emails",
        Verdict.WARNING,
        "No email of the last 90 days can be seen: ties will look weaker than they are.",
        "If the org captures email with Einstein Activity Capture, switch on Sync Email as "
        "Salesforce Activity; otherwise log emails, or connect a mailbox to Tieline.",
    )


def _targets(client: Client, _: Together) -> Iterator[Finding]:
    for target in Target:
        name = SOBJECTS[target]
        shown = client.describe(name)
        ours = [field for field in shown["fields"] if str(field["name"]).startswith(PREFIX)]
        stuck = [str(field["name"]) for field in ours if not field["updateable"]]
        about = f"{target.value}, writing"
        if not shown.get("updateable"):
            told = f"We may not edit {name} records: nothing can be written to them."
            advice = f"Give the integration user edit access to {name} in a permission set."
            verdict = Verdict.WARNING if target is Target.DEAL else Verdict.BAD
            found = Finding(about, verdict, told, advice)
        elif stuck:
            told = f"We may not edit {', '.join(stuck)}."
            advice = "Assign the permission set Tieline, with edit access, to the integration user."
            found = Finding(about, Verdict.BAD, told, advice)
        else:
            told = f"{len(ours)} fields of Tieline can be written; it creates what is missing. "
            told += "Put them on the page layouts for people to see them."
            found = Finding(about, Verdict.GOOD, told)
        yield replace(found, of=f"{target.value}s", right=Right.WRITE)


def _creating(client: Client, _: Together) -> Iterator[Finding]:
    """Try the API by which fields are created; whether they may be is seen when they are."""
    try:
        tooling.defined(client, [f"{SOBJECTS[Target.CONTACT]}.{PREFIX}Strength__c"])
    except NeedsAttention as error:
        told = "The Tooling API is refused: Tieline cannot create its fields, or make them longer."
        advice = f"Deploy them as deploy/salesforce/custom-fields tells. {error}"
        yield Finding("Creating fields", Verdict.WARNING, told, advice)
        return
    told = "The Tooling API answers. Whether fields may be created is seen when Tieline does."
    yield Finding("Creating fields", Verdict.GOOD, told)


def _to_read(found: Finding, stream: Stream) -> Finding:
    return replace(found, of=stream.value, right=Right.READ)


def _calls(client: Client, together: Together) -> Iterator[Finding]:
    """Compare the calls that are left with what a day of pulls needs."""
    streams = len(SOURCES)
    a_pull = -(-streams // MOST_QUERIES) if together.is_allowed else streams
    if not together.is_allowed:
        told = f"The org refuses composite calls: a pull takes {a_pull} calls and not 2."
        yield Finding("Composite calls", Verdict.WARNING, told, "Allow the composite resource.")
    if client.quota is None:
        return
    need, left = POLLS_A_DAY * a_pull, max(0, client.quota.limit - client.quota.used)
    told = f"{left:,} of {client.quota.limit:,} calls are left for all apps together; a day of "
    told += f"pulls every five minutes takes {need:,}."
    if left >= need:
        yield Finding("Daily calls", Verdict.GOOD, told)
        return
    advice = "Let Tieline pull less often, or raise the org's allowance."
    yield Finding("Daily calls", Verdict.WARNING, told, advice)


def _described(together: Together) -> Mapping[str, Mapping[str, Any] | None]:
    names = dict.fromkeys(name for source in SOURCES.values() for name in source.objects)
    found = together.ask(
        [Question(f"to describe {name}", f"sobjects/{name}/describe") for name in names]
    )
    return {
        name: one if isinstance(one, dict) else None for name, one in zip(names, found, strict=True)
    }


def _count(together: Together, wanted: Mapping[str, str]) -> dict[str, int]:
    """Count rows of objects; those that cannot be counted are left out."""
    questions = [
        Question(f"to count {name}", "queryAll", f"SELECT COUNT() FROM {name}{where}")  # noqa: S608
        for name, where in wanted.items()
    ]
    return dict(_totals(wanted, together.ask(questions)))


def _totals(
    names: Iterable[str], found: Iterable[Found | ConnectorError]
) -> Iterator[tuple[str, int]]:
    for name, answer in zip(names, found, strict=True):
        if isinstance(answer, Answer):
            yield name, answer.total


def _loss(stream: Stream, *, is_whole: bool) -> str:
    if not is_whole:
        return "it is left out."
    if stream in NEEDED:
        return "without it nothing can be scored."
    return f"no {stream.value} are read, and what depends on them is missing."


_ABOUT = {
    _streams: "Streams",
    _visible: "Visible records",
    _emails: "Emails",
    _targets: "Writing",
    _creating: "Creating fields",
}
