"""The SOQL of a page."""

from collections.abc import Sequence
from datetime import UTC, datetime

from simple_salesforce.format import format_soql

from connectors._records import ExternalId
from connectors.salesforce.places import Cursor, Place
from connectors.salesforce.sources import Relation, Source


def page_of(source: Source, place: Place, rows: int) -> str:
    """Give the statement for the page at a place: so many rows of the keyset order."""
    conditions = _conditions(source, all_of_them=place.reads_old and not place.is_again)
    where = _where([*conditions, *behind(place.next)])
    return (
        f"SELECT {_selected(source)} FROM {source.sobject}{where} "  # noqa: S608 our names
        f"ORDER BY SystemModstamp, Id LIMIT {rows}"
    )


def touched_by(source: Source, relation: Relation, since: Cursor, rows: int) -> str:
    """Give the statement for rows whose relations changed, which their own stamp does not tell."""
    changed = format_soql("SystemModstamp >= {:literal}", literal(since.at)) if since.at else ""
    inner = f"SELECT {relation.parent} FROM {relation.sobject}{_where([changed])}"  # noqa: S608
    more = [format_soql("Id > {}", since.id)] if since.id else []
    where = _where([f"Id IN ({inner})", *_conditions(source, all_of_them=False), *more])
    return f"SELECT {_selected(source)} FROM {source.sobject}{where} ORDER BY Id LIMIT {rows}"  # noqa: S608


def all_behind(source: Source, place: Place) -> str:
    """Give the statement for everything behind a place, in any order, without relations."""
    conditions = _conditions(source, all_of_them=not place.is_again)
    where = _where([*conditions, *behind(place.cursor)])
    return f"SELECT {', '.join(source.fields)} FROM {source.sobject}{where}"  # noqa: S608 our names


def ids_behind(source: Source, row_id: str, rows: int) -> str:
    """Give the statement for the next ids of what is there."""
    after = [format_soql("Id > {}", row_id)] if row_id else []
    kept = ["IsDeleted = false"] if "IsDeleted" in source.fields else []
    where = _where([*_conditions(source, all_of_them=True), *kept, *after])
    return f"SELECT Id FROM {source.sobject}{where} ORDER BY Id LIMIT {rows}"  # noqa: S608 our names


def those(source: Source, ids: Sequence[ExternalId]) -> str:
    """Give the statement for rows by their ids, those too that are to be taken back."""
    conditions = [*_conditions(source, all_of_them=False), format_soql("Id IN {}", list(ids))]
    return f"SELECT {_selected(source)} FROM {source.sobject}{_where(conditions)}"  # noqa: S608


def behind(cursor: Cursor) -> list[str]:
    """Give the keyset condition of a cursor."""
    if cursor.at is None:
        return []
    at = literal(cursor.at)
    if cursor.id is None:
        return [format_soql("SystemModstamp >= {:literal}", at)]
    after = "SystemModstamp >= {0:literal} AND (SystemModstamp > {0:literal} OR Id > {1})"
    return [format_soql(after, at, cursor.id)]


def literal(at: datetime) -> str:
    """Give a datetime literal; Salesforce's own stamps are of whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def _selected(source: Source) -> str:
    return ", ".join([*source.fields, *map(_nested, source.relations)])


def _nested(relation: Relation) -> str:
    fields = ", ".join((relation.key, *relation.fields))
    return f"(SELECT {fields} FROM {relation.name} {relation.then})"  # noqa: S608 our names


def _conditions(source: Source, *, all_of_them: bool) -> list[str]:
    return [one.soql for one in source.conditions if all_of_them or not one.is_passing]


def _where(conditions: list[str]) -> str:
    kept = list(filter(None, conditions))
    return f" WHERE {' AND '.join(kept)}" if kept else ""
