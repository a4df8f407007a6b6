"""The picklists of one org: what its admins have added to what every org has."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.salesforce.sandbox.facts import CURRENCIES
from connectors.salesforce.sandbox.objects import ObjectFact


def extended(
    objects: Mapping[str, ObjectFact],
    added: Mapping[str, Sequence[str]],
    currencies: Sequence[str],
) -> dict[str, ObjectFact]:
    """Give the objects with this org's picklist values.

    Args:
        objects: By lower-case name.
        added: Values behind those that every org has, by ``object.field`` in lower case.
        currencies: Those that records can be in, the company's own first; empty for one unnamed.
    """
    found = dict(objects)
    for name, values in added.items():
        owner, _, field = name.partition(".")
        fact = found[owner].fields[field]
        new = [value for value in values if value not in fact.options]
        found[owner] = _with(found[owner], field, (*fact.options, *new), fact.default)
    for name in CURRENCIES if currencies else ():
        owner, _, field = name.partition(".")
        if field:
            found[owner] = _with(found[owner], field, tuple(currencies), currencies[0])
    return found


def _with(
    fact: ObjectFact, field: str, options: tuple[str, ...], default: str | None
) -> ObjectFact:
    changed = replace(fact.fields[field], options=options, default=default)
    return replace(fact, fields={**fact.fields, field: changed})
