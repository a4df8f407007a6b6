"""What a portal does not show us, and what its admin can do about it."""

from collections.abc import Iterator, Sequence
from typing import Any

from connectors._errors import NeedsAttention, PermissionMissing
from connectors._records import Gap, Stream
from connectors.hubspot import emails, mapping
from connectors.hubspot.refusals import ScopesMissing
from connectors.hubspot.rows import Unreadable
from connectors.hubspot.streams import SOURCES, Source

EMAIL_SCOPE = "sales-email-read"

REDACTED = "hs_email_headers"

ENOUGH_TO_TELL = 3
"""Emails without addresses: one alone may have been logged without any."""

NOT_EVERYWHERE = frozenset(
    {
        mapping.MERGED_WHEN,
        "hs_campaign_guid",
        "hs_communication_conversations_thread_id",
        "hs_sequence_id",
        "hs_task_completion_date",
    }
)
"""Properties that some portals do not have: what they would tell is not there to be told."""


def whole(stream: Stream, error: NeedsAttention) -> Gap:
    """Give the gap of a stream that is refused as a whole."""
    what = _scopes(error) or SOURCES[stream].type_id
    told = f"{stream.value.capitalize()} are unavailable: {error}"
    if EMAIL_SCOPE in what.split(" or "):
        told = f"Email is unavailable, so ties are judged without it: {error}"
    return Gap(what, told, is_whole=True)


def part(error: PermissionMissing) -> Gap:
    """Give the gap of what a stream is read without."""
    return Gap(_scopes(error) or "associations", str(error))


def within(source: Source, rows: Sequence[Any]) -> Iterator[Gap]:
    """Find what the rows of a page lack, every one of them."""
    shown = [row["properties"] for row in rows if _has_properties(row)]
    yield from _hidden(source, shown)
    is_enough = source.type_id == mapping.EMAIL and len(shown) >= ENOUGH_TO_TELL
    if is_enough and all(map(_is_redacted, rows)):
        yield Gap(
            REDACTED,
            "HubSpot hides from whom and to whom emails are: add the scope sales-email-read to "
            "the service key or app, and allow its user to see emails.",
        )


def _hidden(source: Source, shown: Sequence[dict[str, Any]]) -> Iterator[Gap]:
    """Find properties that no row shows, not even as empty.

    HubSpot leaves out those that do not exist or are hidden; some of its answers leave out empty
    ones too, and then nothing can be said.
    """
    named = {name for properties in shown for name in properties}
    if not any(value is None for properties in shown for value in properties.values()):
        return
    for name in source.properties:
        if name not in named and name not in NOT_EVERYWHERE:
            yield Gap(
                f"{source.type_id}.{name}",
                f"HubSpot does not show the property {name}: if it is hidden or was deleted, make "
                "it visible to the service key or app.",
            )


def _scopes(error: NeedsAttention) -> str:
    return " or ".join(error.scopes) if isinstance(error, ScopesMissing) else ""


def _is_redacted(row: Any) -> bool:  # noqa: ANN401  # HubSpot's row
    try:
        return _has_properties(row) and emails.is_redacted(row)
    except Unreadable:
        return False


def _has_properties(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("properties"), dict)
