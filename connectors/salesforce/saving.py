"""One call that writes records, and what Salesforce said about each of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors._errors import ConnectorError, FieldsRefused
from connectors._records import ExternalId, FieldUpdate, Target, WriteResult
from connectors.salesforce.batches import save_all, save_parts
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import SOBJECTS, from_update
from connectors.salesforce.refusals import is_unknown, refused

MOST_ROWS, MOST_PARTS = 200, 5

_DOING = "to write Tieline's fields"


@dataclass(frozen=True, slots=True)
class Said:
    """What Salesforce said to an update.

    Attributes:
        fields: Those that it names in a refusal.
    """

    update: FieldUpdate
    result: WriteResult
    fields: frozenset[str] = frozenset()


def save(
    client: Client,
    part: Sequence[FieldUpdate],
    accounts: Mapping[ExternalId, str] | None = None,
) -> list[Said]:
    """Write up to 200 records in one call.

    Args:
        client: Whom to call.
        part: What to write.
        accounts: The person accounts to write contacts through.

    Raises:
        ConnectorError: If the call as a whole is refused.
    """
    records = [from_update(u, account=(accounts or {}).get(u.id)) for u in part]
    try:
        return said(part, save_all(client, _DOING, "PATCH", records))
    except ConnectorError as error:
        told = explained(client, part, error)
        if told is error:
            raise
        raise told from error


def save_together(
    client: Client, parts: Sequence[Sequence[FieldUpdate]]
) -> list[list[Said] | ConnectorError]:
    """Write several parts in one call; each stands by itself.

    Raises:
        ConnectorError: If the call as a whole is refused.
    """
    answers = save_parts(client, _DOING, [[from_update(u) for u in part] for part in parts])
    return [
        answer if isinstance(answer, ConnectorError) else said(part, answer)
        for part, answer in zip(parts, answers, strict=True)
    ]


def said(part: Sequence[FieldUpdate], results: Sequence[object]) -> list[Said]:
    """Read what was said about each record, which stands at its place; silence is no yes."""
    return [
        _said(update, results[at] if at < len(results) else None) for at, update in enumerate(part)
    ]


def explained(client: Client, part: Sequence[FieldUpdate], error: ConnectorError) -> ConnectorError:
    """Name the fields that a refusal is about, if it is about fields."""
    return (fields_refused(client, written(part)) or error) if is_unknown(error) else error


def fields_refused(client: Client, names: Mapping[Target, Iterable[str]]) -> FieldsRefused | None:
    """Name the fields that Salesforce does not show us any more, if there are any."""
    missing = [
        (target, name)
        for target, wanted in names.items()
        for name in _hidden(client, target, wanted)
    ]
    return not_writable(missing) if missing else None


def not_writable(fields: Sequence[tuple[Target, str]]) -> FieldsRefused:
    """Say that fields cannot be written."""
    listed = ", ".join(f"{SOBJECTS[target]}.{name}" for target, name in fields)
    told = (
        f"Salesforce does not let us write {listed}: create the fields again or assign the "
        "permission set Tieline, with edit access to them, to the integration user."
    )
    return FieldsRefused(told, fields)


def written(part: Sequence[FieldUpdate]) -> dict[Target, dict[str, None]]:
    """Give the names of the fields that are written, by kind of record."""
    names: dict[Target, dict[str, None]] = {}
    for update in part:
        names.setdefault(update.target, {}).update(dict.fromkeys(update.values))
    return names


def _said(update: FieldUpdate, raw: object) -> Said:
    """Read one result; only a plain yes is a yes."""
    answer: dict[str, Any] = raw if isinstance(raw, dict) else {}
    if answer.get("success") is True:
        return Said(update, WriteResult(update.target, update.id, ok=True))
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    first = first if isinstance(first, dict) else {}
    named = first.get("fields")
    fields = frozenset(map(str, named)) if isinstance(named, list) else frozenset()
    return Said(update, refused(update.target, update.id, str(first.get("statusCode", ""))), fields)


def _hidden(client: Client, target: Target, names: Iterable[str]) -> list[str]:
    shown = {str(field["name"]).lower() for field in client.describe(SOBJECTS[target])["fields"]}
    return [name for name in names if name.lower() not in shown]
