"""A CRM that is nothing but a list: for tests of everything above the connectors."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors import (
    START,
    Account,
    Activity,
    Bookmark,
    Channel,
    ConnectorError,
    Deal,
    ExternalId,
    Field,
    FieldCheck,
    FieldState,
    FieldUpdate,
    FieldValue,
    Finding,
    Gap,
    Hint,
    Identity,
    Malformed,
    Page,
    Participant,
    Person,
    PersonKind,
    Presence,
    Quota,
    Record,
    Role,
    Stream,
    Target,
    Unavailable,
    Verdict,
    WriteResult,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

STREAMS = (
    Stream.COLLEAGUES,
    Stream.ACCOUNTS,
    Stream.CONTACTS,
    Stream.LEADS,
    Stream.DEALS,
    Stream.EMAILS,
    Stream.MEETINGS,
)
"""What is read of a fake CRM."""

_STREAM_OF_KIND = {
    PersonKind.COLLEAGUE: Stream.COLLEAGUES,
    PersonKind.CONTACT: Stream.CONTACTS,
    PersonKind.LEAD: Stream.LEADS,
}
_STREAM_OF_CHANNEL = {
    Channel.EMAIL: Stream.EMAILS,
    Channel.MEETING: Stream.MEETINGS,
    Channel.CALL: Stream.CALLS,
}


def stream_of(record: Record) -> Stream:
    """The stream a record is read in."""
    match record:
        case Person():
            return _STREAM_OF_KIND[record.kind]
        case Activity():
            return _STREAM_OF_CHANNEL.get(record.channel, Stream.MESSAGES)
        case Account():
            return Stream.ACCOUNTS
        case Deal():
            return Stream.DEALS


@dataclass
class FakeConnector:
    """Serves its records in pages, and remembers what is written; a bookmark is an offset.

    Attributes:
        refused: Ids of records that it will not write.
        ignored: Ids of records about which it says nothing.
        malformed: Rows among the contacts that cannot be read.
        failures: Raised one after the other by the next calls.
        answers_left: How many calls it answers before it does not; None for ever.
        gaps: What it does not show of a stream; a whole gap hides all of it.
        quota: Its daily limit, as it tells it.
        known_until: What its pages say of an earlier pull.
        hidden: Ids that it does not show when asked what is there.
        kept_from: Users, and records that they may not read.
        says_nothing: Of what users may read.
        after_call: What happens after each call.
        states: How custom fields stand that are there and not as they should be.
        others: Fields of the customer's own.
        values: What the custom fields of each record hold.
        writes: Every update it accepted, in order.
    """

    records: list[Record] = field(default_factory=list)
    page_size: int = 100
    batch_size: int = 100
    refused: set[ExternalId] = field(default_factory=set)
    ignored: set[ExternalId] = field(default_factory=set)
    failures: list[ConnectorError] = field(default_factory=list)
    answers_left: int | None = None
    malformed: list[Malformed] = field(default_factory=list)
    gaps: dict[Stream, tuple[Gap, ...]] = field(default_factory=dict)
    quota: Quota | None = None
    known_until: datetime | None = None
    hidden: set[ExternalId] = field(default_factory=set)
    kept_from: set[tuple[str, str]] = field(default_factory=set)
    says_nothing: bool = False
    after_call: Callable[[], object] = lambda: None
    fields: dict[tuple[Target, str], Field] = field(default_factory=dict)
    states: dict[tuple[Target, str], FieldState] = field(default_factory=dict)
    others: list[Field] = field(default_factory=list)
    values: dict[tuple[Target, ExternalId], dict[str, FieldValue]] = field(default_factory=dict)
    writes: list[FieldUpdate] = field(default_factory=list)
    calls: int = 0
    is_closed: bool = False

    def identify(self) -> Identity:
        self._call()
        return Identity("fake", "Fake")

    def examine(self) -> Iterator[Finding]:
        yield Finding("Sign-in", Verdict.GOOD, "Connected to Fake.")

    def present(self, stream: Stream, bookmark: Bookmark) -> Presence:
        self._call()
        mine = {r.id for r in self.records if stream_of(r) is stream}
        ids = sorted(mine - self.hidden)
        page = [one for one in ids if one > bookmark][: self.page_size]
        is_last = not page or page[-1] == ids[-1]
        return Presence(tuple(page), Bookmark(page[-1]) if page else bookmark, is_last)

    def read(self, bookmarks: Mapping[Stream, Bookmark]) -> Sequence[Page]:
        self._call()
        return [self._page(stream, bookmark) for stream, bookmark in sorted(bookmarks.items())]

    def read_again(self, stream: Stream, ids: Sequence[ExternalId]) -> Sequence[Page]:
        self._call()
        mine = (r for r in self.records if stream_of(r) is stream and r.id in set(ids))
        return [Page(stream, tuple(mine), START, is_last=True)]

    def taken_part(self, people: Sequence[ExternalId]) -> Mapping[Hint, Collection[ExternalId]]:
        self._call()
        talks = (r for r in self.records if isinstance(r, Activity))
        found = {Hint(stream_of(r), r.id): _of(people, r) for r in talks}
        return {hint: some for hint, some in found.items() if some}

    def check_fields(self, fields: Sequence[Field]) -> Sequence[FieldCheck]:
        for _ in {one.target for one in fields}:
            self._call()
        return [self._check(one) for one in fields]

    def choices(self, target: Target) -> Sequence[Field]:
        self._call()
        return [one for one in self.others if one.target is target]

    def create_fields(self, fields: Sequence[Field]) -> Sequence[Field]:
        self._call()
        ours = [f for f in fields if not f.called]
        missing = [f for f in ours if (f.target, f.name) not in self.fields]
        self.fields.update({(f.target, f.name): f for f in missing})
        return missing

    def held(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        for _ in range(0, len(ids), self.batch_size):
            self._call()
        gone = {r.id for r in self.records if getattr(r, "is_deleted", False)}
        there = {r.id for r in self.records} - gone
        known = {one: self.values.get((target, one), {}) for one in ids if one in there}
        return {one: {n: values.get(n) for n in names} for one, values in known.items()}

    def visible(
        self, user: ExternalId, target: Target, ids: Sequence[ExternalId]
    ) -> Mapping[ExternalId, bool]:
        self._call()
        assert target in Target
        return {} if self.says_nothing else {o: (user, o) not in self.kept_from for o in ids}

    def calls_to_write(self, counts: Mapping[Target, int]) -> int:
        return -(-sum(counts.values()) // self.batch_size)

    def write(self, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
        for start in range(0, len(updates), self.batch_size):
            self._call()
            batch = updates[start : start + self.batch_size]
            yield [self._write(one) for one in batch if one.id not in self.ignored]

    def close(self) -> None:
        self.is_closed = True

    def _call(self) -> None:
        self.calls += 1
        self.after_call()
        if self.failures:
            raise self.failures.pop(0)
        if self.answers_left is not None:
            if self.answers_left == 0:
                raise Unavailable("The CRM does not answer.")
            self.answers_left -= 1

    def _page(self, stream: Stream, bookmark: Bookmark) -> Page:
        gaps = self.gaps.get(stream, ())
        if any(gap.is_whole for gap in gaps):
            return Page(stream, (), bookmark, is_last=True, gaps=gaps)
        mine = [r for r in self.records if stream_of(r) is stream]
        start = 0 if bookmark == START else int(bookmark)
        end = min(start + self.page_size, len(mine))
        return Page(
            stream,
            tuple(mine[start:end]),
            Bookmark(str(end)),
            is_last=end == len(mine),
            malformed=tuple(self.malformed) if stream is Stream.CONTACTS else (),
            known_until=self.known_until,
            left=len(mine) - end,
            gaps=gaps,
        )

    def _check(self, wanted: Field) -> FieldCheck:
        names = {(f.target, f.called or f.name) for f in (*self.fields.values(), *self.others)}
        key = (wanted.target, wanted.called or wanted.name)
        state = self.states.get(key) or (FieldState.READY if key in names else FieldState.MISSING)
        is_ready = state is FieldState.READY
        return FieldCheck(wanted, state, "" if is_ready else f"{key[1]} is {state}: mend it.")

    def _write(self, update: FieldUpdate) -> WriteResult:
        if update.id in self.refused:
            return WriteResult(update.target, update.id, ok=False, code="LOCKED", reason="Locked.")
        self.writes.append(update)
        self.values.setdefault((update.target, update.id), {}).update(update.values)
        return WriteResult(update.target, update.id, ok=True)


def _of(people: Sequence[ExternalId], activity: Activity) -> set[ExternalId]:
    return {one.person_id for one in activity.participants if one.person_id in people}


def colleague(name: str, address: str = "") -> Person:
    """A user of the CRM, whose id is their name."""
    own = address or f"{name.lower()}@ours.example"
    return Person(ExternalId(name), PersonKind.COLLEAGUE, name, (own,))


def contact(name: str, address: str = "", account: str | None = None) -> Person:
    """A contact, whose id is their name."""
    at = ExternalId(account) if account else None
    own = address or f"{name.lower()}@fake.example"
    return Person(ExternalId(name), PersonKind.CONTACT, name, (own,), account_id=at)


def email(number: int, sender: str, *recipients: str, days_ago: float = 1.0) -> Activity:
    """An email between records, so many days before `NOW`."""
    return Activity(
        id=ExternalId(f"email {number}"),
        channel=Channel.EMAIL,
        at=NOW - timedelta(days=days_ago),
        participants=(
            Participant(Role.FROM, ExternalId(sender)),
            *(Participant(Role.TO, ExternalId(name)) for name in recipients),
        ),
        recipients=len(recipients),
    )
