"""The Avro schema of an object's change events: its fields, with names and addresses as compounds.

A schema is named by a hash of itself: it stays while the fields do, and another field is another.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.sandbox.objects import FieldFact, ObjectFact

HEADER = "ChangeEventHeader"

CHANGE_TYPES = (
    *("CREATE", "UPDATE", "DELETE", "UNDELETE"),
    *("GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW"),
)

ENTITIES = (
    *("Account", "AccountContactRelation", "Campaign", "CampaignMember", "Contact"),
    *("EmailMessage", "Event", "EventRelation", "Lead", "Opportunity", "OpportunityContactRole"),
    *("Task", "TaskRelation", "User"),
)
"""The objects that Change Data Capture can be switched on for."""

_HEADER_FIELDS = {
    "entityName": "string",
    "recordIds": "strings",
    "changeType": "changeType",
    "changeOrigin": "string",
    "transactionKey": "string",
    "sequenceNumber": "int",
    "commitTimestamp": "long",
    "commitNumber": "long",
    "commitUser": "string",
    "nulledFields": "strings",
    "diffFields": "strings",
    "changedFields": "strings",
}

_NAME_PARTS = ("Salutation", "FirstName", "LastName", "MiddleName", "InformalName", "Suffix")
_PERSONS = {"Contact": "PersonName", "Lead": "PersonName", "User": "PersonName"}
_ADDRESS_PARTS = (
    *("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode"),
    *("Latitude", "Longitude", "Xyz", "GeocodeAccuracy"),
)
_ADDRESSES = {
    "Account": ("Billing", "Shipping"),
    "Contact": ("Mailing", "Other"),
    "Lead": ("",),
    "User": ("",),
}
"""What the columns of an object's addresses begin with."""

_UNTOLD = {
    "*": "Id IsDeleted SystemModstamp MasterRecordId LastActivityDate LastViewedDate "
    "LastReferencedDate",
    "Contact": "IsEmailBounced",
    "Opportunity": "FiscalQuarter FiscalYear HasOpenActivity HasOverdueTask LastStageChangeDate",
    "Task": "IsHighPriority IsArchived TaskSubtype",
    "Event": "StartDateTime EndDateTime EndDate IsArchived EventSubtype IsRecurrence2 "
    "IsRecurrence2Exception",
    "EmailMessage": "FromId IsOpened IsPrivateDraft",
}
"""Columns that change events leave out, of every object and of one."""

_STAMPS = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"})

