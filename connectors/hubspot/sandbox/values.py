"""What a property may hold: the checks of a write, and the codes of what fails them."""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import Refused, bad_request, error, invalid_values
from connectors.hubspot.sandbox.request import Asked

DAY_MS = 86_400_000

Problem = dict[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """The properties of one input after the checks: as they will be held, and what was wrong."""

    values: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()


def check(
    asked: Asked, type_id: str, properties: object, known: Mapping[str, Mapping[str, Any]]
) -> Checked:
    """Check the properties of one input; a body that is none is refused at once."""
    if not isinstance(properties, dict):
        raise bad_request("Invalid input JSON: properties must be an object.")
    values, problems, warnings = {}, [], []
    for name, value in properties.items():
        if not isinstance(value, str):
            raise bad_request("Invalid input JSON: property values are strings.")
        kept = _normal(asked, known.get(name), value)
        if kept != value and not value.isdigit() and known[name]["type"] == "date":
            warnings.append(_warning(name, value, kept))
        found = _problem(asked.db, type_id, name, kept, known.get(name))
        problems += [found] if found else []
        values[name] = kept
    return Checked(values, tuple(problems), tuple(warnings))


def problem(code: str, name: str, message: str) -> Problem:
    """Say what is wrong with a property, as the errors list it."""
    return {"message": message, "error": code, "name": name}


def refusal(problems: tuple[Problem, ...]) -> Refused:
    """Refuse a whole request for what its properties hold."""
    return Refused(400, refusal_body(problems))


def refusal_body(problems: tuple[Problem, ...], trace: object = None) -> dict[str, Any]:
    """Give the error for what an input's properties hold."""
    details = [
        {"message": p["message"], "code": p["error"], "context": {"propertyName": [p["name"]]}}
        for p in problems
    ]
    body = error(invalid_values(problems), "VALIDATION_ERROR", errors=details)
    return body | ({"context": {"objectWriteTraceId": [str(trace)]}} if trace else {})


def lacking(type_id: str, values: Mapping[str, str]) -> dict[str, Any] | None:
    """Give the error for a new object without what its type needs, if it lacks something."""
    missing = [name for name in facts.REQUIRED.get(type_id, ()) if not values.get(name)]
    if not missing:
        return None
    name = facts.SINGULAR[type_id].upper()
    message = f"Error creating {name}. Some required properties were not set."
    return error(message, "VALIDATION_ERROR", context={"properties": missing})


def broken_rules(
    db: sqlite3.Connection, type_id: str, values: Mapping[str, str], *, is_new: bool
) -> tuple[Problem, ...]:
    """Give what the portal's own rules say against an object as it would be after a write."""
    found = []
    rows = db.execute("SELECT name, when_name, when_value FROM rules WHERE type = ?", (type_id,))
    for name, when, value in rows:
        if values.get(name):
            continue
        if when is not None and values.get(when) == value:
            code = "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
            found.append(problem(code, name, f"{name} is required when {when} is {value}"))
        elif when is None and is_new:
            found.append(problem("MISSING_REQUIRED_PROPERTY", name, f"{name} is required"))
    return tuple(found)


def _normal(asked: Asked, definition: Mapping[str, Any] | None, value: str) -> str:
    """Give a value as HubSpot would hold it."""
    if definition is None:
        return value
    if definition["name"] == "email" or definition["type"] == "bool":
        return value.lower()
    at = state.parsed_time(value) if definition["type"] == "datetime" else None
    if at is not None:
        return state.iso(at)
    is_midnight = value.isdigit() and int(value) % DAY_MS == 0
    if definition["type"] == "date" and (asked.is_newest or is_midnight):
        return _date(value) or value
    return value


def _warning(name: str, value: str, kept: str) -> dict[str, Any]:
    return {
        "category": "PROPERTY_VALUE_NORMALIZED",
        "message": f"The value of {name} was normalized.",
        "context": {"propertyName": [name], "rawValue": [value], "normalizedValue": [kept]},
    }


def _problem(
    db: sqlite3.Connection,
    type_id: str,
    name: str,
    value: str,
    definition: Mapping[str, Any] | None,
) -> Problem | None:
    if definition is None:
        return problem("PROPERTY_DOESNT_EXIST", name, f'Property "{name}" does not exist')
    if definition["modificationMetadata"]["readOnlyValue"]:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return problem("READ_ONLY_VALUE", name, message)
    if value == "":
        return None
    if name in {"pipeline", "hs_pipeline", "dealstage", "hs_pipeline_stage"}:
        return _staged(db, type_id, name, value)
    return _misfit(definition, name, value)


def _staged(db: sqlite3.Connection, type_id: str, name: str, value: str) -> Problem | None:
    """Check a pipeline or a stage against those that the object type has."""
    pipelines = state.pipelines(db, type_id)
    ids = {pipeline["id"] for pipeline in pipelines}
    if name in {"dealstage", "hs_pipeline_stage"}:
        ids = {stage["id"] for pipeline in pipelines for stage in pipeline["stages"]}
    if value in ids:
        return None
    return problem("INVALID_OPTION", name, f"{value} was not one of the allowed options")


def _misfit(definition: Mapping[str, Any], name: str, value: str) -> Problem | None:
    options = [option["value"] for option in definition.get("options") or ()]
    kind = definition["type"]
    if kind == "enumeration" and options:
        several = definition["fieldType"] == "checkbox"
        chosen = value.strip(";").split(";") if several else [value]
        if not set(chosen) <= set(options):
            message = f"{value} was not one of the allowed options: {options}"
            return problem("INVALID_OPTION", name, message)
    if name == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value):
        return problem("INVALID_EMAIL", name, f"Email address {value} is invalid")
    code, fits = _CHECKS.get(kind, ("", bool))
    return None if fits(value) else problem(code, name, f"{value} was not a valid {kind}.")


def _is_number(value: str) -> bool:
    with contextlib.suppress(ValueError):
        float(value)
        return not any(sign in value for sign in ",_nN")
    return False


def _is_midnight(value: str) -> bool:
    return value == "" or _date(value) == value


def _is_time(value: str) -> bool:
    return state.parsed_time(value) is not None


def _date(value: str) -> str | None:
    """Give the date in a date, a time, or a number of ms."""
    at = state.parsed_time(value)
    return state.iso(at)[:10] if at is not None else None


_CHECKS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "number": ("INVALID_LONG", _is_number),
    "date": ("INVALID_DATE", _is_midnight),
    "datetime": ("INVALID_DATE", _is_time),
    "bool": ("INVALID_BOOLEAN", {"true", "false"}.__contains__),
    "string": ("INVALID_LENGTH", lambda value: len(value) <= facts.LONGEST_STRING),
}
"""What a value of a type must be, and the code if it is not."""
