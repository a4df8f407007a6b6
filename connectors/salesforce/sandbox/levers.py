"""What a test does to the org behind its API: people's edits, revoked rights, spent tokens.

`Sandbox` has the levers that every CRM shares: clock, faults, latency, call log.
"""

from collections.abc import Sequence

from connectors._records import ExternalId
from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox import assertions, sessions
from connectors.salesforce.sandbox.objects import standard_objects
from connectors.salesforce.sandbox.org import Org


def edit(sandbox: Sandbox, record_id: ExternalId, **values: object) -> None:
    """Change a record as one of its users would: stamped now, by nobody of ours."""
    org = Org(sandbox)
    columns = {**values, "SystemModstamp": org.now(), "LastModifiedDate": org.now()}
    assigned = ", ".join(f'"{name}" = ?' for name in columns)
    sandbox.db.execute(
        f'UPDATE "{_object_of(record_id)}" SET {assigned} WHERE "Id" = ?',  # noqa: S608 own names
        (*columns.values(), record_id),
    )


def delete(sandbox: Sandbox, record_id: ExternalId) -> None:
    """Move a record to the recycle bin."""
    edit(sandbox, record_id, IsDeleted=1)


def merge(sandbox: Sandbox, loser: ExternalId, winner: ExternalId) -> None:
    """Merge one record into another, with its activities."""
    edit(sandbox, loser, IsDeleted=1, MasterRecordId=winner)
    _hand_over(sandbox, loser, winner)


def convert(sandbox: Sandbox, lead: ExternalId, contact: ExternalId) -> None:
    """Convert a lead into a contact that exists, with its activities."""
    edit(sandbox, lead, IsConverted=1, ConvertedContactId=contact)
    _hand_over(sandbox, lead, contact)


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
    """Take away the right to see an object (``Lead``) or a field (``Contact.Email``)."""
    sandbox.db.execute("INSERT OR IGNORE INTO hidden VALUES (?)", (name.lower(),))


def reveal(sandbox: Sandbox, name: str) -> None:
    """Undo `hide`."""
    sandbox.db.execute("DELETE FROM hidden WHERE name = ?", (name.lower(),))


def revoke(sandbox: Sandbox, field: str) -> None:
    """Take a custom field (``Contact.Tieline_Strength__c``) out of every permission set."""
    sandbox.db.execute('DELETE FROM "FieldPermissions" WHERE lower("Field") = lower(?)', (field,))


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


def shrink_pages(sandbox: Sandbox, rows: int) -> None:
    """Give at most so many rows to a page where a query has sub-rows, as Salesforce may."""
    Org(sandbox).set("page_with_sub_rows", rows)


def allow_calls(sandbox: Sandbox, a_day: int) -> None:
    """Set the day's allowance of calls."""
    Org(sandbox).set("calls_a_day", a_day)


def _object_of(record_id: ExternalId) -> str:
    prefix = record_id[:3]
    return next(fact.name for fact in standard_objects().values() if fact.prefix == prefix)


def _hand_over(sandbox: Sandbox, loser: ExternalId, winner: ExternalId) -> None:
    now = Org(sandbox).now()
    for name, relation, key in (
        ("Task", "TaskRelation", "TaskId"),
        ("Event", "EventRelation", "EventId"),
    ):
        touched = f'SELECT "{key}" FROM "{relation}" WHERE "RelationId" = ?1'  # noqa: S608 own names
        sandbox.db.execute(
            f'UPDATE "{name}" SET "SystemModstamp" = ?3, '  # noqa: S608 own names
            f'"WhoId" = CASE WHEN "WhoId" = ?1 THEN ?2 ELSE "WhoId" END WHERE "Id" IN ({touched})',
            (loser, winner, now),
        )
        sandbox.db.execute(
            f'UPDATE "{relation}" SET "RelationId" = ?2 WHERE "RelationId" = ?1',  # noqa: S608
            (loser, winner),
        )