_TYPES = {
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "date": "long",
    "datetime": "long",
    "multipicklist": "strings",
}
_AVRO: Mapping[str, Any] = {
    "strings": {"type": "array", "items": "string"},
    "changeType": {"type": "enum", "name": "ChangeType", "symbols": CHANGE_TYPES},
}
_DOCS = {
    "boolean": "Boolean",
    "combobox": "Text",
    "currency": "Currency",
    "date": "DateOnly",
    "datetime": "DateTime",
    "double": "Double",
    "email": "Email",
    "int": "Integer",
    "multipicklist": "MultiEnum",
    "percent": "Percent",
    "phone": "Phone",
    "picklist": "DynamicEnum",
    "reference": "EntityId",
    "string": "Text",
    "textarea": "StringPlusClob",
    "url": "Url",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of an object's change events.

    Attributes:
        id: What names it.
        text: The schema in JSON.
        slots: Where each column of the object's table stands in the event.
    """

    id: str
    text: str
    slots: Mapping[str, "Slot"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of an event, and its part if the field is a compound; `column` is what fills it."""

    column: FieldFact
    field: str
    part: str = ""

    @property
    def name(self) -> str:
        """The field as lists of fields tell it: ``Phone``, ``Name.LastName``."""
        return f"{self.field}.{self.part}" if self.part else self.field


def schema_of(fact: ObjectFact) -> Schema:
    """Give the schema of an object's change events, with the fields it has now."""
    slots = list(_slots(fact))
    head = {"name": f"{fact.name}ChangeEvent", "namespace": "com.sforce.eventbus"}
    told = {**head, "type": "record", "fields": [_header(), *_fields(fact, slots)]}
    digest = hashlib.sha256(json.dumps(told).encode()).digest()[:16]
    schema_id = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    text = json.dumps({**told, "uuid": schema_id}, separators=(",", ":"))
    return Schema(schema_id, text, {slot.column.name: slot for slot in slots})


def bitmaps(schema: Mapping[str, Any], names: Collection[str]) -> list[str]:
    """Word a list of fields as Salesforce does: ``0x`` and bits by place, then each compound's."""
    fields: list[Mapping[str, Any]] = schema["fields"]
    own = sum(1 << place for place, field in enumerate(fields) if field["name"] in names)
    found = [_hex(own)] if own else []
    for place, field in enumerate(fields):
        inside = _members(schema, field)
        bits = sum(1 << i for i, part in enumerate(inside) if f"{field['name']}.{part}" in names)
        if bits:
            found.append(f"{place}-{_hex(bits)}")
    return found


def _hex(bits: int) -> str:
    digits = f"{bits:X}"
    return f"0x{digits.zfill(len(digits) + len(digits) % 2)}"


def _members(schema: Mapping[str, Any], field: Mapping[str, Any]) -> list[str]:
    """Give the parts of a compound field; a type is told where it comes first, then named."""
    if field["name"] == HEADER:
        return []
    for option in field["type"]:
        if isinstance(option, dict) and option["type"] == "record":
            return [part["name"] for part in option["fields"]]
        if option == "Address":
            first = (other for other in schema["fields"] if _tells_address(other))
            return _members(schema, next(first))
    return []


def _tells_address(field: Mapping[str, Any]) -> bool:
    options = field["type"] if isinstance(field["type"], list) else []
    return any(isinstance(option, dict) and option.get("name") == "Address" for option in options)


def _slots(fact: ObjectFact) -> Iterator[Slot]:
    """Give the columns that are told: those of the table, who made and changed it, custom ones."""
    untold = {*_UNTOLD["*"].split(), *_UNTOLD.get(fact.name, "").split()}
    told = [column for column in fact.fields.values() if column.name not in untold]
    for column in sorted(told, key=lambda column: (column.is_custom, column.name in _STAMPS)):
        if fact.name in _PERSONS and column.name in {"Name", *_NAME_PARTS}:
            if column.name != "Name":
                yield Slot(column, "Name", column.name)
            continue
        yield _address_slot(fact, column) or Slot(column, column.name)


def _address_slot(fact: ObjectFact, column: FieldFact) -> Slot | None:
    for kind in _ADDRESSES.get(fact.name, ()):
        part = column.name.removeprefix(kind)
        if column.name.startswith(kind) and part in _ADDRESS_PARTS:
            return Slot(column, f"{kind}Address", part)
    return None


def _fields(fact: ObjectFact, slots: list[Slot]) -> Iterator[dict[str, Any]]:
    """Give the fields of the record; a compound stands where its first column does."""
    parts: dict[str, list[str]] = {}
    for slot in slots:
        parts.setdefault(slot.field, []).append(slot.part)
    told = {slot.field: slot for slot in reversed(slots)}
    is_address_told = False
    for name, members in parts.items():
        if not members[0]:
            yield _plain(fact, told[name])
        elif name == "Name":
            yield _optional(name, _record(_PERSONS[fact.name], members), doc="Data:PersonName")
        else:
            kind = "Address" if is_address_told else _record("Address", _ADDRESS_PARTS)
            yield _optional(name, kind, doc="Data:Address")
            is_address_told = True


def _plain(fact: ObjectFact, slot: Slot) -> dict[str, Any]:
    if (fact.name, slot.field) == ("Account", "Name"):
        person = _record("Switchable_PersonName", _NAME_PARTS)
        return _optional("Name", "string", person, doc="Data:Switchable_PersonName")
    kind = slot.column.type
    avro = _TYPES.get(kind, "string")
    return _optional(slot.field, _AVRO.get(avro, avro), doc=f"Data:{_DOCS.get(kind, 'Text')}")


def _optional(name: str, *kinds: object, doc: str) -> dict[str, Any]:
    return {"name": name, "type": ["null", *kinds], "doc": doc, "default": None}


def _record(name: str, parts: Collection[str]) -> dict[str, Any]:
    numbers = {"Latitude", "Longitude"}
    kinds = {part: "double" if part in numbers else "string" for part in parts}
    fields = [{"name": n, "type": ["null", kind], "default": None} for n, kind in kinds.items()]
    return {"type": "record", "name": name, "fields": fields}


def _header() -> dict[str, Any]:
    fields = [{"name": n, "type": _AVRO.get(kind, kind)} for n, kind in _HEADER_FIELDS.items()]
    return {"name": HEADER, "type": {"type": "record", "name": HEADER, "fields": fields}}
