"""Associations, read for up to a thousand objects, each list paged by itself."""

from collections.abc import Mapping
from typing import Any

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.answers import bad_request, error
from connectors.hubspot.sandbox.objects import batch_answer
from connectors.hubspot.sandbox.request import Asked, inputs, named_type, need


def read_links(asked: Asked) -> tuple[int, Mapping[str, Any]]:
    """Answer ``POST /crm/associations/{from}/{to}/batch/read``."""
    one, other = named_type(asked.path["from"]), named_type(asked.path["to"])
    need(asked, *facts.READ_SCOPES[one], *facts.READ_SCOPES[other])
    per_page = state.setting(asked.db, "links_per_page", facts.LINKS_PER_PAGE)
    results, errors = [], []
    for wanted in inputs(asked, facts.LINK_LIMIT):
        number, after = str(wanted.get("id")), str(wanted.get("after") or "0")
        if not (number.isdigit() and after.isdigit()):
            raise bad_request("id and after must be numbers.")
        found = _links(asked, (one, int(number)), other, int(after))
        if found:
            results.append(_result(number, found, per_page))
        else:
            errors.append(_none(one, other, number))
    return batch_answer(asked, results, errors)


def _links(
    asked: Asked, one: tuple[str, int], other: str, after: int
) -> dict[int, list[dict[str, Any]]]:
    """Give the kinds of association by the id at their other end, beyond `after`."""
    rows = asked.db.execute(
        "SELECT to_id, kind FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? "
        "AND to_id > ? ORDER BY to_id",
        (*one, other, after),
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for to_id, kind in rows:
        label = "Primary" if kind in {facts.PRIMARY_COMPANY, facts.PRIMARY_CONTACT} else None
        shown = {"category": "HUBSPOT_DEFINED", "typeId": kind, "label": label}
        found.setdefault(to_id, []).append(shown)
    return found


def _result(number: str, found: dict[int, list[dict[str, Any]]], per_page: int) -> dict[str, Any]:
    ids = list(found)[:per_page]
    result: dict[str, Any] = {
        "from": {"id": number},
        "to": [{"toObjectId": to_id, "associationTypes": found[to_id]} for to_id in ids],
    }
    if len(found) > per_page:
        result["paging"] = {"next": {"after": str(ids[-1])}}
    return result


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
