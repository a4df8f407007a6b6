"""World files: what is written is what is read, and what is no record is told by its line."""

import gzip
import io
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import (
    Account,
    Activity,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
    StageChange,
)
from connectors._sandbox import running, sandbox_names
from connectors._worlds import MOST_PROBLEMS, BadWorld, lines, parse, read, write

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACME, ANNE, CLARA = ExternalId("acme"), ExternalId("anne"), ExternalId("clara")

WORLD: list[Record] = [
    Account(ACME, "Acme", "acme.example", THEN),
    Person(ANNE, PersonKind.COLLEAGUE, "Anne Abel", ("anne@ours.example",), "Rep", "Sales"),
    Person(CLARA, PersonKind.CONTACT, "Clara Crów", account_id=ACME, modified_at=THEN),
    Person(ExternalId("lea"), PersonKind.LEAD, "Lea Dunn", is_deleted=True, merged_into=CLARA),
    Activity(
        ExternalId("m"),
        Channel.MEETING,
        THEN,
        (Participant(Role.PARTY, ANNE), Participant(Role.PARTY, address="x@y.example")),
        recipients=3,
        duration_s=1800,
        happened=False,
        thread="t1",
        is_bulk=True,
        supersedes=ExternalId("copy of m"),
    ),
    Deal(
        ExternalId("d"),
        "Paper for a year",
        "Negotiation",
        account_id=ACME,
        owner_id=ANNE,
        amount=1200.5,
        currency="EUR",
        created_at=THEN,
        closes_on=date(2026, 6, 30),
        contacts=(DealContact(CLARA, "Decision Maker", is_primary=True), DealContact(CLARA)),
        stages=(StageChange("Proposal", THEN), StageChange("Negotiation", THEN)),
    ),
]


def parsed(text: str) -> list[Record]:
    return list(parse(io.BytesIO(text.encode())))


def told(text: str) -> list[str]:
    with pytest.raises(BadWorld) as raised:
        parsed(text)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize("name", ["world.ndjson", "world.ndjson.gz"])
def test_what_is_written_is_what_is_read(tmp_path: Path, name: str):
    assert write(WORLD, tmp_path / name) == len(WORLD)
    assert list(read(tmp_path / name)) == WORLD


def test_the_same_records_give_the_same_packed_bytes(tmp_path: Path):
    write(WORLD, tmp_path / "one.gz")
    write(WORLD, tmp_path / "other.gz")
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "other.gz").read_bytes()


times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
texts = st.text(min_size=1).map(ExternalId)
people = st.builds(
    Person,
    id=texts,
    kind=st.sampled_from(PersonKind),
    name=texts,
    addresses=st.lists(texts).map(tuple),
    title=st.none() | texts,
    account_id=st.none(),
    is_active=st.booleans(),
    modified_at=times,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(people)
def test_any_person_survives_its_line(person: Person):
    assert parsed(b"".join(lines([person])).decode()) == [person]


def test_a_line_names_its_kind_first_and_leaves_defaults_out():
    (line,) = lines([Account(ACME, "Acme")])
    assert line == b'{"kind":"account","id":"acme","name":"Acme"}\n'


def test_comments_and_empty_lines_are_skipped():
    assert parsed('# people\n\n{"kind": "lead", "id": "l", "name": "Lea"}\n') == [
        Person(ExternalId("l"), PersonKind.LEAD, "Lea")
    ]


def test_a_time_of_another_zone_is_read_as_utc():
    line = '{"kind":"account","id":"a","name":"A","modified_at":"2026-03-02T11:30:00+02:00"}'
    (account,) = parsed(line)
    assert account.modified_at == datetime(2026, 3, 2, 11, 30, tzinfo=timezone(timedelta(hours=2)))
    assert account.modified_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("what", "this is no JSON: Expecting value at column 1"),
        ("[]", "a record is a JSON object"),
        ('{"kind":"house"}', "kind must be one of account, colleague"),
        ('{"kind":"lead","id":"l"}', "name is missing"),
        ('{"kind":"lead","id":"","name":"L"}', "id must be a text"),
        ('{"kind":"lead","id":"l","name":"L","phone":"1"}', "lead has no phone"),
        ('{"kind":"lead","id":"l","name":"L","addresses":"a"}', "addresses must be a list"),
        ('{"kind":"lead","id":"l","name":"L","is_active":1}', "is_active must be true or false"),
        ('{"kind":"account","id":"a","name":"A","modified_at":"2026-03-02"}', "time with a zone"),
        ('{"kind":"lead","id":"l","name":"L","account_id":"x"}', "'x' is named before"),
    ],
)
def test_what_is_no_record_is_told_with_its_reason(line: str, reason: str):
    (problem,) = told(line)
    assert problem.startswith("line 1: ")
    assert reason in problem


