"""W2-W7, W9: whatever an org holds against a record, the others are written and told of once."""

from collections import Counter
from collections.abc import Callable

import pytest

from connectors import (
    Connector,
    ExternalId,
    Field,
    FieldsRefused,
    FieldType,
    FieldUpdate,
    FieldValue,
    Target,
    WriteResult,
)
from connectors._sandbox import Fault
from connectors.salesforce import ingesting
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.mapping import own_name
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import CLARA, DAVID, LEA, Org, contacts, people

STRENGTH = Field(Target.CONTACT, "strength", "Strength", FieldType.NUMBER, "0 to 100.", 3)
BEST = Field(Target.CONTACT, "best_colleague", "Best", FieldType.TEXT, "Who knows them.", 80)
BAND = Field(Target.CONTACT, "band", "Band", FieldType.PICKLIST, "Words.", options=("weak",))
LEADS = Field(Target.LEAD, "strength", "Strength", FieldType.NUMBER, "0 to 100.", 3)
COMPOSITE = r"POST .*/composite$"


def ready(org: Org) -> Connector:
    connector = org.connect()
    connector.create_fields([STRENGTH, BEST, BAND, LEADS])
    org.sandbox.calls.clear()
    return connector


def update(record_id: ExternalId, **values: FieldValue) -> FieldUpdate:
    named = {own_name(name): value for name, value in values.items()}
    return FieldUpdate(Target.CONTACT, record_id, named)


def sent(connector: Connector, updates: list[FieldUpdate]) -> list[WriteResult]:
    return [result for batch in connector.write(updates) for result in batch]


def held(org: Org, record_id: ExternalId) -> FieldValue:
    return salesforce_sandbox.custom_values(org.sandbox, Target.CONTACT, record_id)["strength"]


def strengths(org: Org, count: int) -> list[FieldUpdate]:
    """Give an update of each of many contacts, with a value of its own."""
    ids = org.fill(contacts(count)).values()
    return [update(record_id, strength=n % 100) for n, record_id in enumerate(ids)]


def check(org: Org, updates: list[FieldUpdate], results: list[WriteResult]) -> None:
    """Check that every update has one result, and that the org holds what is said to be written."""
    assert Counter(result.id for result in results) == Counter(u.id for u in updates)
    wanted = {u.id: u.values[own_name("strength")] for u in updates}
    written = {result.id for result in results if result.ok}
    assert {i: held(org, i) for i in wanted} == {
        i: value if i in written else None for i, value in wanted.items()
    }


def test_w4_locks_on_a_fifth_of_the_rows_for_three_rounds_are_waited_out(org: Org):
    connector, updates = ready(org), strengths(org, 300)
    for one in updates[::5]:
        levers.lock_row(org.sandbox, one.id, times=3)
    results = sent(connector, updates)
    check(org, updates, results)
    assert all(result.ok for result in results)
    assert len(org.waits) == 3
    assert org.waits == sorted(org.waits)


