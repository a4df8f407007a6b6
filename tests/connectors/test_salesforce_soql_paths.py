"""SOQL in the sandbox reaches parents, children and what depends on the kind of parent."""

from connectors.salesforce.sandbox import levers
from tests.connectors.salesforce_fixtures import (
    ACME,
    ANNE,
    CLARA,
    DAVID,
    LEA,
    Org,
)
from tests.connectors.soql_fixtures import API, ask, company, problem, put, rows


def test_a_path_goes_up_through_several_parents(org: Org):
    ids = company(org)
    org.sandbox.db.execute('UPDATE "Account" SET "OwnerId" = ?', (ids[ANNE],))
    soql = "SELECT Account.Owner.Name, Account.Owner.Manager.Name FROM Contact LIMIT 1"
    (row,) = rows(org, soql)
    assert row["Account"]["Owner"]["Name"] == "Anne Abel"
    assert row["Account"]["Owner"]["Manager"] is None


def test_a_parent_tells_its_own_type_and_address(org: Org):
    ids = company(org)
    (row,) = rows(org, "SELECT Account.Name FROM Opportunity WHERE Name = 'A'")
    assert row["Account"]["attributes"] == {
        "type": "Account",
        "url": f"{API}/sobjects/Account/{ids[ACME]}",
    }


def test_rows_are_chosen_and_sorted_by_what_their_parents_hold(org: Org):
    company(org)
    soql = "SELECT Name FROM Opportunity WHERE Account.Name = 'ACME' ORDER BY Owner.Name, Name DESC"
    assert [row["Name"] for row in rows(org, soql)] == ["C", "B", "A"]


def test_a_path_with_too_many_parents_is_refused(org: Org):
    path = "Manager." * 6 + "Name"
    assert problem(org, f"SELECT {path} FROM User")[0] == "INVALID_FIELD"  # noqa: S608 SOQL


def test_a_parent_that_may_be_of_several_objects_answers_as_a_name(org: Org):
    ids = company(org)
    soql = "SELECT Who.Name, Who.Type FROM Task WHERE TaskSubtype = 'Call'"
    (row,) = rows(org, soql)
    assert row["Who"] == {
        "attributes": {"type": "Name", "url": f"{API}/sobjects/Lead/{ids[LEA]}"},
        "Name": "Lea Dunn",
        "Type": "Lead",
    }


def test_rows_are_chosen_by_the_kind_of_their_parent(org: Org):
    company(org)
    assert len(rows(org, "SELECT Id FROM Task WHERE Who.Type = 'Lead'")) == 1
    assert len(rows(org, "SELECT Id FROM Task WHERE Who.Type IN ('Contact', 'Lead')")) == 2


def test_a_name_has_few_fields(org: Org):
    error, said = problem(org, "SELECT Who.Company FROM Task")
    assert error == "INVALID_FIELD"
    assert said.startswith("No such column 'Company' on entity 'Name'.")


def test_typeof_gives_each_kind_of_parent_its_own_fields(org: Org):
    company(org)
    soql = (
        "SELECT TYPEOF Who WHEN Lead THEN Company, Status WHEN Contact THEN LastName END "
        "FROM Task ORDER BY TaskSubtype"
    )
    called, mailed = (row["Who"] for row in rows(org, soql))
    assert (called["attributes"]["type"], called["Company"]) == ("Lead", "Unknown")
    assert (mailed["attributes"]["type"], mailed["LastName"]) == ("Contact", "Stone")


def test_typeof_gives_other_kinds_what_else_says(org: Org):
    company(org)
    soql = "SELECT TYPEOF Who WHEN Contact THEN Title ELSE Name END FROM Task WHERE WhoCount = 1"
    (row,) = rows(org, soql)
    assert (row["Who"]["attributes"]["type"], row["Who"]["Name"]) == ("Name", "Lea Dunn")


def test_typeof_without_else_gives_nothing_for_other_kinds(org: Org):
    company(org)
    soql = "SELECT TYPEOF Who WHEN Contact THEN Title END FROM Task WHERE WhoCount = 1"
    assert rows(org, soql) == [{"Who": None}]


def test_sub_rows_are_chosen_sorted_and_cut(org: Org):
    company(org)
    child = "SELECT Name FROM Opportunities WHERE Amount > 0 ORDER BY Amount DESC LIMIT 1"
    (row,) = rows(org, f"SELECT Name, ({child}) FROM Account")  # noqa: S608 SOQL
    assert [deal["Name"] for deal in row["Opportunities"]["records"]] == ["B"]


