"""Writing single rows: what Salesforce checks, in its order, and the stamps it leaves."""

from collections.abc import Collection, Mapping
from typing import Any

from connectors.salesforce.sandbox import activities, deals, mail, persons, rules, values
from connectors.salesforce.sandbox.errors import Refusal, RowRefusal
from connectors.salesforce.sandbox.facts import TOOLING
from connectors.salesforce.sandbox.ids import is_id, normal_id
from connectors.salesforce.sandbox.objects import FieldFact, ObjectFact
from connectors.salesforce.sandbox.org import STAMPS, Org, View

_NAMED = frozenset({"Contact", "Lead", "User"})
_SECURITY = (
    "Unable to create/update fields: {}. Please check the security settings of this field and "
    "verify that it is read/write for your profile or permission set."
)
_NO_RIGHT = "insufficient access rights on object id"


def fact_for(view: View, name: str) -> ObjectFact:
    """Find an object by the name in an address or in ``attributes``.

    Raises:
        Refusal: If there is none, or none that the caller sees.
    """
    fact = view.objects.get(name.lower())
    if fact is None or fact.name in TOOLING:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return fact


def check_known(fact: ObjectFact, given: Mapping[str, Any], also: Collection[str] = ()) -> None:
    """Refuse a request that names a field the caller does not see: no row is looked at.

    Args:
        fact: The object, as the caller sees it.
        given: What was named.
        also: Names that are no fields and may be written all the same; see `junctions`.

    Raises:
        Refusal: INVALID_FIELD.
    """
    lists = {name.lower() for name in also}
    for name in given:
        if name.lower() not in fact.fields and name.lower() not in lists:
            problem = f"No such column '{name}' on sobject of type {fact.name}"
            raise Refusal(400, "INVALID_FIELD", problem)


def junctions(view: View, fact: ObjectFact) -> tuple[str, ...]:
    """Give the names that can be written and are no fields: lists of people, a person's fields."""
    if of_person := persons.names(view, fact):
        return of_person
    if fact.name == "EmailMessage":
        return tuple(mail.ADDRESSES)
    is_shared = f"{fact.name}relation".lower() in view.objects
    name = activities.WHO_LISTS.get(fact.name)
    return (name,) if name and is_shared else ()


def create(org: Org, view: View, fact: ObjectFact, given: Mapping[str, Any]) -> str:
    """Make a row and give its id.

    Raises:
        RowRefusal: If Salesforce would not take it; then nothing was made.
    """
    _check_right(org, fact, "C")
    wanted = dict(given)
    if any(name.lower() == "id" for name in wanted):
        problem = "cannot specify Id in an insert call"
        raise RowRefusal("INVALID_FIELD_FOR_INSERT_UPDATE", problem, "Id")
    columns, extra = _columns(org, view, fact, wanted, "C")
    row = {**_defaults(view, fact), **columns}
    _check_required(fact, row)
    rules.check_permission(org, fact, row)
    rules.check_unique(org, fact, row)
    row |= {"Id": org.new_id(fact.prefix), "CreatedDate": org.now(), "CreatedById": view.user_id}
    row |= _stamps(org, view)
    row |= _derived(org, fact, row, columns, None, extra)
    known = {name: value for name, value in row.items() if name.lower() in fact.fields}
    with org.step():
        org.insert(fact.name, tuple(known), [tuple(known.values())])
        _follow(org, view, fact, known, None, extra)
        rules.check_rules(org, view, fact, known["Id"])
    return str(known["Id"])


def update(org: Org, view: View, fact: ObjectFact, row_id: str, given: Mapping[str, Any]) -> None:
    """Change a row and stamp it as changed by the caller.

    Raises:
        RowRefusal: If Salesforce would not take it; the row is as it was.
    """
    row_id = checked_id(fact, row_id)
    before = living(org, fact, row_id)
    given, through = persons.parted(given)
    persons.check_shadow(fact, before, given)
    with org.step():
        _update(org, view, fact, before, given)
        if through:
            contact = view.objects["contact"]
            shadow = living(org, contact, persons.shadow_of(before))
            _update(org, view, contact, shadow, through)


