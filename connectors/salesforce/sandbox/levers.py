"""What a test does to the org behind its API: people's edits, revoked rights, spent tokens.

`Sandbox` has the levers that every CRM shares: clock, faults, latency, call log.
"""

from collections.abc import Sequence

from connectors._records import ExternalId
from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox import (
    assertions,
    deleting,
    merging,
    persons,
    pubsub_certificate,
    sessions,
    visits,
)
from connectors.salesforce.sandbox.change_bodies import Told
from connectors.salesforce.sandbox.change_events import NO_RECORD
from connectors.salesforce.sandbox.edits import (  # noqa: F401 levers as those below
    create_late,
    edit,
    edit_late,
    everything,
    fact_of,
    taken,
)
from connectors.salesforce.sandbox.field_levers import (  # noqa: F401 levers as those below
    delete_field,
    limit_automation,
    make_field_read_only,
)
from connectors.salesforce.sandbox.org import Org
from connectors.salesforce.sandbox.outbound_levers import (  # noqa: F401 levers as those below
    deliver_outbound,
    deliver_outbound_at_once,
    disturb_outbound,
    end_outbound,
    list_outbound,
    send_outbound,
)
from connectors.salesforce.sandbox.record_access import keep_from  # noqa: F401 levers as those below


def delete(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Move a record, and what hangs on it, to the recycle bin."""
    org = Org(sandbox)
    with taken():
        deleting.delete(org, everything(org), fact_of(record_id), record_id)


def undelete(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Bring a record back from the recycle bin, with what was deleted with it."""
    org = Org(sandbox)
    with taken():
        deleting.undelete(org, everything(org), fact_of(record_id), record_id)


def empty_bin(sandbox: Sandbox) -> None:
    """Empty the recycle bin: what is in it is gone for good, and only getDeleted tells of it."""
    deleting.empty_bin(Org(sandbox))


def merge(sandbox: Sandbox, loser: ExternalId, winner: ExternalId) -> None:
    """Merge one account, contact or lead into another, with all that hangs on it."""
    org = Org(sandbox)
    with taken():
        merging.merge(org, everything(org), fact_of(loser), loser, winner)


def convert(
    sandbox: Sandbox,
    lead: ExternalId,
    contact: ExternalId | None = None,
    *,
    account: ExternalId | None = None,
    opportunity: str | None = None,
) -> merging.Converted:
    """Convert a lead: into a contact and an account that exist, or into new ones."""
    org = Org(sandbox)
    with taken():
        return merging.convert(
            org,
            everything(org),
            lead,
            contact_id=contact,
            account_id=account,
            opportunity=opportunity,
        )


def make_person(sandbox: Sandbox, contact: ExternalId) -> ExternalId:
    """Make a contact the shadow of a new person account, in an org that has them from then on.

    Raises:
        ValueError: If there is no such contact.
    """
    org = Org(sandbox)
    row = org.row("Contact", contact)
    if row is None:
        raise ValueError(f"There is no Contact {contact}.")
    return ExternalId(persons.make(org, row))


def expire_tokens(sandbox: Sandbox) -> None:
    """End all sessions: every access token is refused from now on."""
    sandbox.db.execute("DELETE FROM session")


def issue_refresh_token(sandbox: Sandbox) -> str:
    """Give a refresh token, as a user's consent would."""
    return sessions.issue_refresh_token(Org(sandbox))


def rotate_refresh_tokens(sandbox: Sandbox, *, is_on: bool = True) -> None:
    """Give out a new refresh token with every renewal, and spend the old one."""
    Org(sandbox).set("is_rotating", is_on)


def forget_refresh_tokens(sandbox: Sandbox) -> None:
    """Withdraw the consent: every refresh token is dead."""
    sandbox.db.execute("DELETE FROM refresh_token_of")


def approve_by_itself(sandbox: Sandbox, *, is_on: bool = True) -> None:
    """Let the authorize address answer with a code at once, as if its page had been clicked."""
    Org(sandbox).set("approves_by_itself", is_on)


def register_certificate(sandbox: Sandbox, pem: str, *usernames: str) -> None:
    """Give the app a certificate or public key to sign its JWTs with, and users who approve it."""
    assertions.check_certificate(pem)
    Org(sandbox).set("certificate", pem)
    if usernames:
        Org(sandbox).set("approved", usernames)


def shape_app(
    sandbox: Sandbox,
    *,
    needs_pkce: bool = False,
    needs_secret: bool = True,
    has_run_as_user: bool = True,
    callbacks: Sequence[str] = (),
) -> None:
    """Set the policies of the OAuth app; without callbacks any https or loopback one will do."""
    org = Org(sandbox)
    org.set("needs_pkce", needs_pkce)
    org.set("needs_secret", needs_secret)
    org.set("has_run_as_user", has_run_as_user)
    org.set("callbacks", list(callbacks))


def pose_as_login_host(sandbox: Sandbox, *, is_on: bool = True) -> None:
    """Answer sign-ins as login.salesforce.com does, not as the org's My Domain."""
    Org(sandbox).set("is_login", is_on)


def hide(sandbox: Sandbox, name: str) -> None:
    """Take away the right to see an object (``Lead``) or a field (``Contact.Email``).

    Raises:
        ValueError: If there is none of that name.
    """
    _check_name(sandbox, name)
    sandbox.db.execute("INSERT OR IGNORE INTO hidden VALUES (?)", (name.lower(),))


def reveal(sandbox: Sandbox, name: str) -> None:
    """Undo `hide`."""
    _check_name(sandbox, name)
    sandbox.db.execute("DELETE FROM hidden WHERE name = ?", (name.lower(),))


def revoke(sandbox: Sandbox, field: str) -> None:
    """Take a custom field (``Contact.Tieline_Strength__c``) out of every permission set.

    Raises:
        ValueError: If it is in none.
    """
    taken_out = sandbox.db.execute(
        'DELETE FROM "FieldPermissions" WHERE lower("Field") = lower(?)', (field,)
    )
    if not taken_out.rowcount:
        raise ValueError(f"No permission set grants the field {field}.")


def deny(sandbox: Sandbox, *permissions: str) -> None:
    """Take system permissions (``CustomizeApplication``) from the integration user."""
    Org(sandbox).set("denied", permissions)


def refuse_row(
    sandbox: Sandbox, record_id: ExternalId, code: str, message: str, *, times: int = 1
) -> None:
    """Refuse the next writes of a record with a code: a lock, a validation rule."""
    sandbox.db.execute(
        "INSERT OR REPLACE INTO refused_row VALUES (?, ?, ?, ?)",
        (record_id, code, message, times),
    )


def lock_row(sandbox: Sandbox, record_id: ExternalId, *, times: int = 1) -> None:
    """Let somebody else hold a record while it is written for the next few times."""
    problem = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
    refuse_row(sandbox, record_id, "UNABLE_TO_LOCK_ROW", problem, times=times)


def add_validation_rule(
    sandbox: Sandbox, sobject: str, condition: str, message: str, *fields: str
) -> None:
    """Refuse every write that leaves a record meeting a SOQL condition (``Title = null``)."""
    org = Org(sandbox)
    rule = {"sobject": sobject.lower(), "condition": condition}
    rules = org.setting("validation_rules", [])
    org.set("validation_rules", [*rules, {**rule, "message": message, "fields": fields}])


def add_duplicate_rule(
    sandbox: Sandbox, sobject: str, field: str, *, is_blocking: bool = False
) -> None:
    """Warn of records that share a value; if blocking, no header of the caller's helps."""
    org = Org(sandbox)
    rule = {"sobject": sobject.lower(), "field": field.lower(), "is_blocking": is_blocking}
    org.set("duplicate_rules", [*org.setting("duplicate_rules", []), rule])


def slow_jobs(sandbox: Sandbox, polls: int) -> None:
    """Let every new bulk job say so many times that it is in progress before it is done."""
    Org(sandbox).set("job_polls", polls)


def fail_jobs(sandbox: Sandbox, problem: str = "") -> None:
    """Let bulk jobs fail as a whole with this message; without one they succeed again."""
    Org(sandbox).set("failing_jobs", problem)


def shuffle_results(sandbox: Sandbox, *, is_on: bool = True) -> None:
    """Give the results of bulk jobs in another order than their rows came in."""
    Org(sandbox).set("shuffles_results", is_on)


def shrink_pages(sandbox: Sandbox, rows: int) -> None:
    """Give at most so many rows to a page where a query has sub-rows, as Salesforce may."""
    Org(sandbox).set("page_with_sub_rows", rows)


def allow_calls(sandbox: Sandbox, a_day: int) -> None:
    """Set the day's allowance of calls."""
    Org(sandbox).set("calls_a_day", a_day)


def use_calls(sandbox: Sandbox, used: int) -> None:
    """Set how many of the day's calls are used up, by whomever; the day ends 24 hours from now."""
    visits.use_calls(Org(sandbox), used)


def select_change_events(sandbox: Sandbox, *objects: str) -> None:
    """Tell every change of these objects (``Contact``) as change events, and of no others."""
    Org(sandbox).changes.select(objects)


def send_gap_event(sandbox: Sandbox, *records: str, kind: str = "UPDATE") -> None:
    """Tell that records (or ``003*``) were changed in a way that change events cannot show."""
    entity = fact_of(ExternalId(records[0])).name
    Org(sandbox).changes.send([Told(entity, f"GAP_{kind}", records)])


def send_overflow_event(sandbox: Sandbox, sobject: str) -> None:
    """Tell that more of an object was changed at once than change events can show."""
    Org(sandbox).changes.send([Told(sobject, "GAP_OVERFLOW", (NO_RECORD,))])


def break_streams(sandbox: Sandbox) -> None:
    """End every stream of the Pub/Sub API as if its connection had broken."""
    org = Org(sandbox)
    org.set("pubsub_drops", org.setting("pubsub_drops", 0) + 1)


def take_pubsub_down(sandbox: Sandbox, *, is_down: bool = True) -> None:
    """Let the Pub/Sub API say that it is unavailable, to those who listen too."""
    Org(sandbox).set("pubsub_is_down", is_down)


def read_certificate(sandbox: Sandbox) -> str:
    """Give the certificate, in PEM, that the Pub/Sub API shows to clients that insist on TLS."""
    return pubsub_certificate.identity(Org(sandbox)).certificate.decode()


def _check_name(sandbox: Sandbox, name: str) -> None:
    """Refuse the name of an object or a field that there is not."""
    objects = Org(sandbox).objects()
    sobject, _, field = name.lower().partition(".")
    if sobject not in objects:
        raise ValueError(f"There is no object {name.partition('.')[0]}.")
    if field and field not in objects[sobject].fields:
        raise ValueError(f"There is no field {name}.")
