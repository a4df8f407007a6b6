"""Associations as values: found, made, taken away and shown; no endpoint."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.hubspot.sandbox import events, facts, kinds, state
from connectors.hubspot.sandbox.answers import bad_request
from connectors.hubspot.sandbox.kinds import Kind
from connectors.hubspot.sandbox.request import Asked, named_type, need, read_scopes
from connectors.hubspot.sandbox.state import Key


def inlined(asked: Asked, one: Key, types: Iterable[str]) -> dict[str, Any]:
    """Give the associations of an object as a list or a single read shows them with it.

    Args:
        asked: The request.
        one: The object.
        types: The object types at the other end.
    """
    shown: dict[str, dict[str, Any]] = {}
    for other in types:
        name = facts.PLURAL[other]
        found = state.ends(asked.db, one, other)
        known = kinds.between(asked.db, one[0], other)
        results = [
            {"id": str(to_id), "type": old_name(one[0], other, known.get(kind))}
            for to_id, listed in list(found.items())[: facts.LIST_LIMIT]
            for kind in listed
        ]
        if results:
            shown[name] = {"results": results}
        if len(found) > facts.LIST_LIMIT:
            last = str(list(found)[facts.LIST_LIMIT - 1])
            shown[name]["paging"] = {"next": {"after": last, "link": asked.url}}
    return shown


def old_name(one: str, other: str, kind: Kind | None) -> str:
    """Give the name that the older API has for a kind: ``contact_to_company_unlabeled``, say."""
    usual = f"{facts.SINGULAR[one]}_to_{facts.SINGULAR[other]}"
    if kind is None or kind.label == kinds.PRIMARY:
        return usual
    if kind.category == kinds.USER_DEFINED:
        return str(kind.label).lower().replace(" ", "_")
    has_primary = any(k.label == kinds.PRIMARY for k in kinds.HUBSPOTS[one, other].values())
    return f"{usual}_unlabeled" if has_primary else usual


def chosen(asked: Asked, one: str, other: str, spec: Mapping[str, Any]) -> Kind:
    """Give the kind that a client names by category and id; refuse one that is not."""
    number, category = spec.get("associationTypeId"), spec.get("associationCategory")
    held = kinds.held(category, _integer(number))
    found = kinds.between(asked.db, one, other).get(held)
    if found is None or found.category != category:
        names = facts.SINGULAR[one], facts.SINGULAR[other]
        raise bad_request(
            f"invalid association type {category} {number} from {names[0]} to {names[1]}",
            subCategory="crm.associations.INVALID_ASSOCIATION_TYPE",
        )
    return found


def usual(one: str, other: str) -> Kind:
    """Give the kind of association that has no label; refuse a pair that has none."""
    kind = kinds.UNLABELED.get((one, other))
    if kind is None:
        raise bad_request(f"{facts.PLURAL[one]} cannot be associated with {facts.PLURAL[other]}.")
    return kinds.HUBSPOTS[one, other][kind]


def wanted_links(
    asked: Asked, type_id: str, associations: Iterable[Mapping[str, Any]]
) -> list[tuple[Key, Kind]]:
    """Give what a new object is to be associated with; refuse what is not there.

    The object type at the other end follows from the kind: its id is unique in the portal.
    """
    found = []
    for wanted in associations:
        number = str((wanted.get("to") or {}).get("id"))
        for spec in wanted.get("types") or ():
            other = _end(asked, type_id, spec)
            if state.find(asked.db, other, number) is None:
                raise bad_request(f"One or more associations are invalid: {number} is not there.")
            found.append(((other, int(number)), chosen(asked, type_id, other, spec)))
    return found


def connect(asked: Asked, one: Key, other: Key, kind: Kind) -> None:
    """Associate two objects in both directions; a labelled association is an unlabelled one too.

    A second primary company takes the place of the first.
    """
    if kind.label == kinds.PRIMARY:
        _drop_primary(asked, one, other[0], kind)
        _mirror(asked, one, other)
    made = {kind, usual(one[0], other[0])}
    rows = [(*one, *other, each.held) for each in made]
    rows += [(*other, *one, each.held_inverse) for each in made]
    asked.db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", rows)
    tell(asked, one, other, kind, is_removed=False)


def disconnect(asked: Asked, one: Key, other: Key, kind: Kind | None = None) -> None:
    """Take one kind of association between two objects away, or all of them."""
    if kind is None or kind.label == kinds.PRIMARY:
        _mirror(asked, one, other, is_gone=True)
    for (begin, end), held in (
        ((one, other), kind and kind.held),
        ((other, one), kind and kind.held_inverse),
    ):
        asked.db.execute(
            "DELETE FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ? "
            "AND kind = coalesce(?, kind)",
            (*begin, *end, held),
        )
    tell(asked, one, other, kind, is_removed=True)


def tell(asked: Asked, one: Key, other: Key, kind: Kind | None, *, is_removed: bool) -> None:
    """Tell the webhooks about an association, from either end."""
    for begin, end in ((one, other), (other, one)):
        names = (events.LEGACY.get(key[0], facts.SINGULAR[key[0]]).upper() for key in (begin, end))
        detail = {
            "associationType": "_TO_".join(names),
            "fromObjectId": begin[1],
            "toObjectId": end[1],
            "associationRemoved": is_removed,
            "isPrimaryAssociation": kind is not None and kind.label == kinds.PRIMARY,
        }
        author = events.integration(asked.caller.app_id)
        events.tell(asked.db, "associationChange", *begin, author, asked.now_ms, [detail])


def key(type_id: str, number: object) -> Key:
    """Give an object by the id a client sent."""
    if not str(number).isdigit():
        raise bad_request(f"Invalid object id: {number}")
    return type_id, int(str(number))


def readable_ends(asked: Asked) -> tuple[str, str]:
    """Give the two object types in a path, to read; refuse without the scopes of both."""
    one, other = _ends(asked)
    need(asked, *read_scopes(asked, one), *read_scopes(asked, other))
    return one, other


def writable_ends(asked: Asked) -> tuple[str, str]:
    """Give the two object types in a path, to write; refuse without the scopes of both."""
    one, other = _ends(asked)
    for end in (one, other):
        need(asked, facts.WRITE_SCOPES.get(end, facts.CONTACT_WRITE_SCOPE))
    return one, other


def _ends(asked: Asked) -> tuple[str, str]:
    return named_type(asked.path["from"]), named_type(asked.path["to"])


def _integer(number: object) -> int:
    return int(str(number)) if str(number).isdigit() else -1


def _end(asked: Asked, type_id: str, spec: Mapping[str, Any]) -> str:
    number = _integer(spec.get("associationTypeId"))
    held = kinds.held(spec.get("associationCategory"), number)
    for other in facts.READ_SCOPES:
        if held in kinds.between(asked.db, type_id, other):
            return other
    raise bad_request(f"invalid association type {spec.get('associationCategory')} {number}")


def _drop_primary(asked: Asked, one: Key, other: str, kind: Kind) -> None:
    asked.db.execute(
        "DELETE FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? AND kind = ?",
        (*one, other, kind.held),
    )
    asked.db.execute(
        "DELETE FROM links WHERE to_type = ? AND to_id = ? AND from_type = ? AND kind = ?",
        (*one, other, kind.held_inverse),
    )


def _mirror(asked: Asked, one: Key, other: Key, *, is_gone: bool = False) -> None:
    """Keep the property of a contact that names its primary company."""
    ends = dict((one, other))
    if set(ends) != {facts.CONTACT, facts.COMPANY}:
        return
    contact, company = ends[facts.CONTACT], str(ends[facts.COMPANY])
    path = "$.associatedcompanyid"
    if is_gone:
        asked.db.execute(
            "UPDATE objects SET properties = json_remove(properties, ?) "
            "WHERE type = ? AND id = ? AND json_extract(properties, ?) = ?",
            (path, facts.CONTACT, contact, path, company),
        )
    else:
        asked.db.execute(
            "UPDATE objects SET properties = json_set(properties, ?, ?) WHERE type = ? AND id = ?",
            (path, company, facts.CONTACT, contact),
        )
