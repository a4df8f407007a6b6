"""Custom fields are made once and written in batches, and each record gets its own verdict."""

import json
from collections.abc import Sequence
from datetime import date

import pytest

from connectors import (
    Connector,
    ExternalId,
    Field,
    FieldsRefused,
    FieldType,
    FieldUpdate,
    FieldValue,
    Misconfigured,
    PermissionMissing,
    Stream,
    Target,
    WriteResult,
)
from connectors._sandbox import Fault
from connectors.hubspot import sandbox as hubspot_sandbox
from connectors.hubspot.mapping import own_name
from connectors.hubspot.sandbox import levers
from connectors.hubspot.writing import GONE
from tests.connectors.hubspot_fixtures import (
    ACME,
    CLARA,
    DAVID,
    Portal,
    contacts,
    people,
    pull,
)

UPDATES = r"POST .*/batch/update"
STRENGTH = Field(Target.CONTACT, "strength", "Tie strength", FieldType.NUMBER, "0 to 100")
BAND = Field(
    Target.CONTACT, "band", "Band", FieldType.PICKLIST, "In words", options=("weak", "strong")
)
TOUCHED = Field(Target.CONTACT, "last_touch", "Last touch", FieldType.DATE, "Newest contact")
ROUTE = Field(Target.CONTACT, "route", "Route", FieldType.TEXT, "Who introduces")
COVERAGE = Field(Target.ACCOUNT, "coverage", "Coverage", FieldType.NUMBER, "Share")
FIELDS = (STRENGTH, BAND, TOUCHED, ROUTE, COVERAGE)


def update(record_id: ExternalId, **values: FieldValue) -> FieldUpdate:
    named = {own_name(name): value for name, value in values.items()}
    return FieldUpdate(Target.CONTACT, record_id, named)


def written(connector: Connector, updates: Sequence[FieldUpdate]) -> list[WriteResult]:
    return [result for batch in connector.write(updates) for result in batch]


def held(portal: Portal, record_id: ExternalId) -> dict[str, FieldValue]:
    return dict(hubspot_sandbox.custom_values(portal.sandbox, Target.CONTACT, record_id))


def test_missing_properties_are_created_in_the_order_asked_for(portal: Portal):
    assert list(portal.connect().create_fields(FIELDS)) == list(FIELDS)
    definition = levers.definition(portal.sandbox, "0-1", "tieline_band")
    assert (definition["groupName"], definition["type"]) == ("tieline", "enumeration")
    assert [option["value"] for option in definition["options"]] == ["weak", "strong"]


def test_creating_properties_again_creates_nothing_in_one_call_per_kind(portal: Portal):
    portal.connect().create_fields(FIELDS)
    again = portal.connect()
    assert list(again.create_fields(FIELDS)) == []
    assert again.calls == 2


def test_only_the_missing_property_is_created(portal: Portal):
    portal.connect().create_fields([STRENGTH])
    assert list(portal.connect().create_fields([STRENGTH, ROUTE])) == [ROUTE]


def test_an_archived_property_comes_back(portal: Portal):
    connector = portal.connect()
    connector.create_fields([STRENGTH])
    levers.archive_property(portal.sandbox, "0-1", "tieline_strength")
    assert list(connector.create_fields([STRENGTH])) == [STRENGTH]


def test_a_property_of_another_type_is_named(portal: Portal):
    portal.connect().create_fields([STRENGTH])
    clash = Field(Target.CONTACT, "strength", "Strength", FieldType.TEXT, "")
    with pytest.raises(Misconfigured, match="tieline_strength of type number"):
        portal.connect().create_fields([clash])


def test_without_the_schema_scope_nothing_is_created(portal: Portal):
    levers.revoke_scope(portal.sandbox, "crm.schemas.contacts.write")
    with pytest.raises(PermissionMissing, match=r"crm\.schemas\.contacts\.write"):
        portal.connect().create_fields([STRENGTH])


def test_a_property_that_is_not_created_is_an_error_even_in_a_200(portal: Portal):
    body = json.dumps({"results": [], "numErrors": 1, "errors": [{"category": "LIMIT_EXCEEDED"}]})
    portal.sandbox.faults.append(Fault(r"batch/create", 200, body.encode()))
    with pytest.raises(Misconfigured, match="LIMIT_EXCEEDED"):
        portal.connect().create_fields([STRENGTH])


