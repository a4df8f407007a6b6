"""What may hold a row back though each of its values is right: locks, rules, uniqueness."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox import queries, values
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.objects import ObjectFact
from connectors.salesforce.sandbox.org import Org, View


def play_refusal(org: Org, row_id: str) -> None:
    """Refuse a row that a lever has planned to be refused, a lock for one.

    Raises:
        RowRefusal: What was planned.
    """
    row = org.db.execute(
        "UPDATE refused_row SET times = times - 1 WHERE id = ? AND times > 0 "
        "RETURNING code, message",
        (row_id,),
    ).fetchone()
    if row is not None:
        raise RowRefusal(row[0], row[1])


def check_automation(org: Org, name: str, rows: int) -> None:
    """Refuse every row of a batch that is too much for the org's triggers.

    Raises:
        RowRefusal: In the words of a trigger that ran into a governor limit.
    """
    most = org.setting("automation_limits", {}).get(name.lower())
    if most is not None and rows > most:
        problem = f"{name}Trigger: System.LimitException: Too many SOQL queries: 101"
        raise RowRefusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", problem)


def check_permission(org: Org, fact: ObjectFact, row: Mapping[str, Any]) -> None:
    """Refuse a field permission for what is no field, or one that everybody sees.

    Raises:
        RowRefusal: As if Salesforce held both in picklists, which it does.
    """
    if fact.name != "FieldPermissions":
        return
    owner, _, name = str(row["Field"]).partition(".")
    known = org.objects().get(str(row["SobjectType"]).lower())
    if known is None:
        raise values.off_list(fact.fields["sobjecttype"], str(row["SobjectType"]))
    field = known.fields.get(name.lower())
    if field is None or "P" not in field.flags or owner.lower() != known.name.lower():
        raise values.off_list(fact.fields["field"], str(row["Field"]))
    if row.get("PermissionsEdit") and not row.get("PermissionsRead"):
        problem = "Field permission Edit depends on permission(s): Read"
        raise RowRefusal("FIELD_INTEGRITY_EXCEPTION", problem, "PermissionsEdit")


def check_unique(org: Org, fact: ObjectFact, columns: Mapping[str, Any], row_id: str = "") -> None:
    """Refuse values that another row has and no two may have.

    Raises:
        RowRefusal: DUPLICATE_VALUE.
    """
    for field in fact.fields.values():
        if not field.is_unique or columns.get(field.name) is None:
            continue
        if other := _other(org, fact, {field.name: columns[field.name]}, row_id):
            problem = f"{field.name} duplicates value on record with id: {other}"
            raise RowRefusal("DUPLICATE_VALUE", f"duplicate value found: {problem}")
    if not fact.unique or not any(name in columns for name in fact.unique):
        return
    if _other(org, fact, {name: columns.get(name) for name in fact.unique}, row_id):
        named = ", ".join(fact.unique)
        problem = f"duplicate value found: {named} duplicates value on another record"
        raise RowRefusal("DUPLICATE_VALUE", problem)


def check_rules(org: Org, view: View, fact: ObjectFact, row_id: str) -> None:
    """Hold a row that was just written against the org's validation and duplicate rules.

    Raises:
        RowRefusal: If a rule forbids it; with all the validation rules that do.
    """
    broken = [
        RowRefusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], *rule["fields"])
        for rule in org.setting("validation_rules", [])
        if rule["sobject"] == fact.name.lower() and _is_met(org, fact, row_id, rule["condition"])
    ]
    if broken:
        broken[0].others = tuple(broken[1:])
        raise broken[0]
    for rule in org.setting("duplicate_rules", []):
        if rule["sobject"] == fact.name.lower():
            _check_duplicate(org, view, fact, row_id, rule)


def _check_duplicate(
    org: Org, view: View, fact: ObjectFact, row_id: str, rule: Mapping[str, Any]
) -> None:
    if view.allows_duplicates and not rule["is_blocking"]:
        return
    field = fact.fields[rule["field"]].name
    found = org.db.execute(
        f'SELECT 1 FROM "{fact.name}" a JOIN "{fact.name}" b '  # noqa: S608 names of the schema
        f'ON b."{field}" = a."{field}" AND b."Id" <> a."Id" AND b."IsDeleted" = 0 '
        'WHERE a."Id" = ?',
        (row_id,),
    )
    if found.fetchone():
        raise RowRefusal("DUPLICATES_DETECTED", "Use one of these records?")


def _is_met(org: Org, fact: ObjectFact, row_id: str, condition: str) -> bool:
    """Tell whether a row meets a SOQL condition, as the org itself sees the row."""
    soql = f"SELECT Id FROM {fact.name} WHERE Id = '{row_id}' AND ({condition})"  # noqa: S608 SOQL
    everything = View(org.objects(), frozenset())
    try:
        found = queries.run(Asked(org, everything, soql, "67.0", is_all=True), 0, 1)
    except Refusal as error:
        raise ValueError(f"The validation rule is no condition: {error}") from error
    return bool(found.records)


def _other(org: Org, fact: ObjectFact, wanted: Mapping[str, object], row_id: str) -> str | None:
    alive = ' AND "IsDeleted" = 0' if "isdeleted" in fact.fields else ""
    matched = " AND ".join(f'"{name}" = ?' for name in wanted)
    row = org.db.execute(
        f'SELECT "Id" FROM "{fact.name}" WHERE {matched} AND "Id" <> ?{alive}',  # noqa: S608
        (*wanted.values(), row_id),
    ).fetchone()
    return str(row[0]) if row else None
