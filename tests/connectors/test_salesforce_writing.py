"""What is written stands in the org, and every record has an answer of its own."""

from dataclasses import replace
from datetime import date

import pytest

from connectors import (
    START,
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
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.mapping import own_name
from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ACME,
    CLARA,
    DAVID,
    LEA,
    Org,
    contacts,
    people,
)

STRENGTH = Field(Target.CONTACT, "strength", "Strength", FieldType.NUMBER, "0 to 100.", 3)
BEST = Field(Target.CONTACT, "best_colleague", "Best", FieldType.TEXT, "Who knows them.", 80)
BAND = Field(
    Target.LEAD, "band", "Band", FieldType.PICKLIST, "How strong.", options=("weak", "strong")
)
TOUCH = Field(Target.ACCOUNT, "last_touch", "Last touch", FieldType.DATE, "When last met.")
FIELDS = (STRENGTH, BEST, BAND, TOUCH)


def ready(org: Org) -> Connector:
    """Give a connector whose fields exist."""
    connector = org.connect()
    connector.create_fields(FIELDS)
    org.sandbox.calls.clear()
    return connector


def update(target: Target, record_id: ExternalId, **values: FieldValue) -> FieldUpdate:
    return FieldUpdate(target, record_id, {own_name(name): v for name, v in values.items()})


def strength(record_id: ExternalId, value: FieldValue = 71) -> FieldUpdate:
    return update(Target.CONTACT, record_id, strength=value)


def sent(connector: Connector, *updates: FieldUpdate) -> list[WriteResult]:
    return [result for batch in connector.write(updates) for result in batch]


def test_fields_that_are_missing_are_created_in_the_order_asked_for(org: Org):
    assert list(org.connect().create_fields(FIELDS)) == list(FIELDS)


