"""Answers to whoever reads: queries and their pages, describes, limits, single rows."""

import secrets

from connectors.salesforce.sandbox import describes, queries, rows
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.ids import is_id
from connectors.salesforce.sandbox.visits import MISSING, Answer, Visit, usage


def query(visit: Visit) -> Answer:
    """Answer ``/query?q=``: the first page."""
    return _first_page(visit, is_all=False)


def query_all(visit: Visit) -> Answer:
    """Answer ``/queryAll?q=``: with what is deleted or archived."""
    return _first_page(visit, is_all=True)


def query_more(visit: Visit) -> Answer:
    """Answer ``nextRecordsUrl``: a further page."""
    name, _, first = visit.part("locator").rpartition("-")
    row = visit.org.db.execute(
        "SELECT soql, is_all, page FROM locator WHERE id = ?", (name,)
    ).fetchone()
    if row is None or not first.isdigit():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(visit, row[0], bool(row[1]), int(first), row[2], name)


def _first_page(visit: Visit, *, is_all: bool) -> Answer:
    soql = visit.asked("q")
    page = queries.PAGE
    options = visit.request.headers.get("Sforce-Query-Options", "")
    if options.startswith("batchSize=") and options[10:].isdigit():
        page = min(max(int(options[10:]), 200), queries.PAGE)
    if queries.is_nested(soql):
        page = min(page, visit.org.setting("page_with_sub_rows", queries.PAGE))
    return _page(visit, soql, is_all, 0, page, "")


def _page(visit: Visit, soql: str, is_all: bool, first: int, page: int, locator: str) -> Answer:
    found = queries.run(
        visit.org,
        visit.view,
        soql,
        is_all=is_all,
        version=visit.part("version"),
        first=first,
        page=page,
    )
    behind = first + len(found.records)
    if not found.records or behind >= found.total:
        return {"totalSize": found.total, "done": True, "records": found.records}
    if not locator:
        locator = "01g" + secrets.token_hex(6) + "AAA"
        visit.org.db.execute(
            "INSERT INTO locator VALUES (?, ?, ?, ?)", (locator, soql, is_all, page)
        )
    address = f"/services/data/v{visit.part('version')}/query/{locator}-{behind}"
    return {
        "totalSize": found.total,
        "done": False,
        "nextRecordsUrl": address,
        "records": found.records,
    }


def limits(visit: Visit) -> Answer:
    """Answer ``/limits``."""
    used, most = usage(visit.org)
    return {
        "DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
    }


def describe_global(visit: Visit) -> Answer:
    """Answer ``/sobjects``."""
    return describes.describe_global(visit.view, visit.part("version"))


def describe(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/describe``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    return describes.describe(visit.view, fact, visit.part("version"))


def read_row(visit: Visit) -> Answer:
    """Answer ``/sobjects/{name}/{id}``."""
    fact = rows.fact_for(visit.view, visit.part("name"))
    fields = ", ".join(field.name for field in fact.fields.values())
    if not is_id(visit.part("id")):
        raise MISSING
    found = queries.run(
        visit.org,
        visit.view,
        f"SELECT {fields} FROM {fact.name} WHERE Id = '{visit.part('id')}'",  # noqa: S608 SOQL
        is_all=False,
        version=visit.part("version"),
        first=0,
        page=1,
    )
    if not found.records:
        raise MISSING
    return found.records[0]
