"""Rows named by an external id: found, changed, or made."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.sandbox import rows
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.objects import FieldFact, ObjectFact
from connectors.salesforce.sandbox.org import Org, View


class SeveralRows(RowRefusal):
    """An external id that more than one row has; `ids` are theirs."""

    def __init__(self, name: str, ids: list[str]) -> None:
        listed = ", ".join(ids)
        problem = f"{name}: more than one record found for external id field: [{listed}]"
        super().__init__("DUPLICATE_EXTERNAL_ID", problem)
        self.ids = ids


def upsert(
    org: Org, view: View, fact: ObjectFact, key: tuple[str, str], given: Mapping[str, Any]
) -> tuple[str, bool]:
    """Change the row whose external id this is, or make one.

    Args:
        org: The org.
        view: Who writes.
        fact: The object.
        key: The field, and the value that is looked for.
        given: The values, without the external id.

    Returns:
        The row's id, and whether it was made.

    Raises:
        RowRefusal: If Salesforce would not take it.
    """
    field = external_field(fact, key[0])
    if field.name == "Id":
        if not key[1]:
            return rows.create(org, view, fact, given), True
        rows.update(org, view, fact, key[1], given)
        return rows.checked_id(fact, key[1]), False
    found = find(org, fact, field, key[1])
    if len(found) > 1:
        raise SeveralRows(field.name, found)
    if found:
        rows.update(org, view, fact, found[0], given)
        return found[0], False
    number = float(key[1]) if field.type == "double" else key[1]
    return rows.create(org, view, fact, {**given, field.name: number}), True


def external_field(fact: ObjectFact, name: str) -> FieldFact:
    """Find a field that rows may be named by.

    Raises:
        Refusal: If there is none of that name, or it is no external id.
    """
    field = fact.fields.get(name.lower())
    if field is None or not (field.is_external_id or field.type in {"id", "email"}):
        problem = f"Provided external ID field does not exist or is not accessible: {name}"
        raise Refusal(404, "NOT_FOUND", problem)
    return field


def find(org: Org, fact: ObjectFact, field: FieldFact, value: str) -> list[str]:
    """Give the ids of the living rows that hold a value in a field."""
    alive = ' AND "IsDeleted" = 0' if "isdeleted" in fact.fields else ""
    found = org.db.execute(
        f'SELECT "Id" FROM "{fact.name}" WHERE "{field.name}" = ?{alive} ORDER BY "Id"',  # noqa: S608
        (value,),
    )
    return [row[0] for row in found]