DEAL = '{"kind":"deal","id":"d","name":"D","stage":"Won",%s}'


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ('"amount":"1"', "amount must be a number"),
        ('"amount":NaN', "amount must be a number"),
        ('"closes_on":"soon"', "closes_on must be a date"),
        ('"owner_id":"nobody"', "'nobody' is named before it is defined"),
        ('"contacts":[{"person_id":"nobody"}]', "'nobody' is named before it is defined"),
        ('"contacts":[{"role":"Boss"}]', "person_id must be a text"),
        ('"contacts":[{"person_id":"a","age":1}]', "nothing else"),
        ('"contacts":["anne"]', "contacts must be a list of objects"),
        ('"stages":[{"stage":"Won"}]', "a change of stage has a stage and an at"),
    ],
)
def test_a_deal_is_checked(rest: str, reason: str):
    (problem,) = told(DEAL % rest)
    assert reason in problem


EMAIL = '{"kind":"email","id":"m","at":"2026-03-02T09:30:00Z","participants":%s}'


@pytest.mark.parametrize(
    ("participants", "reason"),
    [
        ("[]x", "this is no JSON"),
        ("{}", "participants must be a list"),
        ('[{"role":"to"}]', "needs a person_id or an address"),
        ('[{"role":"boss","address":"a@b.example"}]', "role must be one of from, to"),
        ('[{"role":"to","address":"a@b.example","name":"A"}]', "and nothing else"),
        ('[{"role":"to","person_id":"nobody"}]', "'nobody' is named before it is defined"),
        ('[],"recipients":0', "recipients must be a whole number"),
        ('[],"duration_s":-1', "duration_s must be a number of seconds"),
    ],
)
def test_an_activity_with_a_wrong_part_is_told(participants: str, reason: str):
    (problem,) = told(EMAIL % participants)
    assert reason in problem


def test_every_malformed_line_is_told_by_its_number():
    good = '{"kind":"lead","id":"%d","name":"L"}\n'
    assert [
        one.split(":")[0] for one in told(good % 1 + "x\n" + good % 2 + "\ny\n" + good % 3)
    ] == [
        "line 2",
        "line 5",
    ]


def test_no_more_problems_are_told_than_anybody_reads():
    assert len(told("x\n" * 1000)) == MOST_PROBLEMS


def test_an_id_that_is_taken_is_refused():
    assert told('{"kind":"lead","id":"l","name":"L"}\n' * 2) == [
        "line 2: there is a record 'l' already"
    ]


def test_a_packed_file_that_is_cut_short_is_told():
    packed = gzip.compress(b"".join(lines(WORLD * 100)))[:-20]
    with pytest.raises(BadWorld, match="cut short"):
        list(parse(io.BytesIO(packed), known=None))


@pytest.mark.parametrize("name", sandbox_names())
def test_of_a_world_with_a_malformed_line_nothing_is_loaded(name: str, tmp_path: Path):
    file = tmp_path / "world.ndjson"
    file.write_bytes(b"".join(lines(WORLD)) + b"oops\n")
    with running(name) as crm:
        with pytest.raises(BadWorld, match=f"line {len(WORLD) + 1}: this is no JSON"):
            crm.put(read(file))
        assert list(crm.of.records(crm.sandbox)) == []
