"""Objects one by one: listed, read, created, changed, archived."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.hubspot.sandbox import changes, events, facts, kinds, state, values
from connectors.hubspot.sandbox.answers import Refused, bad_request, error, not_found
from connectors.hubspot.sandbox.links import connect, inlined, wanted_links
from connectors.hubspot.sandbox.request import (
    Asked,
    Reply,
    after,
    is_redacted,
    limit,
    named_type,
    object_type,
    written_type,
)


def list_objects(asked: Asked) -> Reply:
    """Answer ``GET /crm/objects/{type}``: in the order of ids, from `after` on."""
    type_id, begin = object_type(asked), after(asked)
    shown = Shown(asked, type_id, *_queried(asked))
    wanted = limit(asked, facts.HISTORY_LIMIT if shown.with_history else facts.LIST_LIMIT)
    rows = asked.db.execute(
        f"SELECT {state.COLUMNS} FROM objects WHERE type = ? AND archived = ? AND id >= ? "  # noqa: S608  # a constant
        "AND merged_into IS NULL ORDER BY id LIMIT ?",
        (type_id, int(asked.is_archived), begin, wanted + 1),
    ).fetchall()
    found: dict[str, Any] = {"results": [shown.object(row) for row in rows[:wanted]]}
    if len(rows) > wanted:
        cursor = str(rows[wanted][0])
        link = f"{asked.url}/crm/v3/objects/{asked.path['type']}?after={cursor}"
        found["paging"] = {"next": {"after": cursor, "link": link}}
    return 200, found


def get_object(asked: Asked) -> Reply:
    """Answer ``GET /crm/objects/{type}/{id}``; the id of a merged record finds the survivor."""
    type_id = object_type(asked)
    row = find(asked, type_id, asked.path["id"], asked.query.get("idProperty"))
    if row is None:
        raise not_found()
    return 200, Shown(asked, type_id, *_queried(asked)).object(row)


def create_object(asked: Asked) -> Reply:
    """Answer ``POST /crm/objects/{type}``, with associations or without."""
    type_id = written_type(asked)
    with changes.together(asked.db):
        return 201, create(asked, type_id, asked.body)


def update_object(asked: Asked) -> Reply:
    """Answer ``PATCH /crm/objects/{type}/{id}``."""
    type_id = written_type(asked)
    row = find(asked, type_id, asked.path["id"], asked.query.get("idProperty"))
    if row is None:
        raise not_found()
    with changes.together(asked.db):
        return 200, update(asked, type_id, row, asked.body)


def archive_object(asked: Asked) -> Reply:
    """Answer ``DELETE /crm/objects/{type}/{id}``; what is not there is archived already."""
    type_id = written_type(asked)
    row = state.find(asked.db, type_id, asked.path["id"])
    if row is not None:
        author = events.integration(asked.caller.app_id)
        changes.archive(asked.db, type_id, row[0], author, asked.now_ms)
    return 204, {}


class Shown:
    """How the objects of a request are shown: which properties, histories and associations."""

    def __init__(
        self,
        asked: Asked,
        type_id: str,
        names: Iterable[str] = (),
        with_history: Iterable[str] = (),
        associated: Iterable[str] = (),
    ) -> None:
        known = state.definitions(asked.db, type_id)
        wanted, past = [n for n in names if n], [n for n in with_history if n]
        state.note_asked(asked.db, type_id, [*wanted, *past])
        self._asked, self._type = asked, type_id
        usual = facts.DEFAULT_NAMES.get(type_id, ())
        self._names = [n for n in [*(wanted or usual), *past] if n in known]
        self.with_history = [name for name in past if name in known]
        self._associated = dict.fromkeys(named_type(name) for name in associated if name)

    def object(self, row: state.Row) -> dict[str, Any]:
        """Give an object as the request wants to see it."""
        shown = state.as_object(self._type, row, self._names)
        if is_redacted(self._asked, self._type):
            shown["properties"] |= dict.fromkeys(facts.REDACTED & shown["properties"].keys())
        if self.with_history:
            shown["propertiesWithHistory"] = {
                name: changes.history(self._asked.db, self._type, row, name)
                for name in self.with_history
            }
        linked = inlined(self._asked, (self._type, row[0]), self._associated)
        return shown | ({"associations": linked} if linked else {})


def find(
    asked: Asked, type_id: str, object_id: str, id_property: object = None
) -> state.Row | None:
    """Give the object with an id, or with a value of a unique property; None if there is none."""
    if id_property and id_property != "hs_object_id":
        found = state.find_by(asked.db, type_id, unique(asked, type_id, id_property), object_id)
        object_id = str(found)
    elif object_id.isdigit():
        object_id = state.survivor(asked.db, type_id, object_id)
    return state.find(asked.db, type_id, object_id, archived=asked.is_archived)


def unique(asked: Asked, type_id: str, name: object) -> str:
    """Give the name of a property that tells objects apart; refuse any other."""
    definition = state.definitions(asked.db, type_id).get(str(name))
    is_email = (type_id, name) == (facts.CONTACT, "email")
    if is_email or (definition is not None and definition.get("hasUniqueValue")):
        return str(name)
    raise bad_request(f"Property {name} is not a unique property of {facts.PLURAL[type_id]}.")


def create(asked: Asked, type_id: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Create an object from an input, or refuse it."""
    known = state.definitions(asked.db, type_id)
    checked = values.check(asked, type_id, item.get("properties") or {}, known)
    if checked.problems:
        raise values.refusal(checked.problems)
    given = changes.derived(asked.db, type_id, checked.values)
    lacks = values.lacking(type_id, given)
    if lacks:
        raise Refused(400, lacks)
    _obey(asked, type_id, given, is_new=True)
    _keep_apart(asked, type_id, checked.values, known, None)
    linked = wanted_links(asked, type_id, item.get("associations") or ())
    if type_id == facts.LEAD and not any(end[0] == facts.CONTACT for end, _ in linked):
        raise bad_request("A lead must be associated with a contact when it is created.")
    author = events.integration(asked.caller.app_id)
    number = changes.create(asked.db, type_id, checked.values, author, asked.now_ms)
    for other, kind in linked:
        connect(asked, (type_id, number), other, kind)
    _mirror_company(asked, type_id, number, checked.values)
    return _written(asked, type_id, number, item, checked)


