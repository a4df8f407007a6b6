"""Writing: values of custom fields, in sObject Collections of at most 200 records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simple_salesforce.format import format_soql

from connectors._errors import ConnectorError, FieldsRefused
from connectors._records import FieldUpdate, Target, WriteResult
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import SOBJECTS, from_update
from connectors.salesforce.refusals import is_final, is_unknown, row_reason

MOST_ROWS, MOST_CHUNKS = 200, 10
_NOT_EDITABLE = "INVALID_FIELD_FOR_INSERT_UPDATE"


def write(client: Client, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
    """Write updates in their order; see `Connector.write`.

    A contact that is the shadow of a person account may take its fields through the account only:
    those that Salesforce refuses are looked up, and written there.
    """
    has_persons = True
    for batch in batches(updates):
        results = _sent(client, batch, [from_update(update) for update in batch])
        refused = [u for u, r in zip(batch, results, strict=True) if _may_be_person(u, r)]
        found = _accounts(client, refused) if refused and has_persons else {}
        has_persons = has_persons and found is not None
        accounts = found or {}
        persons = [update for update in refused if update.id in accounts]
        yield [r for u, r in zip(batch, results, strict=True) if u not in persons]
        if persons:
            records = [from_update(update, account=accounts[update.id]) for update in persons]
            yield _sent(client, persons, records)


def _sent(
    client: Client, batch: Sequence[FieldUpdate], records: list[dict[str, object]]
) -> list[WriteResult]:
    try:
        results = client.save_all("to write Tieline's fields", "PATCH", records)
    except ConnectorError as error:
        if is_unknown(error):
            raise fields_refused(client, _written(batch)) or error from error
        raise
    return [
        _result(update, results[at] if at < len(results) else None)
        for at, update in enumerate(batch)
    ]


def _may_be_person(update: FieldUpdate, result: WriteResult) -> bool:
    return update.target is Target.CONTACT and result.code == _NOT_EDITABLE


def _accounts(client: Client, updates: Sequence[FieldUpdate]) -> dict[str, str] | None:
    """Give the person accounts of contacts that are one; None in an org without them."""
    soql = format_soql(
        "SELECT Id, AccountId FROM Contact WHERE IsPersonAccount = true AND Id IN {}",
        [str(update.id) for update in updates],
    )
    try:
        found = client.query("to look for person accounts", soql).rows
    except ConnectorError as error:
        if is_unknown(error):
            return None
        raise
    return {str(row["Id"]): str(row["AccountId"]) for row in found}


def batches(updates: Sequence[FieldUpdate]) -> Iterator[Sequence[FieldUpdate]]:
    """Cut updates into calls: 200 records, of kinds that change at most nine times."""
    begin, chunks = 0, 0
    for at, update in enumerate(updates):
        is_new_chunk = at == begin or update.target is not updates[at - 1].target
        if at - begin >= MOST_ROWS or (is_new_chunk and chunks >= MOST_CHUNKS):
            yield updates[begin:at]
            begin, chunks, is_new_chunk = at, 0, True
        chunks += is_new_chunk
    if begin < len(updates):
        yield updates[begin:]


def calls_to_write(counts: Mapping[Target, int]) -> int:
    """Predict the calls that so many records take."""
    return -(-sum(counts.values()) // MOST_ROWS)


def _result(update: FieldUpdate, raw: object) -> WriteResult:
    """Read one result; only a plain yes is a yes."""
    answer = raw if isinstance(raw, dict) else {}
    if answer.get("success") is True:
        return WriteResult(update.target, update.id, ok=True)
    code = _code(answer)
    if not code:
        reason = "Salesforce gave no answer about the record; Tieline tries again."
        return WriteResult(
            update.target, update.id, ok=False, code="NO_ANSWER", reason=reason, is_final=False
        )
    return WriteResult(
        update.target,
        update.id,
        ok=False,
        code=code,
        reason=row_reason(code),
        is_final=is_final(code),
    )


def _code(answer: dict[str, Any]) -> str:
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("statusCode", "")) if isinstance(first, dict) else ""


def fields_refused(client: Client, names: Mapping[Target, Iterable[str]]) -> FieldsRefused | None:
    """Name the fields that Salesforce does not show us any more, if there are any."""
    missing = [
        (target, name)
        for target, wanted in names.items()
        for name in _hidden(client, target, wanted)
    ]
    if not missing:
        return None
    listed = ", ".join(f"{SOBJECTS[target]}.{name}" for target, name in missing)
    told = (
        f"Salesforce does not let us write {listed}: create the fields again or assign the "
        "permission set Tieline to the integration user."
    )
    return FieldsRefused(told, missing)


def _written(batch: Sequence[FieldUpdate]) -> dict[Target, dict[str, None]]:
    """Give the names of the fields that a batch writes, by kind of record."""
    names: dict[Target, dict[str, None]] = {}
    for update in batch:
        names.setdefault(update.target, {}).update(dict.fromkeys(update.values))
    return names


def _hidden(client: Client, target: Target, names: Iterable[str]) -> list[str]:
    shown = {str(field["name"]).lower() for field in client.describe(SOBJECTS[target])["fields"]}
    return [name for name in names if name.lower() not in shown]
