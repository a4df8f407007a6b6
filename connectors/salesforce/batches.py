"""The calls that write and read records by the hundred: sObject collections."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors._errors import ConnectorError
from connectors.salesforce.client import Client
from connectors.salesforce.refusals import refusal, translated

_ADDRESS = "composite/sobjects"
_HEADERS = {"Sforce-Duplicate-Rule-Header": "allowSave=true", "Sforce-Auto-Assign": "FALSE"}
_REFUSED = 400


def save_all(
    client: Client, doing: str, method: str, records: list[dict[str, object]]
) -> list[dict[str, Any]]:
    """Create (POST) or update (PATCH) up to 200 records; one result per record, in order."""
    body = json.dumps({"allOrNone": False, "records": records})
    with translated(doing):
        results = client.rest(doing, _ADDRESS, method=method, data=body, headers=_HEADERS)
        return list(results or [])


def save_parts(
    client: Client, doing: str, parts: Sequence[list[dict[str, object]]]
) -> list[list[dict[str, Any]] | ConnectorError]:
    """Update up to five times 200 records in one call.

    Returns:
        For each part one result per record, in order, or what it was refused with.

    Raises:
        ConnectorError: If the call as a whole is refused.
    """
    wanted = [
        {
            "method": "PATCH",
            "url": f"/services/data/v{client.version}/{_ADDRESS}",
            "referenceId": f"part{at}",
            "body": {"allOrNone": False, "records": records},
            "httpHeaders": _HEADERS,
        }
        for at, records in enumerate(parts)
    ]
    body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": wanted}
    with translated(doing):
        found = client.rest(doing, "composite", method="POST", json=body)["compositeResponse"]
        answers = {one["referenceId"]: one for one in found}
        return [_opened(doing, answers.get(one["referenceId"])) for one in wanted]


def read_all(
    client: Client, name: str, ids: Sequence[str], fields: Sequence[str]
) -> list[dict[str, Any]]:
    """Give fields of up to 2000 records by their ids; what is not there is left out."""
    body = {"ids": list(ids), "fields": list(fields)}
    doing = f"to look up {name} records"
    with translated(doing):
        found = client.rest(doing, f"{_ADDRESS}/{name}", method="POST", json=body)
        return [dict(one) for one in found if one is not None]


def _opened(doing: str, part: Mapping[str, Any] | None) -> list[dict[str, Any]] | ConnectorError:
    """Read what came of a part; of one that is not answered nothing is known."""
    if part is None:
        return []
    status = int(part["httpStatusCode"])
    return list(part["body"] or []) if status < _REFUSED else refusal(doing, status, part["body"])