def test_values_of_every_type_are_held_as_written(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    values = {"strength": 87, "band": "strong", "last_touch": date(2026, 2, 3), "route": "Via A"}
    assert [r.ok for r in written(connector, [update(clara, **values)])] == [True]
    assert held(portal, clara) == values


def test_none_empties_a_field(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    written(connector, [update(clara, strength=87, band="weak")])
    written(connector, [update(clara, strength=None)])
    assert held(portal, clara) == {"band": "weak"}


def test_a_hundred_records_take_one_call(portal: Portal):
    ids = list(portal.fill(*contacts(250)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    batches = list(connector.write([update(i, strength=n) for n, i in enumerate(ids)]))
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert [r.id for batch in batches for r in batch] == ids
    assert portal.sandbox.count(UPDATES) == 3


def test_results_come_before_the_next_call(portal: Portal):
    ids = list(portal.fill(*contacts(200)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    results = connector.write([update(i, strength=1) for i in ids])
    next(iter(results))
    assert portal.sandbox.count(UPDATES) == 1


def test_accounts_and_contacts_are_written_apart(portal: Portal):
    ids = portal.fill(*people())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    company = FieldUpdate(Target.ACCOUNT, ids[ACME], {own_name("coverage"): 40})
    results = written(connector, [update(ids[CLARA], strength=1), company])
    assert [(r.target, r.ok) for r in results] == [(Target.CONTACT, True), (Target.ACCOUNT, True)]
    values = hubspot_sandbox.custom_values(portal.sandbox, Target.ACCOUNT, ids[ACME])
    assert values == {"coverage": 40}


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_one_wrong_value_spoils_only_its_own_record(portal: Portal, version: str):
    ids = list(portal.fill(*contacts(3)).values())
    given = hubspot_sandbox.credentials(portal.url).model_copy(update={"api_version": version})
    connector = portal.connect(given)
    connector.create_fields(FIELDS)
    updates = [
        update(i, band=band) for i, band in zip(ids, ("weak", "wild", "strong"), strict=True)
    ]
    (results,) = connector.write(updates)
    assert [(r.ok, r.code, r.is_final) for r in results] == [
        (True, "", True),
        (False, "INVALID_OPTION", True),
        (True, "", True),
    ]
    assert "wild" not in results[1].reason


def test_errors_in_a_200_are_no_success(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    body = json.dumps({"results": [], "numErrors": 1, "errors": [{"category": "INTERNAL_ERROR"}]})
    portal.sandbox.faults.append(Fault(UPDATES, 200, body.encode()))
    (result,) = written(connector, [update(clara, strength=1)])
    assert (result.ok, result.code, result.is_final) == (False, "INTERNAL_ERROR", False)


def test_a_record_the_answer_does_not_mention_is_no_success(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    portal.sandbox.faults.append(Fault(UPDATES, 200, b'{"status":"COMPLETE","results":[]}'))
    (result,) = written(connector, [update(clara, strength=1)])
    assert (result.ok, result.is_final) == (False, False)


def test_a_batch_refused_as_a_whole_is_halved_to_the_culprit(portal: Portal):
    ids = list(portal.fill(*contacts(100)).values())
    levers.turn(portal.sandbox, "whole_batches", 1)
    connector = portal.connect()
    connector.create_fields(FIELDS)
    updates = [update(i, band="wild" if n == 41 else "weak") for n, i in enumerate(ids)]
    results = written(connector, updates)
    assert [r.id for r in results] == ids
    assert [(r.id, r.code) for r in results if not r.ok] == [(ids[41], "INVALID_OPTION")]
    assert portal.sandbox.count(UPDATES) <= 1 + 2 * 7
    assert {held(portal, i).get("band") for n, i in enumerate(ids) if n != 41} == {"weak"}


def test_a_record_that_is_gone_is_final(portal: Portal):
    ids = portal.fill(*people())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    levers.merge(portal.sandbox, ids[CLARA], ids[DAVID])
    results = written(connector, [update(ids[CLARA], strength=1)])
    assert [(r.ok, r.code, r.is_final) for r in results] == [(False, GONE, True)]


def test_a_record_that_is_archived_or_erased_is_gone_and_the_others_are_written(portal: Portal):
    ids = list(portal.fill(*contacts(4)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    levers.archive(portal.sandbox, ids[0])
    levers.erase(portal.sandbox, ids[2])
    results = written(connector, [update(i, strength=1) for i in ids])
    assert [r.code for r in results] == [GONE, "", GONE, ""]


@pytest.mark.parametrize("body", [b"<html>Not Found</html>", b'{"message":"resource not found"}'])
def test_an_address_that_is_gone_is_not_taken_for_a_hundred_records_that_are(
    portal: Portal, body: bytes
):
    ids = list(portal.fill(*contacts(100)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    portal.sandbox.faults.append(Fault(UPDATES, 404, body, times=1000))
    with pytest.raises(Misconfigured, match="another API version"):
        written(connector, [update(i, strength=1) for i in ids])
    assert portal.sandbox.count(UPDATES) == 1


def test_an_id_of_another_kind_is_never_sent(portal: Portal):
    company = portal.fill(*people())[ACME]
    results = written(portal.connect(), [update(company, strength=1)])
    assert [(r.ok, r.code) for r in results] == [(False, "WRONG_KIND")]
    assert portal.sandbox.calls == []


def test_a_property_that_was_deleted_stops_the_writing_at_once(portal: Portal):
    ids = list(portal.fill(*contacts(300)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    levers.archive_property(portal.sandbox, "0-1", "tieline_strength")
    with pytest.raises(FieldsRefused, match="tieline_strength") as raised:
        written(connector, [update(i, strength=1) for i in ids])
    assert raised.value.fields == ((Target.CONTACT, "tieline_strength"),)
    assert portal.sandbox.count(UPDATES) == 1


def test_without_the_scope_to_write_nothing_is_written(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    levers.revoke_scope(portal.sandbox, "crm.objects.contacts.write")
    with pytest.raises(PermissionMissing, match=r"crm\.objects\.contacts\.write"):
        written(connector, [update(clara, strength=1)])


def test_what_was_taken_before_the_answer_was_lost_is_written_again_and_stays(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    portal.sandbox.faults.append(Fault(UPDATES, 0, is_after=True))
    assert [r.ok for r in written(connector, [update(clara, strength=7)])] == [True]
    assert held(portal, clara) == {"strength": 7}


def test_our_own_writing_is_seen_by_the_next_pull_and_changes_nothing_it_reads(portal: Portal):
    clara = portal.fill(*people())[CLARA]
    connector = portal.connect()
    connector.create_fields(FIELDS)
    before = pull(connector, (Stream.CONTACTS,))
    written(connector, [update(clara, strength=7)])
    after = pull(connector, (Stream.CONTACTS,), before.marks)
    assert [r.id for r in after.records] == [clara]
    assert after.records[0].addresses == ("clara@acme.example",)


def test_a_property_deleted_between_two_calls_leaves_the_results_before_it(portal: Portal):
    ids = list(portal.fill(*contacts(200)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    batches = connector.write([update(i, strength=1) for i in ids])
    assert [result.ok for result in next(batches)] == [True] * 100
    levers.archive_property(portal.sandbox, "0-1", "tieline_strength")
    with pytest.raises(FieldsRefused):
        next(batches)
    rest = [update(i, band="weak") for i in ids[100:]]
    assert all(result.ok for result in written(connector, rest))


def test_a_property_made_read_only_is_refused_as_such_and_the_others_are_written(portal: Portal):
    ids = list(portal.fill(*contacts(3)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    levers.make_property_read_only(portal.sandbox, "0-1", "tieline_strength")
    updates = [update(ids[0], strength=1), update(ids[1], band="weak"), update(ids[2], strength=2)]
    batches = connector.write(updates)
    assert [(r.id, r.ok) for r in next(batches)] == [(ids[1], True)]
    with pytest.raises(FieldsRefused, match="does not let us write") as raised:
        next(batches)
    assert raised.value.fields == ((Target.CONTACT, "tieline_strength"),)


def test_a_conflict_of_a_whole_batch_is_halved_and_no_record_is_lost(portal: Portal):
    ids = list(portal.fill(*contacts(100)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    body = json.dumps({"status": "error", "category": "CONFLICT", "message": "Concurrent write."})
    portal.sandbox.faults.append(Fault(UPDATES, 409, body.encode()))
    results = written(connector, [update(i, strength=n % 100) for n, i in enumerate(ids)])
    assert [(r.id, r.ok) for r in results] == [(i, True) for i in ids]
    assert [held(portal, i)["strength"] for i in ids] == list(range(100))
    assert portal.sandbox.count(UPDATES) == 3


def test_a_record_that_is_gone_is_told_to_be(portal: Portal):
    ids = list(portal.fill(*contacts(2)).values())
    connector = portal.connect()
    connector.create_fields(FIELDS)
    levers.archive(portal.sandbox, ids[0])
    results = written(connector, [update(i, strength=1) for i in ids])
    assert [result.is_gone for result in results] == [True, False]


def test_a_record_that_a_rule_of_the_portal_blocks_is_told_with_what_to_do(portal: Portal):
    ids = list(portal.fill(*contacts(2)).values())
    given = hubspot_sandbox.credentials(portal.url).model_copy(update={"api_version": "2026-09"})
    connector = portal.connect(given)
    connector.create_fields(FIELDS)
    levers.require(portal.sandbox, "0-1", "city", ("jobtitle", "Odd"))
    levers.touch(portal.sandbox, ids[0], jobtitle="Odd")
    refused, other = written(connector, [update(i, strength=1) for i in ids])
    assert refused.code == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert "fill it in" in refused.reason
    assert other.ok