def test_sub_rows_have_parents_and_sub_rows_of_their_own(org: Org):
    company(org)
    put(org, "OpportunityHistory", "008", OpportunityId="x")
    child = "SELECT Owner.Name, (SELECT Id FROM OpportunityHistories) FROM Opportunities LIMIT 1"
    (row,) = rows(org, f"SELECT ({child}) FROM Account")  # noqa: S608 SOQL
    (deal,) = row["Opportunities"]["records"]
    assert (deal["Owner"]["Name"], deal["OpportunityHistories"]) == ("Anne Abel", None)


def test_sub_rows_are_not_counted(org: Org):
    company(org)
    error = problem(org, "SELECT (SELECT COUNT() FROM Contacts) FROM Account")
    assert error == ("MALFORMED_QUERY", "Only root queries support aggregate expressions")


def test_an_alias_stands_for_the_object_or_a_parent(org: Org):
    company(org)
    soql = "SELECT o.Name, a.Name FROM Opportunity o, o.Account a WHERE a.Name = 'Acme' LIMIT 1"
    (row,) = rows(org, soql)
    assert (row["Name"], row["Account"]["Name"]) == ("A", "Acme")


def test_names_may_be_written_in_any_case(org: Org):
    company(org)
    soql = "select NAME, account.name from OPPORTUNITY where opportunity.stagename = 'closed won'"
    (row,) = rows(org, soql)
    assert (row["Name"], row["Account"]["Name"]) == ("C", "Acme")


def test_a_semi_join_keeps_what_an_inner_statement_finds(org: Org):
    ids = company(org)
    deal = put(org, "Opportunity", "006", Name="D")
    put(org, "OpportunityContactRole", "00K", OpportunityId=deal, ContactId=ids[CLARA])
    inner = "SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.Name = 'D'"
    soql = "SELECT Id FROM Contact WHERE Id "
    assert rows(org, f"{soql} IN ({inner})") == [{"Id": ids[CLARA]}]
    assert rows(org, f"{soql} NOT IN ({inner})") == [{"Id": ids[DAVID]}]


def test_a_relation_of_people_is_derived_from_the_relations(org: Org):
    ids = company(org)
    soql = "SELECT RelationId, Type FROM TaskWhoRelation ORDER BY RelationId"
    assert rows(org, soql) == [
        {"RelationId": ids[CLARA], "Type": "Contact"},
        {"RelationId": ids[DAVID], "Type": "Contact"},
        {"RelationId": ids[LEA], "Type": "Lead"},
    ]


def test_a_relationship_of_an_object_that_is_not_seen_is_not_understood(org: Org):
    levers.hide(org.sandbox, "Account")
    error, said = problem(org, "SELECT Account.Name FROM Contact")
    assert error == "INVALID_FIELD"
    assert said.startswith("Didn't understand relationship 'Account' in field path.")


def test_all_fields_are_given_for_two_hundred_rows_at_most(org: Org):
    company(org)
    (row,) = rows(org, "SELECT FIELDS(ALL) FROM Contact WHERE LastName = 'Stone' LIMIT 200")
    assert (row["LastName"], row["MobilePhone"], row["IsDeleted"]) == ("Stone", None, False)
    error = problem(org, "SELECT FIELDS(ALL) FROM Contact LIMIT 201")
    assert error == ("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")


def test_standard_fields_are_given_without_a_limit(org: Org):
    company(org)
    assert len(rows(org, "SELECT FIELDS(STANDARD) FROM Account")) == 1


def test_looking_at_rows_is_noted_when_it_is_said(org: Org):
    ids = company(org)
    ask(org, "SELECT Id FROM Contact WHERE Name = 'Clara Stone' FOR VIEW")
    soql = "SELECT Id FROM Contact WHERE LastViewedDate = TODAY"
    assert rows(org, soql) == [{"Id": ids[CLARA]}]


def test_owners_may_be_users_only_or_queues_too(org: Org):
    ids = company(org)
    org.sandbox.db.execute('UPDATE "Lead" SET "OwnerId" = ?', (ids[ANNE],))
    (deal,) = rows(org, "SELECT Owner.Name FROM Opportunity LIMIT 1")
    (lead,) = rows(org, "SELECT Owner.Name FROM Lead")
    kinds = [row["Owner"]["attributes"]["type"] for row in (deal, lead)]
    assert kinds == ["User", "Name"]
