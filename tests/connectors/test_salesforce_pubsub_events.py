"""What change events tell: every write, whoever made it, with the fields that it changed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connectors import Channel
from connectors._sandbox import Sandbox, open_state
from connectors.salesforce import sandbox as salesforce_sandbox
from connectors.salesforce.sandbox import change_events, levers
from connectors.salesforce.sandbox.org import USER_ID
from connectors.salesforce.sandbox.org import Org as State
from tests.connectors.pubsub_fixtures import API, Listener, listening
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    CLARA,
    DAVID,
    LEA,
    Org,
    Server,
    activity,
    contacts,
    open_org,
    people,
)


@pytest.fixture
def org(server: Server) -> Iterator[Org]:
    with open_org(server) as opened:
        opened.put([*people(), activity("call", Channel.CALL, ANNE, LEA)])
        yield opened


def write(org: Org, body: dict[str, object], **headers: str) -> str:
    """Change Clara over the API; give the caller's id."""
    url = f"{API}/sobjects/Contact/{org.ids[CLARA]}"
    org.http().patch(url, json=body, headers=headers).raise_for_status()
    return USER_ID


def kinds(listener: Listener, count: int) -> list[str]:
    return [heard.kind for heard in listener.hear(count)]


def test_a_new_record_is_told_with_all_that_it_holds(org: Org):
    listener = listening(org, "Contact")
    body = {"LastName": "Dove", "Email": "d@acme.com", "Birthdate": "1990-01-02"}
    made = org.http().post(f"{API}/sobjects/Contact", json=body).json()["id"]
    (heard,) = listener.hear(1)
    assert (heard.kind, heard.header["recordIds"]) == ("Contact CREATE", [made])
    assert heard.header["changedFields"] == []
    assert heard.body["Name"] == {"Salutation": None, "FirstName": None, "LastName": "Dove"}
    assert (heard.body["Birthdate"], heard.body["HasOptedOutOfEmail"]) == (631238400000, False)


def test_a_change_tells_the_fields_that_changed_and_no_others(org: Org):
    listener = listening(org, "Contact")
    write(org, {"Title": "CEO", "Department": "Top"})
    (heard,) = listener.hear(1)
    assert heard.header["changedFields"] == ["Title", "Department", "LastModifiedDate"]
    assert heard.told.keys() == {"Title", "Department", "LastModifiedDate"}


def test_parts_of_a_name_and_an_address_are_told_apart(org: Org):
    listener = listening(org, "Contact")
    write(org, {"FirstName": "Claire", "MailingCity": "Kiel"})
    (heard,) = listener.hear(1)
    expected = {"LastModifiedDate", "Name.FirstName", "MailingAddress.City"}
    assert set(heard.header["changedFields"]) == expected
    assert (heard.body["Name"]["FirstName"], heard.body["Name"]["LastName"]) == ("Claire", None)
    assert heard.body["MailingAddress"]["City"] == "Kiel"


def test_a_field_that_was_emptied_is_told_as_such(org: Org):
    listener = listening(org, "Contact")
    write(org, {"Email": None, "Title": "CEO"})
    (heard,) = listener.hear(1)
    assert heard.header["nulledFields"] == ["Email"]
    assert "Email" in heard.header["changedFields"]


def test_another_case_is_a_change(org: Org):
    listener = listening(org, "Contact")
    write(org, {"LastName": "STONE"})
    assert "Name.LastName" in listener.hear(1)[0].header["changedFields"]


def test_a_change_tells_who_made_it_through_what(org: Org):
    listener = listening(org, "Contact")
    user = write(org, {"Title": "CEO"}, **{"Sforce-Call-Options": "client=tieline"})
    (heard,) = listener.hear(1)
    assert heard.header["commitUser"] == user
    assert heard.header["changeOrigin"] == "com/salesforce/api/rest/67.0;client=tieline"


def test_a_person_is_none_of_us(org: Org):
    listener = listening(org, "Contact")
    levers.edit(org.sandbox, org.ids[CLARA], Title="CEO")
    (heard,) = listener.hear(1)
    assert heard.header["commitUser"].startswith("005")
    assert heard.header["commitUser"] != USER_ID


def test_the_same_change_of_several_records_at_once_is_told_once(org: Org):
    listener = listening(org, "Contact")
    ids = [org.ids[CLARA], org.ids[DAVID]]
    records = [{"attributes": {"type": "Contact"}, "id": one, "Title": "VP"} for one in ids]
    org.http().patch(f"{API}/composite/sobjects", json={"records": records})
    (heard,) = listener.hear(1)
    assert heard.header["recordIds"] == ids


