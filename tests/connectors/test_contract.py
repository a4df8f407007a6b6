"""What every CRM must do; runs once per CRM with a sandbox, against that over HTTP."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from connectors import (
    START,
    Account,
    Activity,
    AuthenticationFailed,
    Bookmark,
    Channel,
    Connector,
    ExternalId,
    Field,
    FieldsRefused,
    FieldState,
    FieldType,
    FieldUpdate,
    FieldValue,
    Listening,
    Module,
    Participant,
    Person,
    PersonKind,
    Record,
    Role,
    Signer,
    Stream,
    Target,
    Unavailable,
    Verdict,
    module,
)
from connectors._levers import find
from connectors._sandbox import (
    Fault,
    Sandbox,
    SandboxModule,
    running,
    sandbox_module,
    sandbox_names,
    served,
)

LONG_AGO = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

FIELDS = (
    Field(Target.CONTACT, "strength", "Tie strength", FieldType.NUMBER, "0 to 100.", length=3),
    Field(Target.CONTACT, "band", "Band", FieldType.PICKLIST, "Words.", options=("Weak", "Strong")),
    Field(Target.CONTACT, "best_colleague", "Best-connected", FieldType.TEXT, "Who."),
    Field(Target.CONTACT, "last_touch", "Last touch", FieldType.DATE, "When."),
    Field(Target.ACCOUNT, "strength", "Strongest tie", FieldType.NUMBER, "0 to 100.", length=3),
)


@dataclass
class Crm:
    """One CRM under test: its connector, its sandbox, and how to connect again."""

    name: str
    module: Module
    connector: Connector
    sandbox: Sandbox
    of: SandboxModule
    credentials: BaseModel
    ids: dict[ExternalId, ExternalId]

    def read(self, bookmarks: dict[Stream, Bookmark]) -> tuple[list[Record], dict]:
        """Read to the end from these bookmarks."""
        records: list[Record] = []
        done: dict[Stream, Bookmark] = {}
        pending = dict(bookmarks)
        for _ in range(100):
            pages = self.connector.read(pending)
            records += [record for page in pages for record in page.records]
            done |= {page.stream: page.bookmark for page in pages}
            pending = {page.stream: page.bookmark for page in pages if not page.is_last}
            if not pending:
                return records, done
        raise AssertionError("Reading does not come to an end.")

    def update(self, record_id: ExternalId, **values: FieldValue) -> FieldUpdate:
        named = {self.module.own_name(name): value for name, value in values.items()}
        return FieldUpdate(Target.CONTACT, record_id, named)

    def read_all(self) -> tuple[list[Record], dict]:
        return self.read(dict.fromkeys(self.module.STREAMS, START))


def world(contacts: int = 3) -> Iterator[Record]:
    """A colleague, some contacts at one account, and an email to each."""
    yield Account(ExternalId("far"), "Far", "far.example", modified_at=LONG_AGO)
    ada = Person(
        ExternalId("ada"),
        PersonKind.COLLEAGUE,
        "Ada Lund",
        ("ada@near.example",),
        modified_at=LONG_AGO,
    )
    yield ada
    for n in range(contacts):
        yield Person(
            ExternalId(f"contact {n}"),
            PersonKind.CONTACT,
            f"Bo Holm{n}",
            (f"bo.{n}@far.example",),
            title="Buyer",
            account_id=ExternalId("far"),
            modified_at=LONG_AGO,
        )
    for n in range(contacts):
        yield email(n, at=LONG_AGO + timedelta(days=n))


def email(contact: int, *, at: datetime, number: str = "") -> Activity:
    return Activity(
        id=ExternalId(f"email {contact}{number}"),
        channel=Channel.EMAIL,
        at=at,
        participants=(
            Participant(Role.FROM, ExternalId("ada")),
            Participant(Role.TO, ExternalId(f"contact {contact}")),
        ),
        modified_at=at,
    )


@pytest.fixture(params=sandbox_names())
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    with running(request.param, world()) as found:
        credentials = found.of.credentials(found.url)
        connector = found.connect(credentials)
        yield Crm(
            request.param,
            module(request.param),
            connector,
            found.sandbox,
            found.of,
            credentials,
            found.ids,
        )


def test_it_says_who_we_are(crm: Crm):
    assert crm.connector.identify().tenant


def test_it_can_be_listened_to_if_it_says_so(crm: Crm):
    assert isinstance(crm.connector, Listening) is crm.module.LISTENS


def test_it_says_to_admins_how_it_tells_what_changes_if_it_does(crm: Crm):
    told = crm.module.TELLINGS
    assert any(one.is_stream for one in told) is crm.module.LISTENS
    assert any(not one.is_stream for one in told) is (crm.module.SIGNER is not Signer.NOBODY)
    assert len({one.name for one in told}) == len(told)
    assert all(one.steps for one in told)


def test_what_the_crm_holds_is_what_is_read(crm: Crm):
    records, _ = crm.read_all()
    people = {p.id: p for p in records if isinstance(p, Person)}
    bo = people[crm.ids[ExternalId("contact 1")]]
    assert (bo.kind, bo.name, bo.addresses) == (
        PersonKind.CONTACT,
        "Bo Holm1",
        ("bo.1@far.example",),
    )
    assert bo.account_id == crm.ids[ExternalId("far")]
    assert people[crm.ids[ExternalId("ada")]].kind is PersonKind.COLLEAGUE


def test_an_activity_names_who_took_part_and_when(crm: Crm):
    records, _ = crm.read_all()
    wanted = crm.ids[ExternalId("email 2")]
    found = next(r for r in records if r.id == wanted)
    assert isinstance(found, Activity)
    assert (found.channel, found.at, found.recipients) == (
        Channel.EMAIL,
        LONG_AGO + timedelta(days=2),
        1,
    )
    named = {p.person_id for p in found.participants} | {p.address for p in found.participants}
    assert crm.ids[ExternalId("contact 2")] in named
    assert {crm.ids[ExternalId("ada")], "ada@near.example"} & named


def test_the_truth_names_the_records_that_are_read(crm: Crm):
    read, _ = crm.read_all()
    held = {record.id: record for record in crm.of.records(crm.sandbox)}
    assert {record.id for record in read} == set(held)
    for record in read:
        truth = held[record.id]
        assert type(record) is type(truth)
        assert getattr(record, "name", "") == getattr(truth, "name", "")
        assert getattr(record, "at", None) == getattr(truth, "at", None)


def test_what_is_there_is_what_the_truth_names(crm: Crm):
    there: set[ExternalId] = set()
    for stream in crm.module.SWEPT:
        presence = crm.connector.present(stream, START)
        assert presence.is_last
        there |= set(presence.ids)
    people = {PersonKind.CONTACT, PersonKind.LEAD}
    held = {r.id for r in crm.of.records(crm.sandbox) if getattr(r, "kind", None) in people}
    assert held
    assert held <= there


def _again(crm: Crm, stream: Stream, *ids: ExternalId) -> list[Record]:
    return [record for page in crm.connector.read_again(stream, ids) for record in page.records]


def test_what_is_read_again_is_as_it_was_read(crm: Crm):
    records, _ = crm.read_all()
    again: list[Record] = []
    for stream in crm.module.STREAMS:
        pages = crm.connector.read_again(stream, [record.id for record in records])
        assert {page.stream for page in pages} <= {stream}
        again += [record for page in pages for record in page.records]
    assert {r.id: r for r in again} == {r.id: r for r in records}
    assert len(again) == len(records)


def test_what_is_read_again_is_as_it_is_now(crm: Crm):
    own = crm.ids[ExternalId("contact 1")]
    update = crm.update(own, strength=63)
    crm.connector.create_fields(FIELDS)
    before = _again(crm, Stream.CONTACTS, own)
    crm.sandbox.clock.advance(timedelta(minutes=1))
    list(crm.connector.write([update]))
    after = _again(crm, Stream.CONTACTS, own)
    assert [record.modified_at for record in before] < [record.modified_at for record in after]


def test_what_is_deleted_is_read_again_as_deleted(crm: Crm):
    own = crm.ids[ExternalId("contact 1")]
    levers = find(crm.name)
    (levers.get("delete") or levers["archive"])(crm.sandbox, own)
    [record] = _again(crm, Stream.CONTACTS, own)
    assert isinstance(record, Person)
    assert record.is_deleted


def test_what_the_crm_does_not_know_is_not_read_again(crm: Crm):
    known = crm.ids[ExternalId("contact 1")]
    strange = [ExternalId("unheard of"), ExternalId(f"{known}9"), ExternalId("")]
    for stream in crm.module.STREAMS:
        assert _again(crm, stream, *strange) == []
    assert len(_again(crm, Stream.CONTACTS, *strange, known)) == 1


def test_nothing_asked_for_again_takes_no_call(crm: Crm):
    calls = crm.connector.calls
    pages = [crm.connector.read_again(stream, []) for stream in crm.module.STREAMS]
    assert not any(pages)
    assert crm.connector.calls == calls


def test_only_a_later_pull_knows_until_when_an_earlier_one_had_read(crm: Crm):
    streams = [s for s in crm.module.STREAMS if s is not Stream.COLLEAGUES]
    first = crm.connector.read(dict.fromkeys(streams, START))
    later = crm.connector.read({page.stream: page.bookmark for page in first})
    assert {page.known_until for page in first} == {None}
    assert all(page.known_until for page in later)


def test_a_crm_that_lets_us_do_everything_is_found_to(crm: Crm):
    findings = list(crm.connector.examine())
    assert Verdict.BAD not in {finding.verdict for finding in findings}
    assert all(finding.told.endswith(".") for finding in findings)
    assert [f for f in findings if f.verdict is not Verdict.GOOD and not f.advice] == []


def test_ids_are_unique_within_the_connection(crm: Crm):
    records, _ = crm.read_all()
    assert len({record.id for record in records}) == len(records)


def test_reading_again_from_the_last_bookmarks_brings_nothing_old(crm: Crm):
    _, bookmarks = crm.read_all()
    again, _ = crm.read({s: b for s, b in bookmarks.items() if s is not Stream.COLLEAGUES})
    assert again == []


def test_what_happens_after_reading_is_read_next(crm: Crm):
    _, bookmarks = crm.read_all()
    now = crm.sandbox.clock.now().replace(microsecond=0)
    new = [*world(), email(0, at=now, number=" again")]
    ids = crm.of.fill(crm.sandbox, new)
    again, _ = crm.read(bookmarks)
    assert ids[ExternalId("email 0 again")] in {record.id for record in again}


def test_bookmarks_carry_no_secret(crm: Crm):
    _, bookmarks = crm.read_all()
    secrets = [v for v in crm.credentials.model_dump().values() if hasattr(v, "get_secret_value")]
    shown = "".join(bookmarks.values()) + repr(crm.credentials)
    assert secrets
    assert all(secret.get_secret_value() not in shown for secret in secrets)


def test_missing_fields_are_created_once(crm: Crm):
    assert crm.connector.create_fields(FIELDS) == list(FIELDS)
    assert crm.connector.create_fields(FIELDS) == []


def test_each_kind_of_record_that_is_written_to_can_be_given_fields(crm: Crm):
    fields = [replace(FIELDS[0], target=target) for target in crm.module.TARGETS]
    assert crm.connector.create_fields(fields) == fields


def test_a_field_is_missing_until_it_is_created(crm: Crm):
    before = crm.connector.check_fields(FIELDS)
    crm.connector.create_fields(FIELDS)
    after = crm.connector.check_fields(FIELDS)
    assert {check.state for check in before} == {FieldState.MISSING}
    assert all(check.reason.endswith(".") for check in before)
    assert [(check.field, check.state, check.reason) for check in after] == [
        (field, FieldState.READY, "") for field in FIELDS
    ]


def test_fields_that_are_ready_are_checked_with_one_call_per_kind_of_record(crm: Crm):
    crm.connector.create_fields(FIELDS)
    before = crm.connector.calls
    crm.connector.check_fields(FIELDS)
    assert crm.connector.calls == before + 2


def test_a_field_of_another_type_is_found(crm: Crm):
    crm.connector.create_fields(FIELDS)
    as_text = replace(FIELDS[0], type=FieldType.TEXT)
    [check] = crm.connector.check_fields([as_text])
    assert check.state is FieldState.RETYPED
    assert crm.module.own_name("strength") in check.reason


def test_a_picklist_that_lacks_a_value_is_found(crm: Crm):
    crm.connector.create_fields(FIELDS)
    [check] = crm.connector.check_fields([replace(FIELDS[1], options=("Weak", "Superb"))])
    assert check.state is FieldState.RETYPED
    assert "Superb" in check.reason
    assert "Weak" not in check.reason


def test_our_own_fields_are_no_choices(crm: Crm):
    crm.connector.create_fields(FIELDS)
    assert list(crm.connector.choices(Target.CONTACT)) == []


def test_what_records_hold_is_what_was_written(crm: Crm):
    crm.connector.create_fields(FIELDS)
    bo, other = (crm.ids[ExternalId(f"contact {n}")] for n in range(2))
    update = crm.update(bo, strength=63, band="Strong", last_touch=date(2026, 3, 1))
    list(crm.connector.write([update]))
    held = crm.connector.held(Target.CONTACT, [bo, other], list(update.values))
    assert held == {bo: update.values, other: dict.fromkeys(update.values)}


def test_a_record_that_is_not_there_holds_nothing(crm: Crm):
    crm.connector.create_fields(FIELDS)
    gone = ExternalId(crm.ids[ExternalId("contact 0")][:-4] + "9999")
    assert crm.connector.held(Target.CONTACT, [gone], [crm.module.own_name("strength")]) == {}


def test_a_field_that_is_not_there_holds_nothing_and_is_named(crm: Crm):
    bo, name = crm.ids[ExternalId("contact 0")], crm.module.own_name("strength")
    with pytest.raises(FieldsRefused) as raised:
        crm.connector.held(Target.CONTACT, [bo], [name])
    assert raised.value.fields == ((Target.CONTACT, name),)


@pytest.mark.parametrize("contacts", [0, 1, 200, 201, 1001])
def test_the_calls_that_writing_takes_are_foretold(crm: Crm, contacts: int):
    crm.connector.create_fields(FIELDS)
    ids = crm.of.fill(crm.sandbox, list(world(contacts))[: contacts + 2])
    people = [ids[ExternalId(f"contact {n}")] for n in range(contacts)]
    before = crm.connector.calls
    updates = [crm.update(record_id, strength=5) for record_id in people]
    results = [result for batch in crm.connector.write(updates) for result in batch]
    assert [result.ok for result in results] == [True] * contacts
    assert crm.connector.calls - before == crm.connector.calls_to_write({Target.CONTACT: contacts})


def test_what_is_written_is_what_the_crm_holds(crm: Crm):
    crm.connector.create_fields(FIELDS)
    bo = crm.ids[ExternalId("contact 0")]
    values = {
        "strength": 63,
        "band": "Strong",
        "best_colleague": "Ada Lund",
        "last_touch": date(2026, 3, 1),
    }
    [[result]] = crm.connector.write([crm.update(bo, **values)])
    assert result.ok
    assert crm.of.custom_values(crm.sandbox, Target.CONTACT, bo) == values


def test_none_empties_a_field(crm: Crm):
    crm.connector.create_fields(FIELDS)
    bo = crm.ids[ExternalId("contact 0")]
    list(crm.connector.write([crm.update(bo, strength=63)]))
    list(crm.connector.write([crm.update(bo, strength=None)]))
    assert crm.of.custom_values(crm.sandbox, Target.CONTACT, bo).get("strength") is None


def test_a_refused_update_does_not_stop_the_others(crm: Crm):
    crm.connector.create_fields(FIELDS)
    ids = [crm.ids[ExternalId(f"contact {n}")] for n in range(3)]
    updates = [crm.update(i, band="Strong") for i in ids]
    updates[1] = crm.update(ids[1], band="Unheard of")
    results = {r.id: r for batch in crm.connector.write(updates) for r in batch}
    assert [results[i].ok for i in ids] == [True, False, True]
    assert results[ids[1]].code
    assert results[ids[1]].reason.endswith(".")


def test_one_busy_answer_loses_nothing(crm: Crm):
    crm.connector.identify()
    crm.sandbox.faults.append(Fault(".*", 503, b"<html>busy</html>"))
    records, _ = crm.read_all()
    assert len(records) == len(list(world()))


def test_a_crm_that_stays_busy_is_unavailable(crm: Crm):
    crm.connector.identify()
    crm.sandbox.faults.append(Fault(".*", 503, times=100))
    with pytest.raises(Unavailable) as raised:
        crm.read_all()
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize("name", sandbox_names())
def test_a_host_where_nobody_answers_is_told_in_one_sentence(name: str):
    with served(_nobody) as url:
        gone = sandbox_module(name).credentials(url)
    connector = module(name).connect(gone, on_refresh=lambda _: None, sleep=lambda _: None)
    with contextlib.closing(connector), pytest.raises(Unavailable) as raised:
        connector.identify()
    assert str(raised.value).count("\n") == 0
    assert str(raised.value).endswith(".")


async def _nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """Never asked."""


def test_a_wrong_secret_is_told_in_one_sentence_without_it(crm: Crm):
    wrong = {
        name: "wrong-secret" if hasattr(value, "get_secret_value") else value
        for name, value in crm.credentials.model_dump().items()
    }
    credentials = crm.module.Credentials.model_validate(wrong)
    connector = crm.module.connect(credentials, on_refresh=lambda _: None, sleep=lambda _: None)
    with contextlib.closing(connector), pytest.raises(AuthenticationFailed) as raised:
        connector.identify()
    assert crm.module.TITLE in str(raised.value)
    assert "wrong-secret" not in str(raised.value)
