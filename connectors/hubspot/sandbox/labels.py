"""Labels: kinds of association that an admin defines, one for each direction."""

from connectors.hubspot.sandbox import facts, kinds
from connectors.hubspot.sandbox.answers import bad_request, not_found
from connectors.hubspot.sandbox.links import readable_ends, writable_ends
from connectors.hubspot.sandbox.request import Asked, Reply


def list_labels(asked: Asked) -> Reply:
    """Answer ``GET /crm/associations/{from}/{to}/labels``."""
    one, other = readable_ends(asked)
    return 200, {"results": [k.shown() for k in kinds.between(asked.db, one, other).values()]}


def create_label(asked: Asked) -> Reply:
    """Answer ``POST /crm/associations/{from}/{to}/labels``; a label has a type id for each end."""
    one, other = writable_ends(asked)
    label, name = asked.body.get("label"), asked.body.get("name")
    if not (isinstance(label, str) and label and isinstance(name, str) and name):
        raise bad_request("A label needs a label and a name.")
    known = kinds.between(asked.db, one, other)
    own = [kind for kind in known.values() if kind.category == kinds.USER_DEFINED]
    if any(kind.label == label for kind in own):
        raise bad_request(f"The label {label} already exists.")
    if len(own) >= facts.CUSTOM_LABELS:
        raise bad_request(f"There may be {facts.CUSTOM_LABELS} labels between two object types.")
    back = asked.body.get("inverseLabel") or label
    ids = kinds.define(asked.db, one, other, label, back, name)
    made = kinds.between(asked.db, one, other)
    held = [kinds.held(kinds.USER_DEFINED, number) for number in dict.fromkeys(ids)]
    shown = [made[number].shown() for number in held if number in made]
    return 200, {"results": shown}


def update_label(asked: Asked) -> Reply:
    """Answer ``PUT /crm/associations/{from}/{to}/labels``."""
    one, other = writable_ends(asked)
    kind = _own_label(asked, one, other, asked.body.get("associationTypeId"))
    label = asked.body.get("label") or kind.label
    back = asked.body.get("inverseLabel") or label
    asked.db.executemany(
        "UPDATE labels SET label = ? WHERE from_type = ? AND to_type = ? AND kind = ?",
        [(label, one, other, kind.type_id), (back, other, one, kind.inverse)],
    )
    return 204, {}


def archive_label(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/associations/{from}/{to}/labels/{kind}``."""
    one, other = writable_ends(asked)
    kind = _own_label(asked, one, other, asked.path["kind"])
    for begin, end, number in ((one, other, kind.type_id), (other, one, kind.inverse)):
        held = kinds.held(kinds.USER_DEFINED, number)
        for table, key in (("labels", number), ("links", held)):
            asked.db.execute(
                f"DELETE FROM {table} WHERE from_type = ? AND to_type = ? AND kind = ?",  # noqa: S608  # our own names
                (begin, end, key),
            )
    return 204, {}


def _own_label(asked: Asked, one: str, other: str, number: object) -> kinds.Kind:
    known = kinds.between(asked.db, one, other)
    held = kinds.held(kinds.USER_DEFINED, int(str(number))) if str(number).isdigit() else 0
    kind = known.get(held)
    if kind is None:
        raise not_found()
    return kind
