"""What fields of records hold now, two thousand records to a call."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from connectors._errors import ConnectorError
from connectors._records import ExternalId, FieldType, FieldValue, Target
from connectors.salesforce.batches import read_all
from connectors.salesforce.checking import describe, field_type
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import SOBJECTS
from connectors.salesforce.refusals import is_unknown
from connectors.salesforce.saving import fields_refused

MOST_ROWS = 2000


class Holdings:
    """Reads what records hold; which fields are dates is asked once for each kind of record."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._dates: dict[Target, frozenset[str]] = {}

    def held(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> Mapping[ExternalId, Mapping[str, FieldValue]]:
        """Read what records hold; see `Connector.held`."""
        found: dict[ExternalId, Mapping[str, FieldValue]] = {}
        if not ids:
            return found
        if target not in self._dates:
            self._dates[target] = self._described(target)
        for begin in range(0, len(ids), MOST_ROWS):
            for row in self._rows(target, ids[begin:][:MOST_ROWS], names):
                found[ExternalId(str(row["Id"]))] = {
                    name: _value(row.get(name), is_date=name in self._dates[target])
                    for name in names
                }
        return found

    def _described(self, target: Target) -> frozenset[str]:
        shown = describe(self._client, [target]).values()
        return frozenset(str(one["name"]) for one in shown if field_type(one) is FieldType.DATE)

    def _rows(
        self, target: Target, ids: Sequence[ExternalId], names: Sequence[str]
    ) -> list[dict[str, Any]]:
        try:
            return read_all(self._client, SOBJECTS[target], ids, ["Id", *names])
        except ConnectorError as error:
            told = fields_refused(self._client, {target: names}) if is_unknown(error) else None
            if told is None:
                raise
            raise told from error


def _value(raw: object, *, is_date: bool) -> FieldValue:
    """Read a value; a number is whole, as Tieline's are, and what is none of ours is text."""
    if raw is None or raw == "":
        return None
    if is_date:
        return date.fromisoformat(str(raw)[:10])
    return round(raw) if isinstance(raw, int | float) else str(raw)