def test_changes_of_one_request_share_a_transaction(org: Org):
    listener = listening(org, "Contact")
    values = zip([org.ids[CLARA], org.ids[DAVID]], ["VP", "CTO"], strict=True)
    kind = {"type": "Contact"}
    records = [{"attributes": kind, "id": one, "Title": title} for one, title in values]
    org.http().patch(f"{API}/composite/sobjects", json={"records": records})
    first, second = (heard.header for heard in listener.hear(2))
    assert first["transactionKey"] == second["transactionKey"]
    assert (first["sequenceNumber"], second["sequenceNumber"]) == (1, 2)


def test_what_is_rolled_back_is_not_told(org: Org):
    listener = listening(org, "Contact")
    records = [
        {"attributes": {"type": "Contact"}, "id": org.ids[CLARA], "Title": "VP"},
        {"attributes": {"type": "Contact"}, "id": org.ids[DAVID], "LastName": None},
    ]
    org.http().patch(f"{API}/composite/sobjects", json={"allOrNone": True, "records": records})
    write(org, {"Title": "CEO"})
    assert listener.hear(1)[0].body["Title"] == "CEO"


def test_what_goes_with_a_record_and_comes_back_with_it_is_told(org: Org):
    write(org, {"AccountId": org.ids[ACME]})
    listener = listening(org, "Contact", "Account")
    levers.delete(org.sandbox, org.ids[ACME])
    levers.undelete(org.sandbox, org.ids[ACME])
    told = ["Account DELETE", "Contact DELETE", "Account UNDELETE", "Contact UNDELETE"]
    heard = listener.hear(4)
    assert [one.kind for one in heard] == told
    assert (heard[0].told, heard[2].body["Name"]) == ({}, "Acme")


def test_a_merge_deletes_the_loser_and_changes_the_winner(org: Org):
    listener = listening(org, "Contact")
    levers.merge(org.sandbox, org.ids[DAVID], org.ids[CLARA])
    heard = {one.kind: one.header["recordIds"] for one in listener.hear(2)}
    told = {"Contact DELETE": [org.ids[DAVID]], "Contact UPDATE": [org.ids[CLARA]]}
    assert heard == told


def test_a_conversion_is_told_without_the_time_of_the_lead(org: Org):
    listener = listening(org, "Lead", "Contact", "Task")
    levers.convert(org.sandbox, org.ids[LEA])
    heard = {one.kind: one for one in listener.hear(3)}
    assert heard.keys() == {"Contact CREATE", "Lead UPDATE", "Task UPDATE"}
    changed = heard["Lead UPDATE"].header["changedFields"]
    assert {"IsConverted", "ConvertedContactId"} < set(changed)
    assert "LastModifiedDate" not in changed


def test_a_purge_is_not_told_again(org: Org):
    listener = listening(org, "Contact")
    levers.delete(org.sandbox, org.ids[CLARA])
    org.sandbox.clock.advance(timedelta(days=16))
    org.http().get(f"{API}/limits")
    levers.edit(org.sandbox, org.ids[DAVID], Title="CEO")
    listener.sign_in(org)
    assert kinds(listener, 1) == ["Contact UPDATE"]


def test_what_is_put_in_is_told(org: Org):
    listener = listening(org, "Contact")
    org.put(contacts(2))
    assert kinds(listener, 2) == ["Contact CREATE", "Contact CREATE"]


def test_only_selected_objects_are_told(org: Org):
    listener = listening(org, "Account")
    levers.edit(org.sandbox, org.ids[CLARA], Title="CEO")
    levers.edit(org.sandbox, org.ids[ACME], Phone="1")
    assert kinds(listener, 1) == ["Account UPDATE"]


def test_an_object_without_change_events_cannot_be_selected(org: Org):
    with pytest.raises(ValueError, match="PermissionSet"):
        levers.select_change_events(org.sandbox, "PermissionSet")


def test_a_custom_field_makes_another_schema_and_is_told(org: Org):
    listener = listening(org, "Contact")
    write(org, {"Title": "CEO"})
    add_score(org.http())
    write(org, {"Score__c": 71})
    before, after = listener.hear(2)
    assert before.schema_id != after.schema_id
    assert after.header["changedFields"] == ["LastModifiedDate", "Score__c"]
    assert after.body["Score__c"] == 71.0


