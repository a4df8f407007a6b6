"""Describe answers: an object and its fields as the caller sees them."""

from typing import Any

from connectors.salesforce.sandbox.facts import LOOSE, TOOLING
from connectors.salesforce.sandbox.objects import (
    NUMERIC,
    WIRE_TYPES,
    FieldFact,
    ObjectFact,
    spaced,
)
from connectors.salesforce.sandbox.org import View

_FALSE_OF_FIELD = [
    "aiPredictionField",
    "autoNumber",
    "calculated",
    "cascadeDelete",
    "caseSensitive",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "queryByDistance",
    "restrictedDelete",
    "searchPrefilterable",
    "writeRequiresMasterRead",
]
_NULL_OF_FIELD = [
    "calculatedFormula",
    "compoundFieldName",
    "controllerName",
    "defaultValue",
    "defaultValueFormula",
    "extraTypeInfo",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
]
_FALSE_OF_OBJECT = [
    "activateable",
    "customSetting",
    "deepCloneable",
    "deprecatedAndHidden",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
]
_NULL_OF_OBJECT = [
    "associateEntityType",
    "associateParentEntity",
    "defaultImplementation",
    "extendedBy",
    "extendsInterfaces",
    "implementedBy",
    "implementsInterfaces",
    "listviewable",
    "lookupLayoutable",
    "networkScopeFieldName",
]
_TRUE_OF_OBJECT = ["queryable", "replicateable", "retrieveable"]
_FLAGS_OF_OBJECT = {
    "createable": "C",
    "updateable": "U",
    "deletable": "D",
    "undeletable": "R",
    "searchable": "S",
    "layoutable": "L",
    "feedEnabled": "F",
    "mruEnabled": "M",
    "triggerable": "T",
    "mergeable": "G",
}
_UTF8_BYTES = 3
_INT_DIGITS = 8


def describe(view: View, fact: ObjectFact, version: str) -> dict[str, Any]:
    """Give ``/sobjects/{name}/describe``."""
    return {
        **brief(fact, version),
        **dict.fromkeys(_NULL_OF_OBJECT),
        "actionOverrides": [],
        "namedLayoutInfos": [],
        "searchLayoutable": "S" in fact.flags,
        "childRelationships": [
            _child(other, field)
            for other in view.objects.values()
            for field in other.fields.values()
            if fact.name in field.refers_to and other.name not in TOOLING
        ],
        "compactLayoutable": "L" in fact.flags,
        "fields": [_field(view, fact, field) for field in fact.fields.values()],
        "recordTypeInfos": [],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [],
    }


def describe_global(view: View, version: str) -> dict[str, Any]:
    """Give ``/sobjects``."""
    shown = [brief(fact, version) for fact in view.objects.values() if fact.name not in TOOLING]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown}


def brief(fact: ObjectFact, version: str) -> dict[str, Any]:
    """Give what describe global says about one object."""
    address = f"/services/data/v{version}/sobjects/{fact.name}"
    label = spaced(fact.name)
    return {
        **dict.fromkeys(_FALSE_OF_OBJECT, False),
        **dict.fromkeys(_TRUE_OF_OBJECT, True),
        **{name: flag in fact.flags for name, flag in _FLAGS_OF_OBJECT.items()},
        "custom": False,
        "keyPrefix": fact.prefix,
        "label": label,
        "labelPlural": _plural(label),
        "name": fact.name,
        "urls": {
            "sobject": address,
            "describe": f"{address}/describe",
            "rowTemplate": f"{address}/{{ID}}",
        },
    }


def _field(view: View, fact: ObjectFact, field: FieldFact) -> dict[str, Any]:
    is_text = field.type not in {*NUMERIC, "boolean", "date", "datetime", "complexvalue"}
    is_exact = field.type in {"id", "reference"}
    is_editable = f"{fact.name}.{field.name}".lower() in view.writable or not field.is_custom
    return {
        **dict.fromkeys(_FALSE_OF_FIELD, False),
        **dict.fromkeys(_NULL_OF_FIELD),
        "aggregatable": "F" in field.flags and field.type != "boolean",
        "byteLength": field.length * (1 if is_exact else _UTF8_BYTES) if is_text else 0,
        "createable": "C" in field.flags and is_editable,
        "custom": field.is_custom,
        "defaultValue": False if field.type == "boolean" else None,
        "externalId": field.is_external_id,
        "defaultedOnCreate": _is_defaulted(field),
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "digits": _INT_DIGITS if field.type == "int" else 0,
        "filterable": "F" in field.flags,
        "groupable": "G" in field.flags,
        "idLookup": field.type in {"id", "email"} or field.is_external_id,
        "label": field.label or spaced(field.name),
        "length": field.length,
        "name": field.name,
        "nameField": field.name == "Name",
        "namePointing": len(field.refers_to) > 1,
        "nillable": "N" in field.flags,
        "permissionable": "P" in field.flags,
        "picklistValues": [_option(field, value) for value in field.options],
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "precision": field.precision,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": bool(field.options) and field.is_restricted,
        "scale": field.scale,
        "soapType": WIRE_TYPES.get(field.type, "xsd:string"),
        "sortable": "S" in field.flags,
        "type": field.type,
        "unique": field.is_unique,
        "updateable": "U" in field.flags and is_editable,
    }


def _is_defaulted(field: FieldFact) -> bool:
    """Tell whether Salesforce fills a field by itself; a name is put together, not defaulted."""
    if "N" in field.flags or field.name == "Name":
        return False
    is_own = field.name == "OwnerId" or field.default is not None
    return "U" not in field.flags or field.type == "boolean" or is_own


def _option(field: FieldFact, value: str) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == field.default,
        "label": value,
        "validFor": None,
        "value": value,
    }


def _child(child: ObjectFact, field: FieldFact) -> dict[str, Any]:
    relation = field.child_relation or None
    return {
        "cascadeDelete": relation is not None and relation not in LOOSE,
        "childSObject": child.name,
        "deprecatedAndHidden": False,
        "field": field.name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": relation,
        "restrictedDelete": False,
    }


def _plural(label: str) -> str:
    if label.endswith("y"):
        return label[:-1] + "ies"
    return label if label.endswith("s") or label == "Opportunity Contact Role" else label + "s"