def test_a_field_that_was_created_can_be_written_and_read(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    updates = [
        update(Target.CONTACT, ids[CLARA], strength=71, best_colleague="Ann"),
        update(Target.LEAD, ids[LEA], band="weak"),
        update(Target.ACCOUNT, ids[ACME], last_touch=date(2026, 1, 2)),
    ]
    assert all(result.ok for result in sent(connector, *updates))
    held = [salesforce_sandbox.custom_values(org.sandbox, u.target, u.id) for u in updates]
    assert held == [
        {"strength": 71, "best_colleague": "Ann"},
        {"band": "weak"},
        {"last_touch": date(2026, 1, 2)},
    ]


def test_fields_that_are_there_cost_one_describe_per_object(org: Org):
    connector = ready(org)
    assert connector.create_fields(FIELDS) == []
    assert [call.path.rsplit("/", 1)[-1] for call in org.sandbox.calls] == ["describe"] * 3


def test_a_permission_set_for_readers_shows_the_fields_and_does_not_let_them_write(org: Org):
    ready(org)
    rows = org.sandbox.db.execute(
        'SELECT "PermissionsRead", "PermissionsEdit", count(*) FROM "FieldPermissions" f '
        'JOIN "PermissionSet" p ON p."Id" = f."ParentId" WHERE p."Name" = ? GROUP BY 1, 2',
        ("Tieline_Viewer",),
    ).fetchall()
    assert rows == [(1, 0, len(FIELDS))]


def test_a_field_that_lost_its_permission_is_made_visible_again(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    levers.revoke(org.sandbox, "Contact.Tieline_Strength__c")
    assert connector.create_fields(FIELDS) == []
    assert sent(connector, strength(ids[CLARA]))[0].ok


def test_a_field_that_may_only_be_read_is_made_writable(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    org.sandbox.db.execute('UPDATE "FieldPermissions" SET "PermissionsEdit" = 0')
    with pytest.raises(FieldsRefused) as raised:
        sent(connector, strength(ids[CLARA]))
    assert raised.value.fields == ((Target.CONTACT, "Tieline_Strength__c"),)
    connector.create_fields(FIELDS)
    assert sent(connector, strength(ids[CLARA]))[0].ok


def test_a_field_of_another_type_is_left_alone_and_told(org: Org):
    connector = ready(org)
    other = Field(Target.CONTACT, "strength", "Strength", FieldType.TEXT, "As text.")
    with pytest.raises(Misconfigured, match=r"Contact\.Tieline_Strength__c exists .* double"):
        connector.create_fields([other])


def test_an_invisible_field_of_another_type_is_told(org: Org):
    connector = ready(org)
    levers.revoke(org.sandbox, "Contact.Tieline_Strength__c")
    with pytest.raises(Misconfigured, match="as a double and not as a text"):
        connector.create_fields(
            [Field(Target.CONTACT, "strength", "Strength", FieldType.TEXT, "As text.")]
        )


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ("CustomizeApplication", "Customize Application"),
        ("ManageProfilesPermissionsets", "Manage Profiles and Permission Sets"),
        ("AssignPermissionSets", "Manage Profiles and Permission Sets"),
    ],
)
def test_a_permission_that_creating_fields_needs_is_named(org: Org, denied: str, named: str):
    levers.deny(org.sandbox, denied)
    with pytest.raises(PermissionMissing, match=named):
        org.connect().create_fields(FIELDS)


def test_a_run_that_stopped_half_way_is_finished_by_the_next(org: Org):
    levers.deny(org.sandbox, "AssignPermissionSets")
    connector = org.connect()
    with pytest.raises(PermissionMissing):
        connector.create_fields(FIELDS)
    levers.deny(org.sandbox)
    assert connector.create_fields(FIELDS) == []
    assert org.sandbox.count("PATCH|POST .*PermissionSetAssignment") == 2


def test_many_records_go_five_times_two_hundred_to_a_call(org: Org):
    ids = org.fill(contacts(1250))
    batches = list(ready(org).write([strength(record_id) for record_id in ids.values()]))
    assert [len(batch) for batch in batches] == [200] * 6 + [50]
    assert org.sandbox.count("POST .*composite$") == 2


def test_a_few_records_go_in_a_collection_by_themselves(org: Org):
    ids = org.fill(contacts(200))
    sent(ready(org), *(strength(record_id) for record_id in ids.values()))
    assert [call.method for call in org.sandbox.calls] == ["PATCH"]


def test_records_of_one_account_are_sent_together_and_each_kind_by_itself(org: Org):
    ids = org.fill([*people(), *contacts(4)])
    spread = list(ids.values())[-4:]
    updates = [
        replace(strength(own), account_id=ExternalId(f"00{n % 2}")) for n, own in enumerate(spread)
    ]
    lead = update(Target.LEAD, ids[LEA], band="weak")
    results = sent(ready(org), lead, *updates)
    assert [r.id for r in results] == [*sorted(spread[::2]), *sorted(spread[1::2]), ids[LEA]]


def test_a_call_is_made_when_its_results_are_asked_for(org: Org):
    ids = org.fill(contacts(1250))
    results = ready(org).write([strength(record_id) for record_id in ids.values()])
    next(iter(results))
    assert len(org.sandbox.calls) == 1


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("UNKNOWN_EXCEPTION", False),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", True),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", True),
        ("DUPLICATES_DETECTED", True),
    ],
)
def test_a_refused_record_does_not_hold_up_the_others(org: Org, code: str, is_final: bool):
    ids = org.fill(people())
    connector = ready(org)
    levers.refuse_row(org.sandbox, ids[CLARA], code, "Clara's canary value", times=5)
    refused, written = sent(connector, strength(ids[CLARA]), strength(ids[DAVID]))
    assert (refused.ok, refused.code, refused.is_final) == (False, code, is_final)
    assert "canary" not in refused.reason
    assert written.ok


