"""What a user of a CRM may read there, as the CRM says it."""

from connectors import ExternalId, Person, PersonKind, Target
from connectors.hubspot.sandbox import levers as hubspot_levers
from connectors.salesforce.sandbox import levers as salesforce_levers
from tests.connectors.hubspot_fixtures import Portal
from tests.connectors.salesforce_fixtures import ANNE, CLARA, DAVID, THEN, Org, colleague


def contact(person: ExternalId) -> Person:
    own = (f"{person}@acme.example",)
    return Person(person, PersonKind.CONTACT, f"{person} Ort", own, modified_at=THEN)


def test_an_org_says_of_each_record_whether_a_user_may_read_it(org: Org):
    ids = org.fill([colleague(ANNE), contact(CLARA), contact(DAVID)])
    salesforce_levers.keep_from(org.sandbox, ids[ANNE], ids[DAVID])
    told = org.connect().visible(ids[ANNE], Target.CONTACT, [ids[CLARA], ids[DAVID]])
    assert told == {ids[CLARA]: True, ids[DAVID]: False}


def test_an_org_is_asked_of_two_hundred_records_at_once(org: Org):
    ids = org.fill([colleague(ANNE), *(contact(ExternalId(f"c{n}")) for n in range(201))])
    everybody = [one for name, one in ids.items() if name != ANNE]
    told = org.connect().visible(ids[ANNE], Target.CONTACT, everybody)
    assert len([one for one in org.queries() if "UserRecordAccess" in one]) == 2
    assert told == dict.fromkeys(everybody, True)


def test_what_is_no_id_is_asked_of_nobody(org: Org):
    ids = org.fill([colleague(ANNE)])
    wrong = ExternalId("' OR Id != '")
    assert org.connect().visible(ids[ANNE], Target.CONTACT, [wrong]) == {}
    assert org.connect().visible(wrong, Target.CONTACT, [ids[ANNE]]) == {}


def test_a_portal_says_of_a_users_own_records_alone_that_they_may_read_them(portal: Portal):
    ids = portal.fill(colleague(ANNE), contact(CLARA), contact(DAVID))
    owner = ids[ANNE].removeprefix("owner:")
    hubspot_levers.touch(portal.sandbox, ids[CLARA], hubspot_owner_id=owner)
    told = portal.connect().visible(ids[ANNE], Target.CONTACT, [ids[CLARA], ids[DAVID]])
    assert told == {ids[CLARA]: True}
