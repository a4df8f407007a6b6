"""Rows that hang on a row and had no room beside it: a call for each further part of them."""

from typing import Any

from connectors.salesforce.client import Answer, Client
from connectors.salesforce.sources import Source

MOST_PARTS = 1000


def complete(client: Client, source: Source, answer: Answer) -> None:
    """Put the rest of their relations into the rows of an answer."""
    rows = [row for row in answer.rows if isinstance(row, dict)]
    nested = (row.get(relation.name) for relation in source.relations for row in rows)
    for part in filter(None, nested):
        more: dict[str, Any] = part if isinstance(part, dict) else {}
        for _ in range(MOST_PARTS):
            if not more.get("nextRecordsUrl"):
                break
            more = client.part(f"to read {source.sobject}", more["nextRecordsUrl"])
            part["records"] += more["records"]
