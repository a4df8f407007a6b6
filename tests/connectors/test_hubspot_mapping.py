"""A row becomes a record: each of HubSpot's ways of saying who, when and whether."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors import (
    Activity,
    ExternalId,
    Field,
    FieldType,
    FieldUpdate,
    Participant,
    Person,
    Role,
    Target,
)
from connectors.hubspot.activities import to_call, to_meeting
from connectors.hubspot.emails import to_email
from connectors.hubspot.mapping import (
    from_field,
    from_update,
    to_account,
    to_colleague,
    to_contact,
)
from connectors.hubspot.rows import Unreadable

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
OWNER, CLARA, DAVID = ExternalId("owner:7"), ExternalId("0-1:1"), ExternalId("0-1:2")


def row(**properties: object) -> dict[str, object]:
    common = {"hs_timestamp": "2026-05-04T03:02:01Z", "hubspot_owner_id": "7"}
    return {"id": "9", "properties": common | properties, "updatedAt": "2026-05-05T00:00:00Z"}


def email(*contacts: str, **properties: object) -> Activity:
    sent = {"hs_email_direction": "EMAIL", "hs_email_from_email": "anne@ours.example"}
    return to_email(row(**sent | properties), contacts)


def person(**properties: object) -> Person:
    return next(to_contact(row(**properties)))


def boxes(activity: Activity) -> list[tuple[Role, str | None]]:
    return [(p.role, p.address) for p in activity.participants]


@pytest.mark.parametrize(
    "written",
    ["Bob <Bob@x.example>;cat@x.example", "bob@x.example; cat@x.example;BOB@x.example"],
)
def test_addresses_are_found_in_whatever_form(written: str):
    got = email(hs_email_to_email=written)
    assert boxes(got)[1:] == [(Role.TO, "bob@x.example"), (Role.TO, "cat@x.example")]
    assert got.recipients == 2


def test_somebody_in_two_boxes_is_one_recipient():
    got = email(hs_email_to_email="bob@x.example", hs_email_cc_email="bob@x.example;c@x.example")
    assert got.recipients == 2


def test_the_one_contact_of_an_email_we_sent_is_the_one_address_it_went_to():
    got = email("1", hs_email_to_email="clara@home.example")
    assert got.participants[1] == Participant(Role.TO, CLARA, "clara@home.example")


def test_which_of_two_addresses_is_the_contacts_is_not_guessed():
    got = email("1", hs_email_to_email="clara@home.example;x@y.example")
    assert [p.person_id for p in got.participants] == [None, None, None]


def test_the_one_contact_of_an_answer_is_its_sender():
    got = email(
        "1",
        hs_email_direction="INCOMING_EMAIL",
        hs_email_from_email="clara@home.example",
        hs_email_to_email="anne@ours.example;boris@ours.example",
    )
    assert got.participants[0] == Participant(Role.FROM, CLARA, "clara@home.example")


def test_contacts_beyond_the_addresses_are_recipients_too():
    got = email("1", "2", hs_owner_ids_from="7", hs_email_to_email="x@y.example")
    assert {(p.role, p.person_id) for p in got.participants} >= {(Role.TO, CLARA), (Role.TO, DAVID)}


def test_somebody_known_by_address_and_by_record_is_one_recipient():
    got = email("1", "2", hs_email_to_email="clara@x.example", hs_owner_ids_from="7")
    assert got.recipients == 2


def test_an_email_we_sent_from_nowhere_is_its_owners():
    got = email(hs_email_from_email=None, hs_email_to_email="clara@x.example")
    assert Participant(Role.FROM, OWNER) in got.participants


def test_an_owner_is_set_beside_an_address_only_where_both_are_alone():
    got = email(hs_email_to_email="a@x.example;b@x.example", hs_owner_ids_to="7")
    assert [p.person_id for p in got.participants[1:]] == [None, None]


def test_a_redacted_email_we_sent_goes_from_its_owner_to_its_contacts():
    got = to_email(row(hs_email_direction="EMAIL"), ["1", "2"])
    assert got.participants == (
        Participant(Role.FROM, OWNER),
        Participant(Role.TO, CLARA),
        Participant(Role.TO, DAVID),
    )
    assert got.recipients == 2


def test_a_redacted_answer_goes_from_its_contact_to_its_owner():
    got = to_email(row(hs_email_direction="INCOMING_EMAIL"), ["1"])
    assert got.participants == (Participant(Role.TO, OWNER), Participant(Role.FROM, CLARA))


def test_a_redacted_answer_with_two_contacts_has_no_direction():
    got = to_email(row(hs_email_direction="INCOMING_EMAIL"), ["1", "2"])
    assert {p.role for p in got.participants} == {Role.PARTY}


@pytest.mark.parametrize(
    "properties",
    [
        {"hs_email_status": "BOUNCED"},
        {"hs_email_status": "FAILED"},
        {"hs_email_status": "SCHEDULED"},
        {"hs_email_direction": "DRAFT_EMAIL"},
        {"hs_incoming_email_is_out_of_office": "true"},
    ],
)
def test_mail_that_reached_nobody_or_came_from_nobody_did_not_happen(
    properties: Mapping[str, str],
):
    assert not email(**properties).happened


def test_sent_mail_happened():
    got = email(hs_email_status="SENT", hs_incoming_email_is_out_of_office="false")
    assert got.happened


def test_a_meeting_lasts_from_its_start_to_its_end():
    times = {"hs_meeting_start_time": "1777863721000", "hs_meeting_end_time": "1777865521000"}
    got = to_meeting(row(**times), ["1"])
    assert (got.at, got.duration_s) == (AT, 1800.0)


def test_a_meeting_counts_its_owner_once():
    got = to_meeting(row(hs_attendee_owner_ids="7;8"), ["1", "2"])
    assert len(got.participants) == 4
    assert got.recipients == 3


@pytest.mark.parametrize(
    ("outcome", "happened"),
    [
        ("COMPLETED", True),
        ("SCHEDULED", True),
        (None, True),
        ("CANCELED", False),
        ("NO_SHOW", False),
        ("RESCHEDULED", False),
    ],
)
def test_a_meetings_outcome_tells_whether_it_happened(outcome: str | None, happened: bool):
    assert to_meeting(row(hs_meeting_outcome=outcome), []).happened is happened


@pytest.mark.parametrize(
    ("properties", "happened"),
    [
        ({"hs_call_status": "COMPLETED"}, True),
        ({"hs_call_status": None}, True),
        ({"hs_call_status": "NO_ANSWER"}, False),
        ({"hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7"}, True),
        ({"hs_call_disposition": "73a0d17f-1163-4015-bdd5-ec830791da20"}, False),
    ],
)
def test_a_call_that_nobody_took_did_not_happen(properties: Mapping[str, str], happened: bool):
    assert to_call(row(**properties), ["1"]).happened is happened


def test_a_calls_duration_comes_in_milliseconds():
    assert to_call(row(hs_call_duration="95500"), ["1"]).duration_s == 95.5


def test_a_call_without_direction_is_between_parties():
    got = to_call(row(), ["1"])
    assert {p.role for p in got.participants} == {Role.PARTY}


def test_an_activity_of_one_still_counts_one_recipient():
    assert to_call(row(), []).recipients == 1


def test_an_activity_erased_for_privacy_is_deleted():
    assert to_call(row(hs_gdpr_deleted="true"), []).is_deleted


@pytest.mark.parametrize("missing", [None, ""])
def test_an_activity_without_a_time_is_unreadable(missing: str | None):
    with pytest.raises(Unreadable, match="hs_timestamp is missing"):
        to_call(row(hs_timestamp=missing), [])


@pytest.mark.parametrize(
    "value",
    ["soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9" * 40, ["2026"], 5, "²"],
)
def test_a_time_that_is_none_is_named_without_its_value(value: object):
    with pytest.raises(Unreadable) as unreadable:
        to_call(row(hs_timestamp=value), [])
    assert str(unreadable.value).startswith("hs_timestamp ")
    assert str(value) not in str(unreadable.value)


@pytest.mark.parametrize("raw", [{}, {"id": None}, {"id": "x"}, {"id": "9"}, {"id": True}])
def test_a_row_without_id_or_properties_is_unreadable(raw: Mapping[str, object]):
    with pytest.raises(Unreadable):
        list(to_contact(raw))


def test_what_no_database_takes_is_left_out_of_a_name():
    assert person(firstname="Cla\x00ra", lastname="\ud800Crow").name == "Clara Crow"


def test_a_contact_without_an_address_is_still_a_person():
    assert person(firstname="Clara", email=None).addresses == ()


def test_a_contacts_addresses_are_lower_case_with_the_main_one_first():
    got = person(email="Clara@X.example", hs_additional_emails="b@x.example;clara@x.example")
    assert got.addresses == ("clara@x.example", "b@x.example")


def test_a_survivor_that_lists_itself_buries_only_the_others():
    records = list(to_contact(row(hs_merged_object_ids="9;4;5")))
    assert [(r.id, r.is_deleted) for r in records] == [
        (ExternalId("0-1:9"), False),
        (ExternalId("0-1:4"), True),
        (ExternalId("0-1:5"), True),
    ]


def test_a_companys_domain_is_bare():
    assert next(to_account(row(domain="WWW.Acme.example"))).domain == "acme.example"


@pytest.mark.parametrize(
    ("value", "industry"),
    [("COMPUTER_SOFTWARE", "Computer software"), ("Our own option", "Our own option"), ("", None)],
)
def test_a_companys_industry_is_told_in_words(value: str, industry: str | None):
    assert next(to_account(row(name="Acme", industry=value))).industry == industry


def test_contacts_have_a_modified_date_of_their_own():
    dates = {"lastmodifieddate": "2026-05-04T03:02:01.500Z", "hs_lastmodifieddate": "2020-01-01"}
    assert person(**dates).modified_at == AT + timedelta(milliseconds=500)


def test_a_queue_is_nobody():
    assert list(to_colleague({"id": "3", "type": "QUEUE"})) == []


def test_an_owners_main_team_is_the_department():
    teams = [{"name": "East", "primary": False}, {"name": "Sales", "primary": True}]
    (got,) = to_colleague({"id": "3", "firstName": "Anne", "teams": teams})
    assert (got.name, got.department) == ("Anne", "Sales")


def test_a_picklist_becomes_a_select_with_its_options():
    field = Field(Target.CONTACT, "band", "Band", FieldType.PICKLIST, "", options=("a", "b"))
    got = from_field(field)
    assert (got["type"], got["fieldType"]) == ("enumeration", "select")
    assert [option["value"] for option in got["options"]] == ["a", "b"]


def test_values_are_written_as_text():
    values = {"n": 5, "d": date(2026, 1, 2), "t": "x", "e": None}
    written = from_update(FieldUpdate(Target.CONTACT, CLARA, values))
    assert written == {"n": "5", "d": "2026-01-02", "t": "x", "e": ""}
