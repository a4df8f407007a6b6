"""Writing our custom fields: a hundred records a call, and a verdict for each of them.

m records take ceil(m / 100) calls, and a few more where HubSpot refuses a batch as a whole. A
record that was archived, erased or merged away since it was read gets the code `GONE`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import httpx

from connectors._errors import FieldsRefused
from connectors._records import ExternalId, FieldUpdate, Target, WriteResult
from connectors.hubspot.client import Answer, Client
from connectors.hubspot.mapping import TARGETS, from_update, object_id
from connectors.hubspot.refusals import Complaint, complaints, refusal
from connectors.hubspot.rows import Unreadable, id_of

INPUTS_PER_CALL = 100
BAD_BATCH = (400, 404, 409)
"""What HubSpot answers to a whole batch when it may be one record that is wrong."""

GONE = "OBJECT_NOT_FOUND"
"""The code of a record that HubSpot no longer has."""

WRONG_KIND = "WRONG_KIND"
NO_PROPERTY, READ_ONLY = "PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"
UNSAID = "NOT_CONFIRMED"

REASONS = {
    GONE: "HubSpot no longer has this record: it was deleted or merged into another.",
    WRONG_KIND: "The id is not of a record that Tieline writes to in HubSpot.",
    "INVALID_OPTION": "The value is none of the property's options: add it in HubSpot.",
    "INVALID_INTEGER": "HubSpot wants a whole number here.",
    "INVALID_LONG": "HubSpot wants a whole number here.",
    "INVALID_NUMBER": "HubSpot wants a number here.",
    "INVALID_DATE": "HubSpot wants a date here.",
    "INVALID_LENGTH": "The value is too long for the property: map the field to another one.",
    "INVALID_EMAIL": "HubSpot wants an address here: map the field to another property.",
    "MISSING_REQUIRED_PROPERTY": (
        "The record lacks a property that the portal requires: fill it in on the record."
    ),
    "CONFLICT": "HubSpot says that the record collides with another: merge the two.",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": (
        "A rule of the portal wants another property filled in first: fill it in on the record."
    ),
    UNSAID: "HubSpot did not say that it took the value; Tieline writes it again.",
}
PASSING = frozenset({UNSAID, "RATE_LIMIT", "RATE_LIMITS", "INTERNAL_ERROR", "LOCKED", "TIMEOUT"})
"""Codes that say something of the moment, not of the record."""


@dataclass(frozen=True, slots=True)
class _Input:
    """An update and HubSpot's own id of its record."""

    update: FieldUpdate
    number: str

    def result(self, complaint: Complaint | None) -> WriteResult:
        target, external = self.update.target, self.update.id
        if complaint is None:
            return WriteResult(target, external, ok=True)
        return _refused(target, external, complaint.code)


def write(client: Client, updates: Sequence[FieldUpdate]) -> Iterator[Sequence[WriteResult]]:
    """Write values, one kind of record after the other; see `Connector.write`."""
    for target in dict.fromkeys(update.target for update in updates):
        inputs: list[_Input] = []
        strangers: list[WriteResult] = []
        for update in updates:
            number = object_id(target, update.id)
            if update.target is target and number is not None:
                inputs.append(_Input(update, number))
            elif update.target is target:
                strangers.append(_refused(target, update.id, WRONG_KIND))
        if strangers:
            yield strangers
        for begin in range(0, len(inputs), INPUTS_PER_CALL):
            yield from _write_batch(client, TARGETS[target], inputs[begin:][:INPUTS_PER_CALL])


def calls_to_write(counts: Mapping[Target, int]) -> int:
    """Predict the calls that so many records take."""
    return sum(-(-counts.get(target, 0) // INPUTS_PER_CALL) for target in TARGETS)


def _write_batch(
    client: Client, type_id: str, inputs: Sequence[_Input]
) -> Iterator[Sequence[WriteResult]]:
    """Write a batch; one that is refused as a whole is halved until the culprit stands alone."""
    rows = [
        {"id": i.number, "properties": from_update(i.update), "objectWriteTraceId": i.number}
        for i in inputs
    ]
    answer = client.ask(client.batch_api.update, type_id, {"inputs": rows}, accept=BAD_BATCH)
    said = complaints(answer.response)
    if answer.response.is_success:
        refused = _refused_fields(said, inputs)
        results = [r for r in _verdicts(answer, inputs) if not refused or r.ok]
        if results:
            yield results
        if refused:
            raise refused
        return
    if refused := _refused_fields(said, inputs):
        raise refused
    complaint = said[0] if said else Complaint(UNSAID)
    if answer.response.status_code == httpx.codes.NOT_FOUND and complaint.code != GONE:
        raise refusal(answer.response)  # the address is gone, not the records
    if len(inputs) == 1:
        yield [inputs[0].result(complaint)]
        return
    half = len(inputs) // 2
    yield from _write_batch(client, type_id, inputs[:half])
    yield from _write_batch(client, type_id, inputs[half:])


def _verdicts(answer: Answer, inputs: Sequence[_Input]) -> list[WriteResult]:
    """Judge each record by what HubSpot says about it, whatever the answer's status."""
    said = complaints(answer.response)
    refused = {number: c for c in reversed(said) for number in c.inputs}  # the most exact stays
    general = next((c for c in said if not c.inputs), Complaint(UNSAID))
    taken = _taken(answer)
    return [i.result(refused.get(i.number, None if i.number in taken else general)) for i in inputs]


def _taken(answer: Answer) -> set[str]:
    """Give the ids that HubSpot says it has written."""
    taken = set()
    rows = answer.body.get("results")
    for row in rows if isinstance(rows, list) else []:
        try:
            taken.add(id_of(row))
        except Unreadable:
            continue
    return taken


def _refused_fields(said: Sequence[Complaint], inputs: Sequence[_Input]) -> FieldsRefused | None:
    """Name the properties that no record may be given a value of any more, if there are any."""
    about = [one for one in said if one.code in {NO_PROPERTY, READ_ONLY}]
    if not about:
        return None
    names = dict.fromkeys(one.property for one in about if one.property)
    listed = ", ".join(names) or "that is written"
    told = (
        f"HubSpot no longer has the property {listed}: restore it in HubSpot's settings, or have "
        "Tieline create its fields again."
        if about[0].code == NO_PROPERTY
        else f"HubSpot does not let us write the property {listed}: allow changes to it to the "
        "service key or app in HubSpot's settings."
    )
    return FieldsRefused(told, [(inputs[0].update.target, name) for name in names])


def _refused(target: Target, external: ExternalId, code: str) -> WriteResult:
    reason = REASONS.get(code, f"HubSpot refused the values of this record ({code}).")
    return WriteResult(
        target,
        external,
        ok=False,
        code=code,
        reason=reason,
        is_final=code not in PASSING,
        is_gone=code == GONE,
    )
