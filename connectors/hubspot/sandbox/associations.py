"""Associations: read for up to a thousand objects, made, and taken away."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, kinds, links, state
from connectors.hubspot.sandbox.answers import bad_request, error, not_found
from connectors.hubspot.sandbox.batches import batch_answer
from connectors.hubspot.sandbox.changes import together
from connectors.hubspot.sandbox.links import key, readable_ends, writable_ends
from connectors.hubspot.sandbox.request import Asked, Reply, after, inputs, limit
from connectors.hubspot.sandbox.state import Key

Create = Callable[[Key, Key, Mapping[str, Any]], list[dict[str, Any]]]
"""Connects two objects as an input wants it; gives what to answer."""


def read_links(asked: Asked) -> Reply:
    """Answer ``POST /crm/associations/{from}/{to}/batch/read``, each list paged by itself."""
    one, other = readable_ends(asked)
    per_page = state.setting(asked.db, "links_per_page", facts.LINKS_PER_PAGE)
    known = kinds.between(asked.db, one, other)
    results, errors = [], []
    for wanted in inputs(asked, facts.LINK_LIMIT):
        begin = key(one, wanted.get("id"))
        beyond = key(one, wanted.get("after") or "0")[1]
        found = state.ends(asked.db, begin, other, beyond)
        if not found:
            errors.append(_none(one, other, str(begin[1])))
            continue
        ids = list(found)[:per_page]
        result: dict[str, Any] = {"from": {"id": str(begin[1])}, "to": []}
        result["to"] = [_shown(asked, begin, other, to_id, found[to_id], known) for to_id in ids]
        if asked.version == "v3":
            result["to"] = [end for listed in result["to"] for end in listed]
        if len(found) > per_page:
            cursor = {"after": str(ids[-1]), "link": f"{asked.url}?after={ids[-1]}"}
            result["paging"] = {"next": cursor}
        results.append(result)
    return batch_answer(asked, results, errors)


def list_links(asked: Asked) -> Reply:
    """Answer ``GET /crm/objects/{from}/{id}/associations/{to}``."""
    one, other = readable_ends(asked)
    begin = _existing(asked, one, asked.path["id"])
    wanted = limit(asked, facts.LINKS_PER_PAGE, facts.LINKS_PER_PAGE)
    found = state.ends(asked.db, begin, other, after(asked))
    known, ids = kinds.between(asked.db, one, other), list(found)[:wanted]
    shown = [_shown(asked, begin, other, to_id, found[to_id], known) for to_id in ids]
    if asked.version == "v3":
        shown = [end for listed in shown for end in listed]
    body: dict[str, Any] = {"results": shown}
    if len(found) > wanted:
        cursor = {"after": str(ids[-1]), "link": f"{asked.url}?after={ids[-1]}"}
        body["paging"] = {"next": cursor}
    return 200, body


def create_links(asked: Asked) -> Reply:
    """Answer ``POST /crm/associations/{from}/{to}/batch/create``."""

    def create(begin: Key, end: Key, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        chosen = _specs(asked, begin[0], end[0], wanted)
        for kind in chosen:
            links.connect(asked, begin, end, kind)
        return [_made(asked, begin, end, chosen, wanted)]

    return _created(asked, create, 200 if asked.is_newest else 201)


def create_usual_links(asked: Asked) -> Reply:
    """Answer ``POST /crm/associations/{from}/{to}/batch/associate/default``."""
    return _created(asked, lambda begin, end, _: _make_usual(asked, begin, end), 200)


def _created(asked: Asked, create: Create, status: int) -> Reply:
    """Connect each pair that is there; one that is not is told, and stops no other."""
    one, other = writable_ends(asked)
    results, errors = [], []
    with together(asked.db):
        for wanted in inputs(asked, facts.LINK_CREATE_LIMIT):
            begin, end = _pair(one, other, wanted)
            if (gone := _not_there(asked, begin, end)) is not None:
                errors.append(gone)
            else:
                results += create(begin, end, wanted)
    return batch_answer(asked, results, errors, status)


def archive_links(asked: Asked) -> Reply:
    """Answer ``POST /crm/associations/{from}/{to}/batch/archive``: all kinds between each pair."""
    one, other = writable_ends(asked)
    with together(asked.db):
        for wanted in inputs(asked, facts.LINK_ARCHIVE_LIMIT):
            begin = key(one, (wanted.get("from") or {}).get("id"))
            listed = wanted.get("to") or []
            for end in [listed] if isinstance(listed, dict) else listed:
                links.disconnect(asked, begin, key(other, end.get("id")))
    return (200, {"status": "COMPLETE"}) if asked.is_newest else (204, {})


def archive_labels(asked: Asked) -> Reply:
    """Answer ``POST /crm/associations/{from}/{to}/batch/labels/archive``: only these kinds."""
    one, other = writable_ends(asked)
    with together(asked.db):
        for wanted in inputs(asked, facts.LINK_ARCHIVE_LIMIT):
            begin, end = _pair(one, other, wanted)
            for spec in wanted.get("types") or ():
                links.disconnect(asked, begin, end, links.chosen(asked, one, other, spec))
    return 204, {}


def create_link(asked: Asked) -> Reply:
    """Answer ``PUT /crm/objects/{from}/{id}/associations/{to}/{other}``; the body lists kinds."""
    one, other = writable_ends(asked)
    begin = _existing(asked, one, asked.path["id"])
    end = _existing(asked, other, asked.path["other"])
    chosen = [links.chosen(asked, one, other, spec) for spec in asked.listed]
    for kind in chosen:
        links.connect(asked, begin, end, kind)
    return 201, _made(asked, begin, end, chosen, {})


def create_usual_link(asked: Asked) -> Reply:
    """Answer ``PUT /crm/objects/{from}/{id}/associations/default/{to}/{other}``."""
    one, other = writable_ends(asked)
    begin = _existing(asked, one, asked.path["id"])
    end = _existing(asked, other, asked.path["other"])
    return batch_answer(asked, _make_usual(asked, begin, end), [])


def archive_link(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/objects/{from}/{id}/associations/{to}/{other}``."""
    one, other = writable_ends(asked)
    links.disconnect(asked, key(one, asked.path["id"]), key(other, asked.path["other"]))
    return 204, {}