def _update(
    org: Org, view: View, fact: ObjectFact, before: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    row_id = str(before["Id"])
    if before.get("IsConverted"):
        raise RowRefusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    _check_right(org, fact, "U")
    wanted = {name: value for name, value in given.items() if name.lower() != "id"}
    columns, extra = _columns(org, view, fact, wanted, "U")
    rules.check_permission(org, fact, {**before, **columns})
    rules.check_unique(org, fact, columns, row_id)
    row = {**before, **columns, **_stamps(org, view)}
    row |= _derived(org, fact, row, columns, before, extra)
    touched = activities.people_of(org, fact, row_id)
    with org.step():
        _save(org, fact, before, row)
        _follow(org, view, fact, row, before, extra)
        activities.retell_last_activity(org, touched)
        rules.check_rules(org, view, fact, row_id)


def overwrite(
    org: Org, view: View, fact: ObjectFact, before: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """Put values into a row as they are, with all that Salesforce does by itself then.

    Nothing is checked, and what is given holds against what would follow from the rest.
    """
    columns = dict(given)
    extra = _taken(fact, columns)
    row = {**before, **columns, **_stamps(org, view)}
    row |= {**_derived(org, fact, row, columns, before, extra), **columns}
    touched = activities.people_of(org, fact, str(before["Id"]))
    with org.step():
        _save(org, fact, before, row)
        _follow(org, view, fact, row, before, extra)
        activities.retell_last_activity(org, touched)


def checked_id(fact: ObjectFact, row_id: str) -> str:
    """Give the id of one of an object's rows, in 18 characters.

    Raises:
        RowRefusal: If it cannot be one.
    """
    problem = f"{fact.name} ID: id value of incorrect type: {row_id}"
    if not is_id(row_id):
        raise RowRefusal("MALFORMED_ID", problem)
    if not row_id.startswith(fact.prefix):
        raise RowRefusal("INVALID_CROSS_REFERENCE_KEY", problem)
    return normal_id(row_id)


def living(org: Org, fact: ObjectFact, row_id: str) -> dict[str, Any]:
    """Give a row as it is now, unless something holds it.

    Raises:
        RowRefusal: If it is locked, deleted or unknown.
    """
    rules.play_refusal(org, row_id)
    row = org.row(fact.name, row_id)
    if row is None:
        raise RowRefusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row.get("IsDeleted"):
        raise RowRefusal("ENTITY_IS_DELETED", "entity is deleted")
    return row


def _check_right(org: Org, fact: ObjectFact, flag: str) -> None:
    if fact.setup_permission and not org.may(fact.setup_permission):
        raise RowRefusal("INSUFFICIENT_ACCESS_OR_READONLY", _NO_RIGHT)
    if flag not in fact.flags:
        word = {"C": "inserted", "U": "updated"}[flag]
        problem = f"entity type cannot be {word}: {fact.name}"
        raise RowRefusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", problem)


def _columns(
    org: Org, view: View, fact: ObjectFact, wanted: dict[str, Any], flag: str
) -> tuple[dict[str, Any], Any]:
    """Check what is written; give it as columns, and the lists of people beside them."""
    extra = _taken(fact, wanted)
    fields = [(fact.fields[name.lower()], value) for name, value in wanted.items()]
    refused = [field.name for field, _ in fields if not _is_writable(view, fact, field, flag)]
    if refused:
        problem = _SECURITY.format(", ".join(refused))
        raise RowRefusal("INVALID_FIELD_FOR_INSERT_UPDATE", problem, *refused)
    columns = {field.name: values.checked(org, field, value) for field, value in fields}
    return columns, extra


def _taken(fact: ObjectFact, wanted: dict[str, Any]) -> Any:  # noqa: ANN401 the object's own
    if fact.name == "EmailMessage":
        return mail.taken_people(wanted)
    return activities.taken_whos(fact, wanted) if fact.name in activities.WHO_LISTS else None


def _is_writable(view: View, fact: ObjectFact, field: FieldFact, flag: str) -> bool:
    if field.is_custom:
        return f"{fact.name}.{field.name}".lower() in view.writable
    return flag in field.flags


def _defaults(view: View, fact: ObjectFact) -> dict[str, Any]:
    owned = {"OwnerId": view.user_id} if "ownerid" in fact.fields else {}
    fields = (field for field in fact.fields.values() if field.default is not None)
    given = {f.name: f.default == "true" if f.type == "boolean" else f.default for f in fields}
    return given | owned


def _check_required(fact: ObjectFact, row: Mapping[str, Any]) -> None:
    missing = [
        field.name
        for field in fact.fields.values()
        if "C" in field.flags
        and "N" not in field.flags
        and field.type != "boolean"
        and row.get(field.name) is None
    ]
    if missing:
        problem = f"Required fields are missing: [{', '.join(missing)}]"
        raise RowRefusal("REQUIRED_FIELD_MISSING", problem, *missing)


def _stamps(org: Org, view: View) -> dict[str, object]:
    now = org.now()
    return {"LastModifiedDate": now, "LastModifiedById": view.user_id, "SystemModstamp": now}


def _derived(
    org: Org,
    fact: ObjectFact,
    row: Mapping[str, Any],
    given: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    extra: Any,  # noqa: ANN401 the object's own
) -> dict[str, Any]:
    """Give the columns that Salesforce fills by itself."""
    if fact.name in _NAMED:
        parts = (row.get("FirstName"), row.get("LastName"))
        return {"Name": " ".join(part for part in parts if part)}
    match fact.name:
        case "Task" | "Event":
            return activities.derived(org, fact, row, given, extra)
        case "Opportunity":
            return deals.derived(org, row, given, before)
        case "CampaignMember":
            return deals.membership(row)
        case "EventRelation" if "Status" in given and "RespondedDate" not in given:
            return {"RespondedDate": None if row["Status"] == "New" else org.now()}
    return {}


def _follow(
    org: Org,
    view: View,
    fact: ObjectFact,
    row: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    extra: Any,  # noqa: ANN401 the object's own
) -> None:
    """Do to other rows what Salesforce does when this one is written."""
    match fact.name:
        case "Task" | "Event":
            activities.relate(org, fact, row["Id"], extra)
            if before is not None and fact.name == "Event":
                activities.retell_copies(org, org.row("Event", row["Id"]) or row)
            activities.retell_last_activity(org, activities.people_of(org, fact, row["Id"]))
        case "EventRelation" if before is None:
            activities.invite(org, view, row)
        case "EmailMessage" if before is None:
            mail.relate(org, view, row, extra)
        case "Opportunity":
            deals.tell_history(org, view, row, before)


def _save(org: Org, fact: ObjectFact, before: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    changed = {
        name: value
        for name, value in row.items()
        if name.lower() in fact.fields and (before.get(name) != value or name in STAMPS)
    }
    if changed:
        org.change(fact.name, str(row["Id"]), changed)
