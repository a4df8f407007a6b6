"""What properties of records hold now, a hundred records to a call."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from connectors._errors import FieldsRefused
from connectors._records import ExternalId, FieldValue, Target
from connectors.hubspot.checking import Shown, properties
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import TARGETS, external_id, object_id
from connectors.hubspot.rows import Unreadable, id_of

MOST_ROWS = 100


class Holdings:
    """Reads what records hold; of which type a property is, is asked once per object type.

    HubSpot leaves a property that is not there out of an answer without a word.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shown: dict[str, Shown] = {}

    def held(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        """Read what records hold; see `Connector.held`."""
        numbers = [number for one in ids if (number := object_id(target, one)) is not None]
        found: dict[ExternalId, Mapping[str, FieldValue]] = {}
        if not numbers:
            return found
        type_id = TARGETS[target]
        kinds = self._kinds(target, names)
        for begin in range(0, len(numbers), MOST_ROWS):
            for row in self._rows(type_id, numbers[begin:][:MOST_ROWS], names):
                values = row.get("properties") or {}
                found[external_id(type_id, id_of(row))] = {
                    name: _value(values.get(name), kinds[name]) for name in names
                }
        return found

    def _kinds(self, target: Target, names: Sequence[str]) -> dict[str, str]:
        type_id = TARGETS[target]
        if type_id not in self._shown:
            self._shown[type_id] = properties(self._client, type_id)
        shown = self._shown[type_id]
        missing = [name for name in names if name not in shown]
        if missing:
            del self._shown[type_id]
            raise FieldsRefused(
                f"HubSpot has no property {', '.join(missing)}: restore it in HubSpot's settings, "
                "or have Tieline create its fields again.",
                [(target, name) for name in missing],
            )
        return {name: str(shown[name].get("type")) for name in names}

    def _rows(
        self, type_id: str, numbers: Sequence[str], names: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        inputs = [{"id": number} for number in numbers]
        asked = {"inputs": inputs, "properties": list(names), "propertiesWithHistory": []}
        rows = self._client.ask(self._client.batch_api.read, type_id, asked).rows()
        return [row for row in rows if _is_row(row)]


def _is_row(row: object) -> bool:
    try:
        return bool(id_of(row))
    except Unreadable:
        return False


def _value(raw: object, kind: str) -> FieldValue:
    """Read a value; a number is whole, as Tieline's are, and what is none of ours is text."""
    if raw is None or raw == "":
        return None
    text = str(raw)
    try:
        if kind == "number":
            return round(float(text))
        if kind == "date":
            return _date(text)
    except (ValueError, OverflowError):
        return text
    return text


def _date(text: str) -> date:
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC).date()
    return date.fromisoformat(text[:10])