def _existing(asked: Asked, type_id: str, number: str) -> Key:
    found = key(type_id, number)
    if state.find(asked.db, *found) is None:
        raise not_found()
    return found


def _pair(one: str, other: str, wanted: Mapping[str, Any]) -> tuple[Key, Key]:
    found = [(wanted.get(name) or {}).get("id") for name in ("from", "to")]
    if None in found:
        raise bad_request(f"Invalid input JSON: from and to need ids: {json.dumps(found)}")
    return key(one, found[0]), key(other, found[1])


def _specs(asked: Asked, one: str, other: str, wanted: Mapping[str, Any]) -> list[kinds.Kind]:
    """Give the kinds an input names: by ids, or in v3 by one name."""
    if asked.version != "v3":
        return [links.chosen(asked, one, other, spec) for spec in wanted.get("types") or ()]
    for kind in kinds.between(asked.db, one, other).values():
        if wanted.get("type") in {links.old_name(one, other, kind), str(kind.type_id)}:
            return [kind]
    raise bad_request(f"invalid association type {wanted.get('type')}")


def _not_there(asked: Asked, *found: Key) -> dict[str, Any] | None:
    missing = [end for end in found if state.find(asked.db, *end) is None]
    if not missing:
        return None
    names = [f"{facts.SINGULAR[type_id]}={number}" for type_id, number in missing]
    context = {"objectIds": [str(number) for _, number in missing]}
    message = f"One or more objects do not exist: {', '.join(names)}"
    return error(message, "OBJECT_NOT_FOUND", context=context)


def _make_usual(asked: Asked, begin: Key, end: Key) -> list[dict[str, Any]]:
    kind = links.usual(begin[0], end[0])
    links.connect(asked, begin, end, kind)
    return [
        {
            "from": {"id": str(here[1])},
            "to": {"id": str(there[1])},
            "associationSpec": {
                "associationCategory": kinds.HUBSPOT_DEFINED,
                "associationTypeId": number,
            },
        }
        for here, there, number in ((begin, end, kind.type_id), (end, begin, kind.inverse))
    ]


def _made(
    asked: Asked, begin: Key, end: Key, chosen: list[kinds.Kind], wanted: Mapping[str, Any]
) -> dict[str, Any]:
    if asked.version == "v3":
        ids = {"from": {"id": str(begin[1])}, "to": {"id": str(end[1])}}
        return ids | {"type": wanted.get("type")}
    return {
        "fromObjectTypeId": begin[0],
        "fromObjectId": begin[1],
        "toObjectTypeId": end[0],
        "toObjectId": end[1],
        "labels": [kind.label for kind in chosen if kind.label],
    }


def _shown(  # one end of an association, in either shape
    asked: Asked,
    begin: Key,
    other: str,
    to_id: int,
    listed: list[int],
    known: Mapping[int, kinds.Kind],
) -> Any:  # noqa: ANN401  # v3 shows one entry per kind, v4 one per object
    if asked.version != "v3":
        return _end(to_id, listed, known)
    names = [links.old_name(begin[0], other, known.get(kind)) for kind in listed]
    return [{"id": str(to_id), "type": name} for name in names]


def _end(to_id: int, listed: list[int], known: Mapping[int, kinds.Kind]) -> dict[str, Any]:
    shown = [known[kind].shown() for kind in listed if kind in known]
    return {"toObjectId": to_id, "associationTypes": shown}


def _none(one: str, other: str, number: str) -> dict[str, Any]:
    names = facts.SINGULAR[one], facts.SINGULAR[other]
    return error(
        f"No {names[1]} is associated with {names[0]} {number}.",
        "OBJECT_NOT_FOUND",
        subCategory="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={
            "fromObjectId": [number],
            "fromObjectType": [names[0]],
            "toObjectType": [names[1]],
        },
    )
