"""Rows of SQL made into records of JSON: which column goes where, and what stands around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from connectors.salesforce.sandbox.facts import TOOLING
from connectors.salesforce.sandbox.objects import FieldFact

Row = Sequence[Any]
Record = dict[str, Any]
Make = Callable[[Row], Any]


def reading(at: int, fact: FieldFact) -> Make:
    """Give what reads a column of a row as JSON shows it."""
    if fact.type != "boolean":
        return itemgetter(at)
    return lambda row: None if row[at] is None else row[at] == 1


@dataclass(slots=True)
class Shape:
    """A record to be made of a row.

    Attributes:
        version: Of the API, for the addresses.
        id_at: The column of the record's id.
        objects: Object names by the first letters of the id.
        shown_as: The type it tells; that of its object where it is empty.
        parts: What reads each entry, in order; a parent is a shape of its own.
    """

    version: str
    id_at: int
    objects: dict[str, str]
    shown_as: str = ""
    parts: "dict[str, Make | Shape]" = field(default_factory=dict)

    def record(self, row: Row) -> Record | None:
        """Make a record; None if there is no such row."""
        row_id = row[self.id_at]
        if row_id is None:
            return None
        record: Record = {"attributes": self._attributes(row_id)}
        for name, part in self.parts.items():
            record[name] = part.record(row) if isinstance(part, Shape) else part(row)
        return record

    def _attributes(self, row_id: str) -> dict[str, str]:
        name = self.objects.get(row_id[:3], "Name")
        tooling = "tooling/" if name in TOOLING else ""
        url = f"/services/data/v{self.version}/{tooling}sobjects/{name}/{row_id}"
        return {"type": self.shown_as or name, "url": url}


@dataclass(slots=True)
class Choice:
    """A parent whose fields depend on its object: shapes by the first letters of the id."""

    id_at: int
    shapes: dict[str, Shape]
    otherwise: Shape | None

    def __call__(self, row: Row) -> Record | None:
        """Make the record of the object that the parent is of."""
        row_id = row[self.id_at]
        if row_id is None:
            return None
        shape = self.shapes.get(row_id[:3], self.otherwise)
        return shape.record(row) if shape else None
