"""Answers to queries, page by page; what lies behind a page is asked for by its locator.

A locator dies when nobody has used it for 15 minutes.
"""

import re
from dataclasses import replace

from connectors.salesforce.sandbox import child_pages, queries, query_columns
from connectors.salesforce.sandbox.asked import Asked
from connectors.salesforce.sandbox.errors import Refusal
from connectors.salesforce.sandbox.ids import long_id
from connectors.salesforce.sandbox.org import Org, stamp
from connectors.salesforce.sandbox.queries import PAGE, Rows
from connectors.salesforce.sandbox.visits import Answer, Visit

SMALLEST_PAGE = 200

_UNKNOWN = Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def query(visit: Visit) -> Answer:
    """Answer ``/query?q=``: the first page, or with ``columns=true`` its columns alone."""
    if visit.asked("columns").lower() == "true":
        asked = Asked(visit.org, visit.view, visit.asked("q"), visit.part("version"))
        return query_columns.columns(asked)
    return _first(visit, is_all=False)


def query_tooling(visit: Visit) -> Answer:
    """Answer ``/tooling/query?q=``: of the objects that the Tooling API shows."""
    view = visit.org.view(visit.view.user_id, is_tooling=True)
    return query(replace(visit, view=view))


def query_all(visit: Visit) -> Answer:
    """Answer ``/queryAll?q=``: with what is deleted or archived."""
    return _first(visit, is_all=True)


def query_more(visit: Visit) -> Answer:
    """Answer ``nextRecordsUrl``: a further page."""
    name, _, first = visit.part("locator").rpartition("-")
    row = visit.org.db.execute(
        "SELECT soql, is_all, page, total FROM query_locator WHERE id = ? AND expires_at > ?",
        (name, visit.org.now()),
    ).fetchone()
    if not first.isdigit():
        raise _UNKNOWN
    if row is None:
        return _more_children(visit, name, int(first))
    soql, is_all, page, total = row
    asked = Asked(visit.org, visit.view, soql, visit.part("version"), bool(is_all), page)
    found = queries.run(asked, int(first), page, total)
    visit.org.db.execute(
        "UPDATE query_locator SET expires_at = ? WHERE id = ?", (_expiry(visit.org), name)
    )
    return _page(visit, found, int(first), name)


def _more_children(visit: Visit, locator: str, first: int) -> Answer:
    """Answer with further rows of a child query."""
    cursor = child_pages.find(visit.org, locator)
    if cursor is None:
        raise _UNKNOWN
    version = visit.part("version")
    asked = Asked(visit.org, visit.view, cursor.text, version, cursor.is_all, cursor.page)
    found = queries.sub_rows(asked, cursor.place)
    page = Rows(found[first : first + cursor.page], len(found))
    return _page(visit, page, first, locator)


def _first(visit: Visit, *, is_all: bool) -> Answer:
    soql = visit.asked("q")
    if not soql:
        raise Refusal(400, "MALFORMED_QUERY", "A query string has to be specified")
    page = _page_size(visit, soql)
    asked = Asked(visit.org, visit.view, soql, visit.part("version"), is_all, page)
    found = queries.run(asked, 0, page)
    locator = ""
    if found.records and len(found.records) < found.total:
        locator = long_id("01g" + visit.org.secret("locator", 12))
        visit.org.db.execute(
            "INSERT INTO query_locator VALUES (?, ?, ?, ?, ?, ?)",
            (locator, soql, is_all, page, found.total, _expiry(visit.org)),
        )
    return _page(visit, found, 0, locator)


def _page(visit: Visit, found: Rows, first: int, locator: str) -> Answer:
    behind = first + len(found.records)
    if not found.records or behind >= found.total:
        return {"totalSize": found.total, "done": True, "records": found.records}
    address = f"/services/data/v{visit.part('version')}/query/{locator}-{behind}"
    return {
        "totalSize": found.total,
        "done": False,
        "nextRecordsUrl": address,
        "records": found.records,
    }


def _page_size(visit: Visit, soql: str) -> int:
    wanted = _BATCH_SIZE.search(visit.request.headers.get("Sforce-Query-Options", ""))
    page = min(max(int(wanted[1]), SMALLEST_PAGE), PAGE) if wanted else PAGE
    if not queries.is_nested(soql):
        return page
    return min(page, int(visit.org.setting("page_with_sub_rows", PAGE)))


def _expiry(org: Org) -> str:
    return stamp(org.clock.now() + child_pages.LIFE)
