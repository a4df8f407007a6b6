"""Where the org's resources are: versions, the resources of one, and slashes too many."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.salesforce.sandbox.org import ORG_ID
from connectors.salesforce.sandbox.visits import Answer, Visit

VERSIONS = tuple(f"{number}.0" for number in range(31, 68))

_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects", "tooling")


class OneSlash:
    """ASGI middleware that takes ``//services`` for ``/services``, as Salesforce's hosts do.

    Clients that are given an address with a slash at its end ask so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its address in order."""
        if scope["type"] == "http":
            scope = {**scope, "path": re.sub("/{2,}", "/", scope["path"])}
        await self._app(scope, receive, send)


def versions(_: Visit) -> Answer:
    """Answer ``/services/data``."""
    return [
        {"label": f"API {version}", "url": f"/services/data/v{version}", "version": version}
        for version in VERSIONS
    ]


def resources(visit: Visit) -> Answer:
    """Answer ``/services/data/v{version}``: what is emulated, not all that the real one lists."""
    base = f"/services/data/v{visit.part('version')}"
    url = str(visit.request.base_url).rstrip("/")
    identity = {"identity": f"{url}/id/{ORG_ID}/{visit.view.user_id}"}
    return {name: f"{base}/{name}" for name in _RESOURCES} | identity
