"""What an admin does to custom fields and automation behind the API: levers."""

from connectors._sandbox import Sandbox
from connectors.salesforce.sandbox import tooling
from connectors.salesforce.sandbox.org import Org


def limit_automation(sandbox: Sandbox, sobject: str, rows: int) -> None:
    """Let the triggers of an object (``Contact``) fail on more rows than this at once."""
    org = Org(sandbox)
    org.set("automation_limits", {**org.setting("automation_limits", {}), sobject.lower(): rows})


def delete_field(sandbox: Sandbox, field: str) -> None:
    """Delete a custom field (``Contact.Tieline_Strength__c``) with all that it held.

    Raises:
        ValueError: If there is none.
    """
    org = Org(sandbox)
    row = org.db.execute(
        'SELECT "Id" FROM "CustomField" WHERE lower("FullName") = lower(?)', (field,)
    ).fetchone()
    if row is None:
        raise ValueError(f"There is no custom field {field}.")
    tooling.delete_field(org, row[0])


def make_field_read_only(sandbox: Sandbox, field: str) -> None:
    """Let everybody read a custom field (``Contact.Tieline_Strength__c``) and nobody edit it.

    Raises:
        ValueError: If nobody is permitted to see it.
    """
    changed = sandbox.db.execute(
        'UPDATE "FieldPermissions" SET "PermissionsEdit" = 0 WHERE lower("Field") = lower(?)',
        (field,),
    )
    if not changed.rowcount:
        raise ValueError(f"Nobody is permitted to see {field}.")
