"""Where a write comes from, as change events tell it."""

import re

from fastapi import Request

from connectors.salesforce.sandbox.change_events import Writer

_CLIENT = re.compile(r"client\s*=\s*([^,;\s]+)")


def writer(request: Request, user_id: str) -> Writer:
    """Give who writes with a request, through which API, and what client it says it is.

    Collections do not heed ``Sforce-Call-Options``.
    """
    path = request.url.path
    api = "bulkapi" if "/jobs/" in path else "rest"
    origin = f"com/salesforce/api/{api}/{request.path_params.get('version', '')}"
    called = _CLIENT.search(request.headers.get("Sforce-Call-Options", ""))
    if called and "/composite/sobjects" not in path:
        origin += f";client={called[1]}"
    return Writer(user_id, origin)
