"""Writing single rows: what Salesforce checks, in its order, and the stamps it leaves."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import FieldFact, ObjectFact
from connectors.salesforce.sandbox.org import USER_ID, Org, View

_CREATABLE = frozenset({"Account", "Contact", "Lead"})
_NAMED = frozenset({"Contact", "Lead", "User"})

_SECURITY = (
    "Unable to create/update fields: {}. Please check the security settings of this field and "
    "verify that it is read/write for your profile or permission set."
)


def fact_for(view: View, name: str) -> ObjectFact:
    """Find an object by the name in an address or in ``attributes``.

    Raises:
        Refusal: If there is none, or none that the caller sees.
    """
    fact = view.objects.get(name.lower())
    if fact is None:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return fact


def check_known(fact: ObjectFact, values: Mapping[str, Any]) -> None:
    """Refuse a request that names a field the caller does not see: no row is looked at.

    Raises:
        Refusal: INVALID_FIELD.
    """
    for name in values:
        if name.lower() not in fact.fields:
            problem = f"No such column '{name}' on sobject of type {fact.name}"
            raise Refusal(400, "INVALID_FIELD", problem)


def create(org: Org, view: View, fact: ObjectFact, values: Mapping[str, Any]) -> str:
    """Make a row and give its id.

    Raises:
        RowRefusal: If Salesforce would not take it.
    """
    if fact.setup_permission and not org.may(fact.setup_permission):
        raise RowRefusal(
            "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"
        )
    if not (fact.setup_permission or fact.name in _CREATABLE):
        raise RowRefusal(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {fact.name}"
        )
    columns = _checked(view, fact, values, "C")
    _check_unique(org, fact, columns)
    columns |= _name(fact, columns)
    columns |= {"Id": org.new_id(fact.prefix), "CreatedDate": org.now(), **_stamps(org)}
    known = {name: value for name, value in columns.items() if name.lower() in fact.fields}
    org.insert(fact.name, tuple(known), [tuple(known.values())])
    return str(columns["Id"])


def update(org: Org, view: View, fact: ObjectFact, row_id: str, values: Mapping[str, Any]) -> None:
    """Change a row and stamp it as changed by the integration user.

    Raises:
        RowRefusal: If Salesforce would not take it; the row is as it was.
    """
    row_id = _checked_id(fact, row_id)
    _check_alive(org, fact, row_id)
    columns = {**_checked(view, fact, values, "U"), **_stamps(org)}
    known = {name: value for name, value in columns.items() if name.lower() in fact.fields}
    assigned = ", ".join(f'"{name}" = ?' for name in known)
    org.db.execute(
        f'UPDATE "{fact.name}" SET {assigned} WHERE "Id" = ?',  # noqa: S608 names of the schema
        (*known.values(), row_id),
    )


def _stamps(org: Org) -> dict[str, object]:
    now = org.now()
    return {"LastModifiedDate": now, "LastModifiedById": USER_ID, "SystemModstamp": now}


def _name(fact: ObjectFact, columns: Mapping[str, Any]) -> dict[str, Any]:
    if fact.name not in _NAMED:
        return {}
    parts = (columns.get("FirstName"), columns.get("LastName"))
    return {"Name": " ".join(part for part in parts if part)}


def _checked_id(fact: ObjectFact, row_id: str) -> str:
    if not is_id(row_id):
        raise RowRefusal("MALFORMED_ID", f"{fact.name} ID: id value of incorrect type: {row_id}")
    if not row_id.startswith(fact.prefix):
        raise RowRefusal(
            "INVALID_CROSS_REFERENCE_KEY", f"{fact.name} ID: id value of incorrect type: {row_id}"
        )
    return normal_id(row_id)


def _check_alive(org: Org, fact: ObjectFact, row_id: str) -> None:
    _play_refusal(org, row_id)
    flags = [name for name in ("isdeleted", "isconverted") if name in fact.fields]
    selected = ", ".join(['"Id"', *(f'"{fact.fields[flag].name}"' for flag in flags)])
    row = org.db.execute(
        f'SELECT {selected} FROM "{fact.name}" WHERE "Id" = ?',  # noqa: S608 names of the schema
        (row_id,),
    ).fetchone()
    if row is None:
        raise RowRefusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    state = dict(zip(flags, row[1:], strict=True))
    if state.get("isdeleted"):
        raise RowRefusal("ENTITY_IS_DELETED", "entity is deleted")
    if state.get("isconverted"):
        raise RowRefusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def _play_refusal(org: Org, row_id: str) -> None:
    """Refuse a row that a test has planned to be refused: locked, or held by a rule."""
    row = org.db.execute(
        "UPDATE refused_row SET times = times - 1 WHERE id = ? AND times > 0 "
        "RETURNING code, message",
        (row_id,),
    ).fetchone()
    if row is not None:
        raise RowRefusal(row[0], row[1])


def _check_unique(org: Org, fact: ObjectFact, columns: Mapping[str, Any]) -> None:
    if not fact.unique:
        return
    matched = " AND ".join(f'"{name}" = ?' for name in fact.unique)
    values = [columns.get(name) for name in fact.unique]
    found = org.db.execute(f'SELECT 1 FROM "{fact.name}" WHERE {matched}', values)  # noqa: S608
    if found.fetchone():
        named = ", ".join(fact.unique)
        raise RowRefusal(
            "DUPLICATE_VALUE", f"duplicate value found: {named} duplicates value on another record"
        )


def _checked(view: View, fact: ObjectFact, values: Mapping[str, Any], flag: str) -> dict[str, Any]:
    fields = [(fact.fields[name.lower()], value) for name, value in values.items()]
    refused = [field.name for field, _ in fields if not _is_writable(view, fact, field, flag)]
    if refused:
        raise RowRefusal(
            "INVALID_FIELD_FOR_INSERT_UPDATE", _SECURITY.format(", ".join(refused)), *refused
        )
    return {field.name: _checked_value(field, value) for field, value in fields}


def _is_writable(view: View, fact: ObjectFact, field: FieldFact, flag: str) -> bool:
    if field.is_custom:
        return f"{fact.name}.{field.name}".lower() in view.writable
    return flag in field.flags


def _checked_value(field: FieldFact, value: object) -> object:
    if value is None:
        if "N" not in field.flags:
            problem = f"Required fields are missing: [{field.name}]"
            raise RowRefusal("REQUIRED_FIELD_MISSING", problem, field.name)
        return None
    match field.type:
        case "double" | "int":
            return _checked_number(field, value)
        case "date":
            return _checked_date(field, value)
        case "boolean":
            return _of_type(field, value, bool)
        case "picklist" if field.is_restricted and field.options and value not in field.options:
            problem = f"bad value for restricted picklist field: {value}"
            raise RowRefusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", problem, field.name)
    text = str(_of_type(field, value, str))
    if field.length and len(text) > field.length:
        problem = f"{field.label or field.name}: data value too large (max length={field.length})"
        raise RowRefusal("STRING_TOO_LONG", problem, field.name)
    return text or None


def _checked_number(field: FieldFact, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _of_type(field, value, float)
    if field.precision and abs(value) >= 10 ** (field.precision - field.scale):
        problem = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise RowRefusal("NUMBER_OUTSIDE_VALID_RANGE", problem, field.name)
    return round(float(value), field.scale) if field.type == "double" else int(value)


def _checked_date(field: FieldFact, value: object) -> object:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        return _of_type(field, value, date)


def _of_type(field: FieldFact, value: object, kind: type) -> object:
    if not isinstance(value, kind):
        problem = f"{field.name}: value not of required type: {value}"
        raise RowRefusal("INVALID_TYPE_ON_FIELD_IN_RECORD", problem, field.name)
    return value
