"""Reading objects by their ids, a hundred a call; those that are not there once more, as archived.

What HubSpot has archived it tells of for three months; what was erased, not at all. An object that
was merged into another is not there either: the survivor names it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connectors._records import ExternalId, Record
from connectors.hubspot.client import Client
from connectors.hubspot.refusals import complaints, refusal
from connectors.hubspot.rows import ids
from connectors.hubspot.streams import Source

OBJECTS_PER_CALL = 100

NOT_THERE = "OBJECT_NOT_FOUND"


def numbers_of(type_id: str, given: Sequence[ExternalId]) -> list[str]:
    """Give HubSpot's own ids of those that are of a type, each once."""
    parts = (one.partition(":") for one in dict.fromkeys(given))
    return [own for kind, _, own in parts if kind == type_id and own.isascii() and own.isdigit()]


def rows_of(client: Client, source: Source, numbers: Sequence[str]) -> list[Any]:
    """Read objects as rows; one that is archived says so."""
    rows = _read(client, source, numbers, archived=False)
    there = set(ids(rows))
    gone = [number for number in numbers if number not in there]
    rows += _read(client, source, gone, archived=True)
    return [row for row in rows if _is_meant(source, row)]


def is_archived(row: Any) -> bool:  # noqa: ANN401  # HubSpot's row
    """Whether a row is of an object that was deleted."""
    return isinstance(row, dict) and row.get("archived") is True


def gone(record: Record) -> Record:
    """Give a record as deleted."""
    return replace(record, is_deleted=True)


def _read(client: Client, source: Source, numbers: Sequence[str], *, archived: bool) -> list[Any]:
    rows: list[Any] = []
    names = [*source.properties, *source.extra, *(one["propertyName"] for one in source.filters)]
    for begin in range(0, len(numbers), OBJECTS_PER_CALL):
        few = numbers[begin : begin + OBJECTS_PER_CALL]
        wanted = {
            "properties": names,
            "propertiesWithHistory": [],
            "inputs": [{"id": number} for number in few],
        }
        answer = client.ask(client.batch_api.read, source.type_id, wanted, archived=archived)
        if not all(one.code == NOT_THERE for one in complaints(answer.response)):
            raise refusal(answer.response)
        rows += answer.rows()
    return rows


def _is_meant(source: Source, row: Any) -> bool:  # noqa: ANN401  # HubSpot's row
    """Whether a row is of this stream; one that cannot be read is, so that it is told."""
    properties = row.get("properties") if isinstance(row, dict) else None
    if not isinstance(properties, dict):
        return True
    return all(properties.get(one["propertyName"]) in one["values"] for one in source.filters)