@pytest.mark.parametrize(("count", "most"), [(260, 50), (1250, 100), (30, 1)])
def test_w5_a_batch_that_is_too_much_for_a_trigger_is_made_smaller(org: Org, count: int, most: int):
    connector, updates = ready(org), strengths(org, count)
    levers.limit_automation(org.sandbox, "Contact", most)
    results = sent(connector, updates)
    check(org, updates, results)
    assert all(result.ok for result in results)
    assert len(org.sandbox.calls) <= -(-count // most) + 8


def test_w5_the_size_that_an_org_takes_is_remembered(org: Org):
    connector, updates = ready(org), strengths(org, 120)
    levers.limit_automation(org.sandbox, "Contact", 50)
    sent(connector, updates)
    org.sandbox.calls.clear()
    assert all(result.ok for result in sent(connector, updates))
    assert len(org.sandbox.calls) == connector.calls_to_write({Target.CONTACT: 120}) == 3


def test_w5_a_trigger_that_refuses_every_record_costs_a_few_calls_and_not_one_each(org: Org):
    connector, updates = ready(org), strengths(org, 650)
    levers.limit_automation(org.sandbox, "Contact", 0)
    results = sent(connector, updates)
    check(org, updates, results)
    assert {(r.code, r.is_final) for r in results} == {
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", True)
    }
    assert len(org.sandbox.calls) <= 10


def no_title(org: Org, _: ExternalId) -> None:
    levers.add_validation_rule(org.sandbox, "Contact", "Title = 'Odd'", "No.", "Title")


def duplicate(org: Org, _: ExternalId) -> None:
    levers.add_duplicate_rule(org.sandbox, "Contact", "Title", is_blocking=True)


def required(org: Org, clara: ExternalId) -> None:
    levers.refuse_row(org.sandbox, clara, "REQUIRED_FIELD_MISSING", "canary", times=9)


@pytest.mark.parametrize(
    ("happen", "values", "code"),
    [
        (no_title, {}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        (duplicate, {}, "DUPLICATES_DETECTED"),
        (required, {}, "REQUIRED_FIELD_MISSING"),
        (None, {"band": "wild"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (None, {"best_colleague": "x" * 81}, "STRING_TOO_LONG"),
    ],
)
def test_w6_what_holds_a_record_back_is_told_with_what_to_do(
    org: Org,
    happen: Callable[[Org, ExternalId], None] | None,
    values: dict[str, FieldValue],
    code: str,
):
    ids = org.fill(people())
    levers.edit(org.sandbox, ids[CLARA], Title="Odd")
    connector = ready(org)
    if happen:
        levers.edit(org.sandbox, ids[DAVID], Title="Even")
        happen(org, ids[CLARA])
    if code == "DUPLICATES_DETECTED":
        twin = org.fill(contacts(1)).popitem()[1]
        levers.edit(org.sandbox, twin, Title="Odd")
    updates = [update(ids[CLARA], strength=1, **values), update(ids[DAVID], strength=2)]
    refused, written = sorted(sent(connector, updates), key=lambda result: result.ok)
    assert (refused.id, refused.code, refused.is_final) == (ids[CLARA], code, True)
    assert ":" in refused.reason
    assert "canary" not in refused.reason
    assert (written.id, held(org, ids[DAVID])) == (ids[DAVID], 2)


@pytest.mark.parametrize("status", [0, 503])
def test_w3_an_answer_that_is_lost_behind_a_packed_call_is_got_by_sending_it_again(
    org: Org, status: int
):
    connector, updates = ready(org), strengths(org, 250)
    org.sandbox.faults.append(Fault(COMPOSITE, status, is_after=True))
    results = sent(connector, updates)
    check(org, updates, results)
    assert all(result.ok for result in results)
    assert org.sandbox.count(COMPOSITE) == 2


@pytest.mark.parametrize("status", [403, 404])
def test_an_org_that_takes_no_packed_calls_is_written_to_by_single_ones(org: Org, status: int):
    connector, updates = ready(org), strengths(org, 450)
    org.sandbox.faults.append(Fault(COMPOSITE, status, b"[]", times=99))
    results = sent(connector, updates)
    check(org, updates, results)
    assert (org.sandbox.count(COMPOSITE), org.sandbox.count("PATCH")) == (1, 3)


def test_w7_a_field_deleted_between_two_calls_stops_what_it_is_in_and_nothing_else(org: Org):
    connector, updates = ready(org), strengths(org, 1100)
    batches = connector.write(updates)
    known = [result for batch in (next(batches) for _ in range(5)) for result in batch]
    levers.delete_field(org.sandbox, "Contact.Tieline_Strength__c")
    with pytest.raises(FieldsRefused) as raised:
        next(batches)
    assert raised.value.fields == ((Target.CONTACT, "Tieline_Strength__c"),)
    assert [result.ok for result in known] == [True] * 1000
    rest = [update(one.id, best_colleague="Ann") for one in updates[1000:]]
    assert all(result.ok for result in sent(connector, rest))


def test_w7_a_field_made_read_only_is_refused_once_and_not_for_every_record(org: Org):
    connector, updates = ready(org), strengths(org, 450)
    levers.make_field_read_only(org.sandbox, "Contact.Tieline_Strength__c")
    with pytest.raises(FieldsRefused) as raised:
        sent(connector, updates)
    assert raised.value.fields == ((Target.CONTACT, "Tieline_Strength__c"),)
    assert len(org.sandbox.calls) <= 2


def test_w9_a_record_that_went_meanwhile_is_gone_and_the_others_are_written(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    clara, david = ids[CLARA], ids[DAVID]
    levers.merge(org.sandbox, clara, david)
    levers.convert(org.sandbox, ids[LEA], david)
    lead = FieldUpdate(Target.LEAD, ids[LEA], {own_name("strength"): 3})
    results = sent(connector, [update(clara, strength=1), update(david, strength=2), lead])
    assert {(r.id, r.ok, r.is_gone) for r in results} == {
        (clara, False, True),
        (ids[LEA], False, True),
        (david, True, False),
    }


@pytest.fixture
def short_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "WORTH_ROWS", 20)
    monkeypatch.setattr(ingesting, "MOST_ROWS", 40)


@pytest.mark.usefixtures("short_jobs")
class TestJobs:
    """Very many records of one kind, written by a Bulk API job."""

    def test_a_job_takes_as_many_calls_as_foretold(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        results = sent(connector, updates)
        check(org, updates, results)
        assert all(result.ok for result in results)
        foretold = connector.calls_to_write({Target.CONTACT: 30})
        assert len(org.sandbox.calls) == foretold == ingesting.JOB_CALLS
        assert org.sandbox.count("jobs/ingest") == foretold

    def test_what_is_too_little_for_another_job_goes_as_usual(self, org: Org):
        connector, updates = ready(org), strengths(org, 45)
        check(org, updates, sent(connector, updates))
        foretold = connector.calls_to_write({Target.CONTACT: 45})
        assert len(org.sandbox.calls) == foretold == ingesting.JOB_CALLS + 1

    def test_only_the_fields_of_a_record_are_written_and_none_empties_one(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        sent(connector, updates)
        other = [update(one.id, best_colleague="Ann") for one in updates[:29]]
        sent(connector, [*other, update(updates[29].id, strength=None)])
        assert [held(org, one.id) for one in updates] == [*range(29), None]

    def test_what_a_job_refuses_is_told_and_what_was_locked_is_written_after_it(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        levers.shuffle_results(org.sandbox)
        levers.lock_row(org.sandbox, updates[3].id, times=2)
        levers.delete(org.sandbox, updates[7].id)
        results = sent(connector, updates)
        check(org, updates, results)
        assert [(r.id, r.code) for r in results if not r.ok] == [
            (updates[7].id, "ENTITY_IS_DELETED")
        ]

    def test_a_job_that_is_waited_for_is_asked_ever_more_seldom(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        levers.slow_jobs(org.sandbox, 3)
        check(org, updates, sent(connector, updates))
        assert len(org.waits) == 4
        assert org.waits == sorted(org.waits)

    @pytest.mark.parametrize("path", [r"ingest$", r"batches$", r"successfulResults$"])
    def test_an_org_that_refuses_jobs_is_written_to_as_usual(self, org: Org, path: str):
        connector, updates = ready(org), strengths(org, 30)
        org.sandbox.faults.append(Fault(path, 400, b"[]", times=99))
        results = sent(connector, updates)
        check(org, updates, results)
        assert all(result.ok for result in results)

    def test_a_job_that_fails_is_done_as_usual(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        levers.fail_jobs(org.sandbox, "InternalServerError")
        check(org, updates, sent(connector, updates))
        assert org.sandbox.count("PATCH .*composite/sobjects") == 1

    def test_a_field_that_is_gone_is_told_as_it_is_without_a_job(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        levers.delete_field(org.sandbox, "Contact.Tieline_Strength__c")
        with pytest.raises(FieldsRefused):
            sent(connector, updates)

    def test_rows_that_are_too_much_for_a_trigger_are_written_in_smaller_batches(self, org: Org):
        connector, updates = ready(org), strengths(org, 30)
        levers.limit_automation(org.sandbox, "Contact", 10)
        results = sent(connector, updates)
        check(org, updates, results)
        assert all(result.ok for result in results)