def test_a_field_that_the_listener_does_not_see_is_not_told(org: Org):
    listener = listening(org, "Contact")
    add_score(org.http())
    write(org, {"Score__c": 71, "Title": "CEO"})
    levers.revoke(org.sandbox, "Contact.Score__c")
    (heard,) = listener.hear(1)
    assert heard.header["changedFields"] == ["Title", "LastModifiedDate"]
    assert heard.body["Score__c"] is None


def test_a_deleted_custom_field_stops_nothing(org: Org):
    listener = listening(org, "Contact")
    field = add_score(org.http())
    org.http().delete(f"{API}/tooling/sobjects/CustomField/{field}").raise_for_status()
    write(org, {"Title": "CEO"})
    assert kinds(listener, 1) == ["Contact UPDATE"]


def test_a_large_text_is_told_as_a_difference(org: Org):
    lines = [f"Line {number} of what is known of Clara." for number in range(99)]
    write(org, {"Description": "\n".join(lines)})
    listener = listening(org, "Contact")
    write(org, {"Description": "\n".join([*lines, "One more."])})
    (heard,) = listener.hear(1)
    assert heard.header["diffFields"] == ["Description"]
    assert heard.body["Description"].endswith("+One more.")


def test_a_change_too_large_for_an_event_is_a_gap(org: Org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connectors.salesforce.sandbox.change_bodies.LARGEST_BYTES", 100)
    listener = listening(org, "Contact")
    write(org, {"Title": "x" * 100})
    (heard,) = listener.hear(1)
    assert (heard.kind, heard.told) == ("Contact GAP_UPDATE", {})


def test_too_many_changes_at_once_overflow(org: Org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(change_events, "MOST_CHANGES", 3)
    listener = listening(org, "Contact")
    org.put(contacts(5))
    heard = listener.hear(4)
    assert [one.kind for one in heard] == ["Contact CREATE"] * 3 + ["Contact GAP_OVERFLOW"]
    assert heard[3].header["recordIds"] == [change_events.NO_RECORD]


def test_gaps_come_on_demand(org: Org):
    listener = listening(org, "Contact")
    levers.send_gap_event(org.sandbox, "003*", kind="DELETE")
    levers.send_overflow_event(org.sandbox, "Contact")
    assert kinds(listener, 2) == ["Contact GAP_DELETE", "Contact GAP_OVERFLOW"]


def test_a_write_costs_nothing_more_while_nothing_is_selected(org: Org):
    triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
    levers.select_change_events(org.sandbox, "Contact")
    assert org.sandbox.db.execute(triggers).fetchone() != (0,)
    levers.select_change_events(org.sandbox)
    write(org, {"Title": "CEO"})
    assert org.sandbox.db.execute(triggers).fetchone() == (0,)
    assert org.sandbox.db.execute("SELECT count(*) FROM change_event").fetchone() == (0,)


def test_a_state_file_from_before_change_events_learns_them(tmp_path: Path):
    db = open_state(tmp_path / "org.db")
    sandbox = Sandbox(db)
    ids = salesforce_sandbox.fill(sandbox, people())
    db.executescript("DROP TABLE changed; DROP TABLE change_event; DROP TABLE event_schema;")
    db.execute("PRAGMA user_version = 5")
    levers.select_change_events(sandbox, "Contact")
    levers.edit(sandbox, ids[CLARA], Title="CEO")
    (event,) = State(sandbox).changes.read(0, "Contact", 9)
    assert event.body["Title"] == "CEO"
    db.close()


def add_score(client: httpx.Client) -> str:
    """Make a custom field that the caller may see and write; give its id."""
    metadata = {"label": "Score", "type": "Number", "precision": 5, "scale": 2}
    body = {"FullName": "Contact.Score__c", "Metadata": metadata}
    made = client.post(f"{API}/tooling/sobjects/CustomField", json=body).json()["id"]
    rows = f"{API}/sobjects"
    set_ = client.post(f"{rows}/PermissionSet", json={"Name": "All", "Label": "All"}).json()["id"]
    granted = {"SobjectType": "Contact", "Field": "Contact.Score__c", "ParentId": set_}
    granted |= {"PermissionsRead": True, "PermissionsEdit": True}
    client.post(f"{rows}/FieldPermissions", json=granted).raise_for_status()
    assigned = {"AssigneeId": USER_ID, "PermissionSetId": set_}
    client.post(f"{rows}/PermissionSetAssignment", json=assigned).raise_for_status()
    return str(made)
