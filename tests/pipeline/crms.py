"""A small CRM to write to, and what is looked for in it."""

from connectors import Account, ExternalId, Target
from tests.fakes import FakeConnector, colleague, contact, email

BO = (Target.CONTACT, ExternalId("Bo"))
FAR = (Target.ACCOUNT, ExternalId("Far"))


def crm(emails: int = 6) -> FakeConnector:
    """Ada and Bo of Far know each other well; nobody knows Stranger."""
    records = [Account(ExternalId("Far"), "Far"), colleague("Ada"), contact("Bo", account="Far")]
    there = [email(2 * n, "Ada", "Bo", days_ago=n + 1) for n in range(emails)]
    back = [email(2 * n + 1, "Bo", "Ada", days_ago=n + 1) for n in range(emails)]
    return FakeConnector([*records, *there, *back, contact("Stranger")])
