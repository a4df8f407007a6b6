"""Accounts and people made into Salesforce's rows."""

from connectors._records import Account, ExternalId, Person, PersonKind
from connectors.salesforce.sandbox.filling_rows import CONTACT, Intake
from connectors.salesforce.sandbox.org import USER_ID, stamp

_Name = tuple[str, str | None, str, str | None]
"""Full, first and last name, and the address."""


def put_account(intake: Intake, account: Account) -> ExternalId:
    """Make an account's row; its domain is that of its web site."""
    row_id = intake.new_id("Account")
    site = f"https://www.{account.domain}" if account.domain else None
    master = intake.known(account.merged_into)
    state = (site, account.industry, USER_ID, account.is_deleted, master)
    intake.put("Account", stamp(account.modified_at), row_id, account.name, *state)
    return row_id


def put_person(intake: Intake, person: Person) -> ExternalId:
    """Make a user, a contact or a lead."""
    put = {
        PersonKind.COLLEAGUE: _user,
        PersonKind.CONTACT: _contact,
        PersonKind.LEAD: _lead,
    }
    first, _, last = person.name.rpartition(" ")
    email = person.addresses[0] if person.addresses else None
    name = (person.name, first or None, last or person.name, email)
    row_id = put[person.kind](intake, person, name)
    intake.meet(row_id, person.addresses)
    return row_id


def _user(intake: Intake, person: Person, name: _Name) -> ExternalId:
    row_id = intake.new_id("User")
    role = (person.title, person.department, person.is_active, "Standard")
    intake.put("User", stamp(person.modified_at), row_id, *name, name[-1] or row_id, *role)
    return row_id


def _contact(intake: Intake, person: Person, name: _Name) -> ExternalId:
    row_id = intake.new_id("Contact")
    account = intake.known(person.account_id)
    intake.place(row_id, account)
    role = (person.title, person.department, account)
    state = (USER_ID, person.is_deleted, intake.known(person.merged_into))
    intake.put("Contact", stamp(person.modified_at), row_id, *name, *role, *state)
    return row_id


def _lead(intake: Intake, person: Person, name: _Name) -> ExternalId:
    row_id = intake.new_id("Lead")
    heir = intake.known(person.merged_into)
    is_converted = heir is not None and heir.startswith(CONTACT)
    ends = (None, True, heir) if is_converted else (heir, False, None)
    state = (USER_ID, person.is_deleted and not is_converted, *ends)
    role = (person.title, "Unknown", "Open - Not Contacted")
    intake.put("Lead", stamp(person.modified_at), row_id, *name, *role, *state)
    return row_id
