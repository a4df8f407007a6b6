"""Custom fields by type: what each must say of itself, may not say, and looks like in describe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.objects import FieldFact


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of custom field.

    Attributes:
        type: What describe calls it.
        needed: What its metadata must say.
        lengths: The shortest and longest it may be made; where they are one, it has no length.
        flags: Describe's, for one that need not be filled.
        is_key: Whether it can be an external id, or unique.
    """

    type: str
    needed: tuple[str, ...] = ()
    lengths: tuple[int, int] = (0, 0)
    flags: str = "CUFSGNP"
    is_key: bool = False


_DIGITS = ("precision", "scale")
_MOST_DIGITS = 18
_TEXT, _LONG = (1, 255), (256, 131_072)

KINDS = {
    "Checkbox": Kind("boolean", ("defaultValue",), flags="CUFSGP"),
    "Currency": Kind("currency", _DIGITS, flags="CUFSNP"),
    "Date": Kind("date"),
    "DateTime": Kind("datetime", flags="CUFSNP"),
    "Email": Kind("email", lengths=(80, 80), is_key=True),
    "Html": Kind("textarea", ("length", "visibleLines"), _LONG, "CUNP"),
    "LongTextArea": Kind("textarea", ("length", "visibleLines"), _LONG, "CUNP"),
    "Lookup": Kind("reference", ("referenceTo", "relationshipName"), (18, 18)),
    "MultiselectPicklist": Kind(
        "multipicklist", ("valueSet", "visibleLines"), (4099, 4099), "CUFNP"
    ),
    "Number": Kind("double", _DIGITS, flags="CUFSNP", is_key=True),
    "Percent": Kind("percent", _DIGITS, flags="CUFSNP"),
    "Phone": Kind("phone", lengths=(40, 40)),
    "Picklist": Kind("picklist", ("valueSet",), (255, 255)),
    "Text": Kind("string", ("length",), _TEXT, is_key=True),
    "TextArea": Kind("textarea", lengths=(255, 255)),
    "Url": Kind("url", lengths=(255, 255)),
}
"""The types of custom field that are emulated; formulas, roll-ups and the like are not."""

_BAD = "FIELD_INTEGRITY_EXCEPTION"


def check(metadata: Mapping[str, Any]) -> None:
    """Check that a field's metadata says what its type must say, and nothing it may not.

    Raises:
        Refusal: FIELD_INTEGRITY_EXCEPTION or NUMBER_OUTSIDE_VALID_RANGE.
    """
    name = str(metadata.get("type"))
    kind = KINDS.get(name)
    if kind is None or not metadata.get("label"):
        raise Refusal(400, _BAD, "Must specify a valid type and label", ("type",))
    for attribute in kind.needed:
        if metadata.get(attribute) is None:
            problem = f"Must specify '{attribute}' for a CustomField of type {name}"
            raise Refusal(400, _BAD, problem, (attribute,))
    least, most = kind.lengths
    if "length" in metadata and "length" not in kind.needed:
        problem = f"Can not specify 'length' for a CustomField of type {name}"
        raise Refusal(400, _BAD, problem, ("length",))
    if "length" in kind.needed and not least <= metadata["length"] <= most:
        problem = f"Field length must be between {least} and {most}"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", problem)
    if "precision" in kind.needed:
        _check_digits(metadata)
    if (metadata.get("externalId") or metadata.get("unique")) and not kind.is_key:
        problem = f"Can not specify 'externalId' or 'unique' for a CustomField of type {name}"
        raise Refusal(400, _BAD, problem, ("externalId",))


def fact(name: str, metadata: Mapping[str, Any]) -> FieldFact:
    """Give the field that a CustomField's ``Metadata`` describes."""
    kind = KINDS[metadata["type"]]
    values = _values(metadata)
    is_required = metadata.get("required") is True
    target = metadata.get("referenceTo")
    return FieldFact(
        name=name,
        type=kind.type,
        length=metadata.get("length", kind.lengths[1]),
        flags=kind.flags.replace("N", "").replace("P", "") if is_required else kind.flags,
        refers_to=(target,) if target else (),
        child_relation=f"{metadata['relationshipName']}__r" if target else "",
        label=metadata["label"],
        precision=metadata.get("precision", 0),
        scale=metadata.get("scale", 0),
        options=tuple(value["fullName"] for value in values),
        default=_default(metadata, values),
        is_restricted=metadata.get("valueSet", {}).get("restricted", False),
        is_custom=True,
        is_external_id=metadata.get("externalId", False),
        is_unique=metadata.get("unique", False),
    )


def _check_digits(metadata: Mapping[str, Any]) -> None:
    precision, scale = metadata["precision"], metadata["scale"]
    if not (1 <= precision <= _MOST_DIGITS and 0 <= scale <= precision):
        problem = f"Precision must be between 1 and {_MOST_DIGITS}, scale at most the precision"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", problem)


def _values(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    value_set = metadata.get("valueSet") or {}
    return list((value_set.get("valueSetDefinition") or {}).get("value", []))


def _default(metadata: Mapping[str, Any], values: list[dict[str, Any]]) -> str | None:
    """Give what a new row holds: a checkbox that is on, or the picklist's default."""
    if metadata["type"] == "Checkbox":
        return "true" if str(metadata["defaultValue"]).lower() == "true" else None
    return next((value["fullName"] for value in values if value.get("default")), None)
