"""simple-salesforce, unmodified; a transport adapter of its session leads it to the local org."""

from datetime import timedelta
from urllib.parse import urlsplit

import jobs
import requests
from jobs import job, refused
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, format_soql

CROWD = 2100
PLACE: dict[str, str] = {}


class Road(HTTPAdapter):
    """Carries https, which the client insists on, over http to one address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(
        self, request: requests.PreparedRequest, *args: object, **kwargs: object
    ) -> requests.Response:
        """Carry one call, and say whose it was."""
        host = urlsplit(request.url or "").netloc
        request.headers["Host"] = host
        request.url = self._url + (request.url or "").split(host, 1)[1]
        return super().send(request, *args, **kwargs)


def sign_in(place: jobs.Place) -> Salesforce:
    """Sign in by client credentials, as the client itself does."""
    PLACE.update(place)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Road(place["url"]))
    return Salesforce(
        consumer_key=place["client_id"],
        consumer_secret=place["client_secret"],
        domain="sandbox.my",
        session=session,
        version="67.0",
    )


@job
def a_query_gives_rows(org: Salesforce) -> None:
    asked = format_soql("SELECT Id, Name, Account.Name FROM Contact WHERE LastName = {}", "Crow")
    found = org.query(asked)
    assert (found["totalSize"], found["done"]) == (1, True)
    assert found["records"][0]["attributes"]["type"] == "Contact"
    assert found["records"][0]["Name"] == "Clara Crow"


@job
def a_query_follows_its_pages(org: Salesforce) -> None:
    first = org.query("SELECT Id FROM Contact")
    assert (first["totalSize"], first["done"]) == (CROWD, False)
    rest = org.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (len(first["records"]) + len(rest["records"]), rest["done"]) == (CROWD, True)


@job
def query_all_iter_gives_every_row_once(org: Salesforce) -> None:
    ids = [row["Id"] for row in org.query_all_iter("SELECT Id FROM Contact")]
    assert len(ids) == len(set(ids)) == CROWD


@job
def rows_are_counted(org: Salesforce) -> None:
    assert org.query("SELECT count() FROM Contact")["totalSize"] == CROWD


@job
def child_rows_come_with_their_parents(org: Salesforce) -> None:
    found = org.query(
        "SELECT Id, (SELECT Id, Subject FROM Tasks) FROM Contact WHERE FirstName = 'Clara'"
    )
    assert found["records"][0]["Tasks"]["totalSize"] == 3


@job
def rows_are_grouped(org: Salesforce) -> None:
    found = org.query("SELECT OwnerId, COUNT(Id) n FROM Task GROUP BY OwnerId")
    assert [row["n"] for row in found["records"]] == [3]


@job
def a_wrong_query_is_refused_by_its_code(org: Salesforce) -> None:
    refusal = refused(org.query, "SELECT Nothing__c FROM Contact")
    assert refusal.content[0]["errorCode"] == "INVALID_FIELD"
    assert "No such column 'Nothing__c' on entity 'Contact'" in refusal.content[0]["message"]


@job
def a_row_lives_and_dies(org: Salesforce) -> None:
    made = org.Contact.create({"LastName": "Dove", "Email": "dora@acme.example"})
    assert made["success"]
    assert org.Contact.update(made["id"], {"FirstName": "Dora"}) == 204
    assert org.Contact.get(made["id"])["Name"] == "Dora Dove"
    assert org.Contact.delete(made["id"]) == 204
    refusal = refused(org.Contact.get, made["id"])
    assert refusal.status == 404


@job
def query_all_shows_the_deleted(org: Salesforce) -> None:
    made = org.Contact.create({"LastName": "Finch"})
    org.Contact.delete(made["id"])
    asked = "SELECT Id, IsDeleted FROM Contact WHERE LastName = 'Finch'"
    assert org.query(asked)["totalSize"] == 0
    assert org.query(asked, include_deleted=True)["records"][0]["IsDeleted"] is True


@job
def an_upsert_makes_then_changes(org: Salesforce) -> None:
    field = {"label": "Key", "type": "Text", "length": 40, "externalId": True, "unique": True}
    org.toolingexecute(
        "sobjects/CustomField", "POST", {"FullName": "Contact.Key__c", "Metadata": field}
    )
    grantee = org.PermissionSet.create({"Name": "Keys", "Label": "Keys"})["id"]
    rights = {"SobjectType": "Contact", "Field": "Contact.Key__c"}
    rights |= {"PermissionsRead": True, "PermissionsEdit": True}
    org.FieldPermissions.create({"ParentId": grantee} | rights)
    user = org.oauth2("userinfo")["user_id"]
    org.PermissionSetAssignment.create({"PermissionSetId": grantee, "AssigneeId": user})
    assert org.Contact.upsert("Key__c/k1", {"LastName": "Gull"}) == 201
    assert org.Contact.upsert("Key__c/k1", {"FirstName": "Gus"}) == 200
    assert org.Contact.get_by_custom_id("Key__c", "k1")["Name"] == "Gus Gull"


@job
def a_describe_tells_the_fields(org: Salesforce) -> None:
    fields = {field["name"]: field for field in org.Contact.describe()["fields"]}
    assert fields["Email"]["type"] == "email"
    assert fields["AccountId"]["referenceTo"] == ["Account"]


@job
def the_global_describe_tells_the_objects(org: Salesforce) -> None:
    names = {one["name"] for one in org.describe()["sobjects"]}
    assert {"Account", "Contact", "Lead", "Opportunity", "Task", "Event", "User"} <= names


@job
def updated_rows_are_told(org: Salesforce) -> None:
    made = org.Contact.create({"LastName": "Heron"})
    now = jobs.wait(PLACE, seconds=90)
    told = org.Contact.updated(now - timedelta(hours=1), now)
    assert made["id"] in told["ids"]
    assert told["latestDateCovered"]


@job
def deleted_rows_are_told(org: Salesforce) -> None:
    made = org.Contact.create({"LastName": "Ibis"})
    org.Contact.delete(made["id"])
    now = jobs.wait(PLACE, seconds=90)
    told = org.Contact.deleted(now - timedelta(hours=1), now)
    assert made["id"] in [row["id"] for row in told["deletedRecords"]]


@job
def a_collection_succeeds_in_part(org: Salesforce) -> None:
    rows = [
        {"attributes": {"type": "Contact"}, "LastName": "Jay"},
        {"attributes": {"type": "Contact"}},
    ]
    made = org.restful(
        "composite/sobjects", method="POST", json={"allOrNone": False, "records": rows}
    )
    assert [one["success"] for one in made] == [True, False]
    assert made[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    row = {"attributes": {"type": "Contact"}, "id": made[0]["id"], "FirstName": "Jane"}
    changed = org.restful("composite/sobjects", method="PATCH", json={"records": [row]})
    assert changed == [{"id": made[0]["id"], "success": True, "errors": []}]


@job
def composite_requests_refer_to_each_other(org: Salesforce) -> None:
    base = "/services/data/v67.0/sobjects"
    account = {
        "method": "POST",
        "url": f"{base}/Account",
        "referenceId": "a",
        "body": {"Name": "Nest"},
    }
    contact = {
        "method": "POST",
        "url": f"{base}/Contact",
        "referenceId": "c",
        "body": {"LastName": "Kite", "AccountId": "@{a.id}"},
    }
    told = org.restful("composite", method="POST", json={"compositeRequest": [account, contact]})
    assert [one["httpStatusCode"] for one in told["compositeResponse"]] == [201, 201]
    kite = told["compositeResponse"][1]["body"]["id"]
    (found,) = org.query(format_soql("SELECT Account.Name FROM Contact WHERE Id = {}", kite))[
        "records"
    ]
    assert found["Account"]["Name"] == "Nest"


@job
def the_limits_are_told_and_counted(org: Salesforce) -> None:
    assert org.limits()["DailyApiRequests"]["Max"] > 0
    assert org.api_usage["api-usage"].used > 0


@job
def the_org_says_what_it_is(org: Salesforce) -> None:
    assert org.is_sandbox() in {True, False}


@job
def bulk_query_gives_csv(org: Salesforce) -> None:
    pages = list(
        org.bulk2.Contact.query("SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Number%'")
    )
    lines = "".join(pages).splitlines()
    assert lines[0] == '"Id","LastName"'
    assert len(lines) == CROWD


@job
def bulk_rows_are_made_and_changed(org: Salesforce) -> None:
    (told,) = org.bulk2.Contact.insert(records=[{"LastName": f"Lark{n}"} for n in range(3)], wait=1)
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (3, 0)
    found = org.query("SELECT Id FROM Contact WHERE LastName LIKE 'Lark%'")["records"]
    (told,) = org.bulk2.Contact.update(
        records=[{"Id": row["Id"], "Title": "CTO"} for row in found], wait=1
    )
    assert told["numberRecordsFailed"] == 0
    assert org.query("SELECT count() FROM Contact WHERE Title = 'CTO'")["totalSize"] == 3


@job
def failed_bulk_rows_are_told(org: Salesforce) -> None:
    (told,) = org.bulk2.Contact.insert(records=[{"FirstName": "Nobody"}], wait=1)
    assert told["numberRecordsFailed"] == 1
    assert "REQUIRED_FIELD_MISSING" in org.bulk2.Contact.get_failed_records(told["job_id"])


jobs.run(sign_in)