def test_a_locked_record_is_tried_again_behind_the_others(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    levers.lock_row(org.sandbox, ids[CLARA], times=3)
    results = sent(connector, strength(ids[CLARA]), strength(ids[DAVID]))
    assert [(r.id, r.ok) for r in results] == [(ids[DAVID], True), (ids[CLARA], True)]
    assert len(org.waits) == 3
    assert org.sandbox.count("PATCH") == 4


def test_a_record_that_stays_locked_is_to_be_written_later(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    levers.lock_row(org.sandbox, ids[CLARA], times=99)
    (result,) = sent(connector, strength(ids[CLARA]))
    assert (result.ok, result.code, result.is_final) == (False, "UNABLE_TO_LOCK_ROW", False)


def test_a_deleted_record_is_refused_for_good(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    levers.delete(org.sandbox, ids[CLARA])
    (result,) = sent(connector, strength(ids[CLARA]))
    assert (result.code, result.is_final) == ("ENTITY_IS_DELETED", True)
    assert result.reason == "The record has been deleted."


def test_a_converted_lead_is_refused_for_good(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    levers.convert(org.sandbox, ids[LEA], ids[CLARA])
    (result,) = sent(connector, update(Target.LEAD, ids[LEA], band="weak"))
    assert (result.code, result.is_final) == ("CANNOT_UPDATE_CONVERTED_LEAD", True)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"strength": 1000}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"best_colleague": "x" * 81}, "STRING_TOO_LONG"),
        ({"strength": "many"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_for_good(
    org: Org, values: dict[str, FieldValue], code: str
):
    ids = org.fill(people())
    (result,) = sent(ready(org), update(Target.CONTACT, ids[CLARA], **values))
    assert (result.ok, result.code, result.is_final) == (False, code, True)


def test_none_empties_a_field(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    sent(connector, strength(ids[CLARA]))
    sent(connector, strength(ids[CLARA], None))
    held = salesforce_sandbox.custom_values(org.sandbox, Target.CONTACT, ids[CLARA])
    assert held["strength"] is None


def test_a_field_that_was_hidden_from_us_is_named(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    levers.revoke(org.sandbox, "Contact.Tieline_Strength__c")
    with pytest.raises(FieldsRefused, match=r"write Contact\.Tieline_Strength__c") as raised:
        sent(connector, strength(ids[CLARA]))
    assert raised.value.fields == ((Target.CONTACT, "Tieline_Strength__c"),)


@pytest.mark.parametrize("body", [b"[]", b"[null]", b'[{"success":"yes"}]', b'[{"errors":[]}]'])
def test_only_a_plain_yes_is_a_yes(org: Org, body: bytes):
    ids = org.fill(people())
    connector = ready(org)
    org.sandbox.faults.append(Fault("PATCH", 200, body))
    (result,) = sent(connector, strength(ids[CLARA]))
    assert (result.ok, result.code, result.is_final) == (False, "NO_ANSWER", False)


def test_an_answer_lost_on_its_way_is_asked_for_again(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    org.sandbox.faults.append(Fault("PATCH", 503, is_after=True))
    assert sent(connector, strength(ids[CLARA]))[0].ok
    assert org.sandbox.count("PATCH") == 2


def test_our_own_write_makes_a_record_new_to_the_next_pull(org: Org):
    ids = org.fill(people())
    connector = ready(org)
    (page,) = connector.read({Stream.CONTACTS: START})
    sent(connector, strength(ids[CLARA]))
    (after,) = connector.read({Stream.CONTACTS: page.bookmark})
    assert [record.id for record in after.records] == [ids[CLARA]]


def test_a_field_name_says_whose_it_is(org: Org):
    ready(org)
    shown = org.http().get("/services/data/v67.0/sobjects/Contact/describe").json()["fields"]
    added = {field["name"]: field["type"] for field in shown if field["custom"]}
    assert added == {"Tieline_Strength__c": "double", "Tieline_Best_Colleague__c": "string"}
