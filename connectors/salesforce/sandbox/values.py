"""What a field takes: values from JSON checked and made into what a row holds."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from connectors.salesforce.sandbox.errors import RowRefusal
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import FieldFact, spaced, standard_objects
from connectors.salesforce.sandbox.org import Org, stamp

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_YEARS = range(1700, 4001)


def checked(org: Org, field: FieldFact, value: object) -> object:
    """Give what a row holds for a value; an empty text is nothing.

    Raises:
        RowRefusal: If the field does not take it.
    """
    if value is None or value == "":
        if field.type == "boolean":
            raise _wrong_type(field, value)
        if "N" not in field.flags:
            problem = f"Required fields are missing: [{field.name}]"
            raise RowRefusal("REQUIRED_FIELD_MISSING", problem, field.name)
        return None
    if field.type == "reference":
        return _reference(org, field, value)
    return _CHECKS.get(field.type, _text)(field, value)


def _text(field: FieldFact, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong_type(field, value)
    if field.length and len(value) > field.length:
        shown = f"{field.label or spaced(field.name)}: data value too large: {value[:255]}"
        problem = f"{shown} (max length={field.length})"
        raise RowRefusal("STRING_TOO_LONG", problem, field.name)
    return value


def _email(field: FieldFact, value: object) -> str:
    text = _text(field, value)
    if not _EMAIL.fullmatch(text):
        problem = f"{field.label or spaced(field.name)}: invalid email address: {text}"
        raise RowRefusal("INVALID_EMAIL_ADDRESS", problem, field.name)
    return text


def _picklist(field: FieldFact, value: object) -> str:
    text = _text(field, value)
    if field.options and field.is_restricted and text not in field.options:
        raise off_list(field, text)
    return text


def _multipicklist(field: FieldFact, value: object) -> str:
    text = _text(field, value)
    for part in text.split(";"):
        if field.options and field.is_restricted and part not in field.options:
            raise off_list(field, part)
    return text


def off_list(field: FieldFact, value: str) -> RowRefusal:
    """Refuse a value that is not in a picklist."""
    shown = f"{field.label or spaced(field.name)}: bad value for restricted picklist field: {value}"
    return RowRefusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", shown, field.name)


def _number(field: FieldFact, value: object) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(field, value)
    if field.precision and abs(value) >= 10 ** (field.precision - field.scale):
        label = field.label or spaced(field.name)
        problem = f"{label}: value outside of valid range on numeric field: {value}"
        raise RowRefusal("NUMBER_OUTSIDE_VALID_RANGE", problem, field.name)
    return round(float(value), field.scale)


def _int(field: FieldFact, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _wrong_type(field, value)
    return int(value)


def _boolean(field: FieldFact, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(field, value)
    return value


def _date(field: FieldFact, value: object) -> str:
    try:
        found = date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _wrong_type(field, value) from None
    if found.year not in _YEARS:
        raise _wrong_type(field, value)
    return found.isoformat()


def _datetime(field: FieldFact, value: object) -> str:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise _wrong_type(field, value) from None
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def _reference(org: Org, field: FieldFact, value: object) -> str:
    label = field.label or spaced(field.name)
    if not isinstance(value, str) or not is_id(value):
        problem = f"{label}: id value of incorrect type: {value}"
        raise RowRefusal("MALFORMED_ID", problem, field.name)
    known = [standard_objects().get(name.lower()) for name in field.refers_to]
    target = next((fact for fact in known if fact and value.startswith(fact.prefix)), None)
    if target is None:
        problem = f"{label}: id value of incorrect type: {value}"
        raise RowRefusal("FIELD_INTEGRITY_EXCEPTION", problem, field.name)
    flag = '"IsDeleted"' if "isdeleted" in target.fields else "0"
    row = org.db.execute(
        f'SELECT {flag} FROM "{target.name}" WHERE "Id" = ?',  # noqa: S608 names of the schema
        (normal_id(value),),
    ).fetchone()
    if row is None:
        raise RowRefusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row[0]:
        raise RowRefusal("ENTITY_IS_DELETED", "entity is deleted")
    return normal_id(value)


_CHECKS: dict[str, Callable[[FieldFact, Any], object]] = {
    "boolean": _boolean,
    "currency": _number,
    "date": _date,
    "datetime": _datetime,
    "double": _number,
    "email": _email,
    "int": _int,
    "multipicklist": _multipicklist,
    "percent": _number,
    "picklist": _picklist,
}


def _wrong_type(field: FieldFact, value: object) -> RowRefusal:
    problem = f"{field.label or spaced(field.name)}: value not of required type: {value}"
    return RowRefusal("INVALID_TYPE_ON_FIELD_IN_RECORD", problem, field.name)
