"""Objects, a hundred at a time, with a verdict for each input where the client asked for one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.hubspot.sandbox import (
    changes,
    events,
    facts,
    objects,
    state,
    values,
)
from connectors.hubspot.sandbox.answers import Refused, bad_request, error
from connectors.hubspot.sandbox.request import Asked, Reply, inputs, object_type, written_type


def read_batch(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/batch/read``; what is not there is told in errors.

    Ids of merged records are not there: only a single read follows them.
    """
    type_id = object_type(asked)
    wanted = inputs(asked, facts.BATCH_LIMIT)
    past = asked.body.get("propertiesWithHistory") or ()
    if past and len(wanted) > facts.HISTORY_LIMIT:
        raise bad_request(f"With history at most {facts.HISTORY_LIMIT} objects may be read.")
    shown = objects.Shown(asked, type_id, asked.body.get("properties") or (), past)
    by = asked.body.get("idProperty")
    results, missing = [], []
    for number in dict.fromkeys(str(item.get("id")) for item in wanted):
        row = _unmerged(asked, type_id, number, by)
        if row is None:
            missing.append(number)
        else:
            results.append(shown.object(row))
    return batch_answer(asked, results, [_gone(type_id, missing)] if missing else [])


def create_batch(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/batch/create``."""
    type_id = written_type(asked)
    wanted = inputs(asked, facts.BATCH_LIMIT)

    def create(item: Mapping[str, Any]) -> dict[str, Any]:
        return objects.create(asked, type_id, item)

    return _written(asked, type_id, wanted, create, created=201)


def update_batch(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/batch/update``."""
    type_id = written_type(asked)
    wanted = inputs(asked, facts.BATCH_LIMIT)
    _refuse_repeated(wanted)

    def update(item: Mapping[str, Any]) -> dict[str, Any]:
        row = _unmerged(asked, type_id, str(item.get("id")), item.get("idProperty"))
        if row is None:
            raise _Missing(type_id, str(item.get("id")))
        return objects.update(asked, type_id, row, item)

    return _written(asked, type_id, wanted, update)


def upsert_batch(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/batch/upsert``; by email it is all or nothing."""
    type_id = written_type(asked)
    wanted = inputs(asked, facts.BATCH_LIMIT)
    _refuse_repeated(wanted)
    names = [objects.unique(asked, type_id, item.get("idProperty")) for item in wanted]

    def upsert(item: Mapping[str, Any]) -> dict[str, Any]:
        name, value = str(item["idProperty"]), str(item.get("id"))
        found = state.find_by(asked.db, type_id, name, value)
        row = state.find(asked.db, type_id, found) if found is not None else None
        if row is not None:
            return objects.update(asked, type_id, row, item) | {"new": False}
        given = {name: value} | (item.get("properties") or {})
        return objects.create(asked, type_id, dict(item) | {"properties": given}) | {"new": True}

    return _written(asked, type_id, wanted, upsert, is_partial="email" not in names)


def archive_batch(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}/batch/archive``; what is not there is no error."""
    type_id = written_type(asked)
    author = events.integration(asked.caller.app_id)
    with changes.together(asked.db):
        for item in inputs(asked, facts.BATCH_LIMIT):
            row = state.find(asked.db, type_id, str(item.get("id")))
            if row is not None:
                changes.archive(asked.db, type_id, row[0], author, asked.now_ms)
    return 204, {}


def batch_answer(
    asked: Asked,
    results: Sequence[Mapping[str, Any]],
    errors: Sequence[Mapping[str, Any]],
    created: int = 200,
) -> Reply:
    """Wrap what a batch gave; the newest version tells errors in a 200."""
    is_reversed = state.setting(asked.db, "batches_reversed", 0)
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": list(results)[::-1] if is_reversed else results,
        "startedAt": state.iso(asked.now_ms),
        "completedAt": state.iso(asked.now_ms),
    }
    if not errors:
        return created, body
    usual: dict[str, Any] = {"context": {}, "links": {}, "errors": []}
    listed = [usual | dict(one) for one in errors]
    return (200 if asked.is_newest else 207), body | {"numErrors": len(listed), "errors": listed}


class _Missing(Refused):
    """An object that an input names is not there."""

    def __init__(self, type_id: str, object_id: str) -> None:
        super().__init__(404, _gone(type_id, [object_id]))


def _written(  # two of them are told by name
    asked: Asked,
    type_id: str,
    wanted: Sequence[Mapping[str, Any]],
    write: Callable[[Mapping[str, Any]], dict[str, Any]],
    *,
    created: int = 200,
    is_partial: bool = True,
) -> Reply:
    """Write each input.

    An input that is wrong is refused by itself if each input has an ``objectWriteTraceId``;
    otherwise the whole batch is refused, and nothing written. One whose object is not there never
    spoils the others.
    """
    is_traced = all(item.get("objectWriteTraceId") for item in wanted)
    is_partial &= is_traced and not state.setting(asked.db, "whole_batches", 0)
    if not is_partial:
        _refuse_wrong(asked, type_id, wanted)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    with changes.together(asked.db):
        for item in wanted:
            try:
                results.append(write(item))
            except Refused as refused:
                if not (is_partial or isinstance(refused, _Missing)):
                    raise
                errors.append(_traced(refused, item))
    return batch_answer(asked, results, errors, created)


def _refuse_wrong(asked: Asked, type_id: str, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a batch with a wrong input as a whole, and say all that is wrong."""
    known = state.definitions(asked.db, type_id)
    problems: list[values.Problem] = []
    for item in wanted:
        given = item.get("properties") or {}
        problems += values.check(asked, type_id, given, known).problems
    if problems:
        raise values.refusal(tuple(problems))


def _traced(refused: Refused, item: Mapping[str, Any]) -> dict[str, Any]:
    """Give an error with the trace id of the input that it is about."""
    body = dict(refused.body) if isinstance(refused.body, Mapping) else {}
    trace = item.get("objectWriteTraceId")
    traced = {"objectWriteTraceId": [str(trace)]} if trace else {}
    return body | {"context": dict(body.get("context") or {}) | traced}


def _unmerged(asked: Asked, type_id: str, number: str, by: object) -> state.Row | None:
    if by and by != "hs_object_id":
        return objects.find(asked, type_id, number, by)
    return state.find(asked.db, type_id, number, archived=asked.is_archived)


def _refuse_repeated(wanted: Sequence[Mapping[str, Any]]) -> None:
    ids = [str(item.get("id")) for item in wanted]
    if len(set(ids)) < len(ids):
        repeated = sorted({number for number in ids if ids.count(number) > 1})
        listed = ", ".join(repeated)
        raise bad_request(f"Duplicate IDs found in batch input: [{listed}]. IDs must be unique")


def _gone(type_id: str, ids: list[str]) -> dict[str, Any]:
    name = facts.SINGULAR[type_id].upper()
    message = f"Could not get some {name} objects, they may be deleted or not exist."
    return error(message, "OBJECT_NOT_FOUND", context={"ids": ids})