def update(asked: Asked, type_id: str, row: state.Row, item: Mapping[str, Any]) -> dict[str, Any]:
    """Change an object as an input says, or refuse it."""
    known = state.definitions(asked.db, type_id)
    checked = values.check(asked, type_id, item.get("properties"), known)
    if checked.problems:
        raise values.refusal(checked.problems)
    _obey(asked, type_id, json.loads(row[1]) | dict(checked.values), is_new=False)
    _keep_apart(asked, type_id, checked.values, known, row[0])
    author = events.integration(asked.caller.app_id)
    changes.change(asked.db, type_id, row[0], checked.values, author, asked.now_ms)
    _mirror_company(asked, type_id, row[0], checked.values)
    return _written(asked, type_id, row[0], item, checked)


def _queried(asked: Asked) -> tuple[list[str], list[str], list[str]]:
    listed = ("properties", "propertiesWithHistory", "associations")
    names, past, associated = (asked.query.get(name, "").split(",") for name in listed)
    return names, past, associated


def _obey(asked: Asked, type_id: str, wanted: Mapping[str, str], *, is_new: bool) -> None:
    """Refuse what the portal's own rules forbid; only the newest version knows them."""
    if asked.is_newest:
        broken = values.broken_rules(asked.db, type_id, wanted, is_new=is_new)
        if broken:
            raise values.refusal(broken)


def _keep_apart(
    asked: Asked,
    type_id: str,
    wanted: Mapping[str, str],
    known: Mapping[str, Mapping[str, Any]],
    own: int | None,
) -> None:
    """Refuse a value of a unique property that another object has."""
    for name, value in wanted.items():
        is_email = (type_id, name) == (facts.CONTACT, "email")
        if not value or not (is_email or known[name].get("hasUniqueValue")):
            continue
        other = state.find_by(asked.db, type_id, name, value)
        if other in (None, own):
            continue
        if is_email:
            message = f"Contact already exists. Existing ID: {other}"
            raise Refused(409, error(message, "CONFLICT"))
        message = (
            f"Cannot set PropertyValueCoordinates{{portalId={facts.PORTAL_ID}, "
            f"objectTypeId={type_id}, objectId={own}, propertyName={name}, value={value}}} "
            f"on {own}. {other} already has that value."
        )
        raise values.refusal((values.problem("CONFLICTING_UNIQUE_VALUE", name, message),))


def _mirror_company(asked: Asked, type_id: str, number: int, written: Mapping[str, str]) -> None:
    """Associate a contact with the company that its property names."""
    company = written.get("associatedcompanyid", "") if type_id == facts.CONTACT else ""
    if company.isdigit() and state.find(asked.db, facts.COMPANY, company):
        kind = kinds.primary(type_id, facts.COMPANY)
        connect(asked, (type_id, number), (facts.COMPANY, int(company)), kind)


def _written(
    asked: Asked, type_id: str, number: int, item: Mapping[str, Any], checked: values.Checked
) -> dict[str, Any]:
    """Give an object as the answer to a write shows it: with what was written."""
    row = state.find(asked.db, type_id, number)
    if row is None:
        raise not_found()
    shown = state.as_object(type_id, row, checked.values)
    trace = item.get("objectWriteTraceId")
    shown |= {"objectWriteTraceId": trace} if trace else {}
    return shown | ({"warnings": list(checked.warnings)} if checked.warnings else {})
