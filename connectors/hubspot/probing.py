"""Whether a stream of a portal can be read, and what of it cannot: for `examining`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors._errors import PermissionMissing
from connectors._records import Finding, Stream, Verdict
from connectors.hubspot import gaps, mapping, trying
from connectors.hubspot.associations import links_of
from connectors.hubspot.client import Client
from connectors.hubspot.deals import Stages, read_stages
from connectors.hubspot.places import Cursor
from connectors.hubspot.rows import ids
from connectors.hubspot.streams import SOURCES, Source

WITHOUT = {
    Stream.ACCOUNTS: "contacts are not grouped by company",
    Stream.CONTACTS: "there is nobody to score",
    Stream.DEALS: "ties are not brought together with deals",
    Stream.EMAILS: "ties are judged without email, and trusted less",
    Stream.MEETINGS: "ties are judged without meetings",
    Stream.CALLS: "ties are judged without calls",
    Stream.MESSAGES: "ties are judged without SMS, WhatsApp and LinkedIn",
    Stream.TASKS: "messages on LinkedIn are missed that were only ticked off as tasks",
}


def probe(client: Client, stream: Stream) -> Iterator[Finding]:
    """Look at a few rows of a stream, at its properties, and at what hangs on it.

    Raises:
        ConnectorError: If HubSpot does not answer.
    """
    source, about = SOURCES[stream], stream.value.capitalize()
    try:
        answer = trying.search(client, source, Cursor())
    except PermissionMissing as error:
        is_needed = stream is Stream.CONTACTS
        verdict = Verdict.BAD if is_needed else Verdict.WARNING
        yield Finding(about, verdict, f"Refused: {WITHOUT[stream]}.", str(error))
        return
    rows, total = answer.rows(), answer.body.get("total")
    yield _visible(client, source, about, rows, total)
    yield from _hidden(client, source, about)
    yield from _lacking(source, about, rows)
    if len(rows) > 1:
        yield from _ordered(client, source, about, rows)
    if rows:
        yield from trying.changed(client, source, about, rows)
        yield from trying.by_id(client, source, about, rows)
    yield from _linked(client, source, about, rows)
    if stream is Stream.DEALS:
        yield from _stages(client)
    if stream is Stream.CONTACTS:
        yield from _merged(client, source)


def _visible(
    client: Client, source: Source, about: str, rows: Sequence[Any], total: object
) -> Finding:
    """Tell how many rows there are; if the search finds none, the list must not show any."""
    if rows:
        count = f"{total:,}" if isinstance(total, int) else "some"
        return Finding(about, Verdict.GOOD, f"Readable: {count} records.")
    listed = client.ask(client.basic_api.get_page, source.type_id, limit=1).rows()
    if listed and not source.filters:
        told = "The search finds nothing where the list shows records: nothing would be read."
        advice = "Wait until HubSpot's search has caught up; then ask HubSpot's support."
        return Finding(about, Verdict.BAD, told, advice)
    return Finding(about, Verdict.GOOD, "Readable: the portal has none of them yet.")


def _hidden(client: Client, source: Source, about: str) -> Iterator[Finding]:
    known = client.ask(client.properties.core_api.get_all, source.type_id).rows()
    names = {row.get("name") for row in known if isinstance(row, dict)}
    hidden = [name for name in source.properties if name not in names]
    if hidden:
        told = f"The portal does not show {', '.join(hidden)}; records are read without."
        advice = "If these are hidden, make them visible to the service key or app."
        is_usual = set(hidden) <= gaps.NOT_EVERYWHERE
        yield Finding(about, Verdict.GOOD if is_usual else Verdict.WARNING, told, advice)


def _lacking(source: Source, about: str, rows: Sequence[Any]) -> Iterator[Finding]:
    for gap in gaps.within(source, rows):
        if gap.what == gaps.REDACTED:
            yield Finding(about, Verdict.WARNING, "Addresses of emails are hidden.", gap.reason)


def _ordered(client: Client, source: Source, about: str, rows: Sequence[Any]) -> Iterator[Finding]:
    """Try what reading rests on: the search compares ids, and gives them in their order."""
    found = [int(number) for number in ids(rows)]
    behind = [int(n) for n in ids(trying.search(client, source, Cursor(last_id=found[0])).rows())]
    if found == sorted(found) and behind and min(behind) > found[0]:
        return
    told = "The search does not give ids in their order: rows could be read twice or not at all."
    advice = "Do not use this connection; tell Tieline's developers."
    yield Finding(about, Verdict.BAD, told, advice)


def _linked(client: Client, source: Source, about: str, rows: Sequence[Any]) -> Iterator[Finding]:
    for type_id in source.linked if rows else ():
        try:
            links_of(client, source.type_id, type_id, list(ids(rows)))
        except PermissionMissing as error:
            other = "contacts" if type_id == mapping.CONTACT else "companies"
            told = f"Which {other} they belong to is refused."
            yield Finding(about, Verdict.WARNING, told, str(error))


def _stages(client: Client) -> Iterator[Finding]:
    try:
        stages = read_stages(client)
    except PermissionMissing as error:
        told = "The pipelines are refused: stages are known by their ids only."
        yield Finding("Stages", Verdict.WARNING, told, str(error))
        return
    if stages == Stages():
        advice = "Add a deal pipeline in HubSpot's settings if deals are to be read."
        yield Finding("Stages", Verdict.WARNING, "The portal has no deal pipeline.", advice)
        return
    yield Finding("Stages", Verdict.GOOD, f"{len(stages.by_id)} stages of deals are known.")


def _merged(client: Client, source: Source) -> Iterator[Finding]:
    """Try whether the search shows what was merged, which HubSpot's documents leave open."""
    has_merged = {"propertyName": mapping.MERGED, "operator": "HAS_PROPERTY"}
    rows = trying.search(client, replace(source, filters=(has_merged,)), Cursor()).rows()
    if not rows:
        return
    shown = [r["properties"] for r in rows if isinstance(r, dict) and r.get("properties")]
    if any(row.get(mapping.MERGED) or row.get(mapping.MERGED_WHEN) for row in shown):
        yield Finding("Merges", Verdict.GOOD, "Contacts that were merged are told at once.")
    else:
        told = "The search does not show what was merged: merged contacts are found by the sweep "
        advice = "Nothing is lost; it may take a week to show."
        yield Finding("Merges", Verdict.WARNING, f"{told}only.", advice)
    yield from trying.merged(client, source, rows)
