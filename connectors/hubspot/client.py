"""hubspot-api-client, riding on our one transport.

The generated code builds paths and bodies; our transport sends them. It gets a rest client of
ours (`_make_api`) and is asked for raw answers (``_preload_content=False``), because its own
models take seconds to build for thousands of rows and drop the ``errors`` of a 200. So none of
its forty ApiException classes is ever raised, and `refusals` alone translates answers.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any

import httpx
from hubspot import HubSpot

from connectors._contract import Renewing, alone
from connectors._errors import Misconfigured, NeedsAttention, Unavailable
from connectors._records import Quota
from connectors._transport import LOOPBACK, Transport, server_time
from connectors.hubspot.access import Access, scopes_in
from connectors.hubspot.credentials import OLDEST, Credentials
from connectors.hubspot.pacing import SEARCHES_A_SECOND, Pace
from connectors.hubspot.refusals import UNREADABLE, body_of, is_daily_limit, refusal

SHOW_SCOPES = "/oauth/v2/private-apps/get/access-token-info"

FIRST_WITH_OAUTH = "2026-03"
"""The first dated version that has the OAuth endpoints too."""

HOSTS = ("api.hubapi.com", "api-*.hubapi.com")


@dataclass(frozen=True, slots=True)
class Answer:
    """What HubSpot said: its JSON, its clock, and the whole response for `refusals`."""

    body: Mapping[str, Any]
    at: datetime
    response: httpx.Response

    def rows(self) -> list[Any]:
        """Give the ``results``, whatever each of them is.

        Raises:
            Unavailable: If there are none, not even an empty list: that answer says nothing.
        """
        results = self.body.get("results")
        if not isinstance(results, list):
            raise Unavailable(UNREADABLE)
        return results

    def after(self) -> str | None:
        """Give HubSpot's cursor to the next page of a list; None on the last one."""
        following = (self.body.get("paging") or {}).get("next") or {}
        return str(following["after"]) if following.get("after") else None


class Client:
    """HubSpot's API, one object per group of endpoints, all on one transport.

    Args:
        clock: Seconds that only ever grow, to renew a token in time and to space out searches.
        searches_a_second: At most so many; None for a sandbox on loopback, which takes more.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        on_refresh: Callable[[Credentials], None],
        permit: Callable[[], None] = lambda: None,
        renewing: Renewing = alone,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        searches_a_second: int | None = None,
    ) -> None:
        self._base_url = credentials.base_url.rstrip("/")
        self._version = credentials.api_version
        self._credentials = credentials
        self._clock = clock
        self._told: tuple[datetime, float] | None = None
        hosts = hosts_of(self._base_url)
        is_sandbox = not LOOPBACK.isdisjoint(hosts)
        usual = searches_a_second or (None if is_sandbox else SEARCHES_A_SECOND)
        self._pace = Pace(usual, clock, sleep)
        self.transport = Transport(
            "HubSpot",
            hosts,
            is_final=is_daily_limit,
            quota_of=self._heed,
            permit=permit,
            sleep=sleep,
        )
        token_url = self._url("/oauth/v3/token")
        self._access = Access(
            credentials,
            self.transport,
            token_url,
            on_refresh=on_refresh,
            renewing=renewing,
            clock=clock,
        )
        self._sdk = HubSpot(api_factory=self._make_api)

    @cached_property
    def search_api(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Search for objects."""
        return self._sdk.crm.objects.search_api

    @cached_property
    def batch_api(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Objects, a hundred at a time."""
        return self._sdk.crm.objects.batch_api

    @cached_property
    def associations_api(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Associations, a thousand objects at a time."""
        return self._sdk.crm.associations.v4.batch_api

    @cached_property
    def basic_api(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Objects, listed."""
        return self._sdk.crm.objects.basic_api

    @cached_property
    def pipelines_api(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Pipelines and their stages."""
        return self._sdk.crm.pipelines.pipelines_api

    @cached_property
    def owners_api(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Owners, page by page."""
        return self._sdk.crm.owners.owners_api

    @cached_property
    def properties(self) -> Any:  # noqa: ANN401  # the SDK has no types
        """Properties and their groups: `core_api`, `batch_api`, `groups_api`."""
        return self._sdk.crm.properties

    def ask(
        self,
        call: Callable[..., httpx.Response],
        *args: object,
        accept: tuple[int, ...] = (),
        **kwargs: object,
    ) -> Answer:
        """Make a call of the SDK.

        Args:
            call: A method of one of the APIs above.
            *args: What it is called with.
            **kwargs: The same, by name.
            accept: Statuses beside 2xx that the caller understands.

        Raises:
            ConnectorError: If HubSpot refuses or does not answer. Any 2xx is an answer, with
                errors in it or without.
        """
        return _answer(call(*args, _preload_content=False, **kwargs), accept)

    def get(self, path: str) -> Answer:
        """Make a call that the SDK does not have."""
        return _answer(self._request("GET", self._base_url + path), ())

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """Make a call that the SDK does not have, with a body."""
        return _answer(self._request("POST", self._base_url + path, body=body), ())

    def now(self) -> datetime | None:
        """Tell HubSpot's time: its last answer's, and what has passed since; None before any."""
        if self._told is None:
            return None
        at, heard = self._told
        return at + timedelta(seconds=self._clock() - heard)

    @property
    def version(self) -> str:
        """The version of HubSpot's API that is called."""
        return self._version

    def scopes(self) -> frozenset[str] | None:
        """Ask what we may do; None if HubSpot does not tell, as with some kinds of tokens."""
        fixed = self._credentials.access_token
        if fixed is None:
            self._access.tokens().current()
            return self._access.scopes
        try:
            answer = self.post(SHOW_SCOPES, {"tokenKey": fixed.get_secret_value()})
        except NeedsAttention:
            return None
        return scopes_in(answer.body.get("scopes"))

    @property
    def portal(self) -> str | None:
        """The portal's id as the last OAuth token came with it; None if it came without."""
        return self._access.portal

    def _heed(self, response: httpx.Response) -> Quota | None:
        """Learn from each answer: HubSpot's time, how fast we may go, the calls left today."""
        self._told = server_time(response), self._clock()
        self._pace.heed(response)
        return _quota(response)

    def _make_api(self, package: Any, api_name: str, _config: object) -> object:  # noqa: ANN401  # a generated module
        """Build one of the SDK's APIs on our transport; the SDK calls this itself."""
        api_client = package.ApiClient(package.Configuration(host=self._base_url))
        api_client.rest_client = SimpleNamespace(
            **{name: partial(self._request, name) for name in ("GET", "POST", "PATCH")}
        )
        return getattr(package, api_name)(api_client=api_client)

    def _request(
        self,
        method: str,
        url: str,
        *,
        query_params: list[tuple[str, Any]] | None = None,
        body: object = None,
        **_theirs: object,
    ) -> httpx.Response:
        """Send what the generated code wants sent; its time-outs and headers are not ours."""
        params = httpx.QueryParams(
            [(key, _query_value(value)) for key, value in query_params or ()]
        )
        request = httpx.Request(
            method,
            self._url(url.removeprefix(self._base_url)),
            params=params or None,
            json=body,
            headers={"Accept": "application/json", "User-Agent": "tieline"},
        )
        tokens = self._access.tokens()
        self._pace.wait(is_search=request.url.path.endswith("/search"))
        return self.transport.send(request, tokens)

    def _url(self, path: str) -> str:
        """Give the whole address of a v3 or v4 path, in the API version chosen."""
        if self._version != OLDEST:
            path = re.sub(r"^/crm/v\d/(\w+)", rf"/crm/\1/{self._version}", path)
            path = re.sub(r"^/account-info/v3", f"/account-info/{self._version}", path)
            if self._version >= FIRST_WITH_OAUTH:
                path = re.sub(r"^/oauth/v3", f"/oauth/{self._version}", path)
        return self._base_url + path


def _quota(response: httpx.Response) -> Quota | None:
    """Read the day's calls; searches and OAuth tokens tell none."""
    limit = str(response.headers.get("X-HubSpot-RateLimit-Daily", ""))
    left = str(response.headers.get("X-HubSpot-RateLimit-Daily-Remaining", ""))
    if not (limit.isdecimal() and left.isdecimal()):
        return None
    return Quota(limit=int(limit), used=max(0, int(limit) - int(left)))


def _answer(response: httpx.Response, accept: tuple[int, ...]) -> Answer:
    if not response.is_success and response.status_code not in accept:
        raise refusal(response)
    body = body_of(response)
    if response.is_success and not body:
        raise refusal(response)
    return Answer(body, server_time(response), response)


def _query_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def hosts_of(base_url: str) -> tuple[str, ...]:
    """Give the hosts that may be called; a loopback address only if it is the one asked for.

    Raises:
        Misconfigured: If the address cannot be HubSpot's.
    """
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Misconfigured(
            "The address of HubSpot's API is no address: use https://api.hubapi.com."
        ) from error
    if url.host in LOOPBACK:
        return (url.host,)
    is_hubspot = re.fullmatch(r"api(-[a-z0-9]+)?\.hubapi\.com", url.host) is not None
    if url.scheme != "https" or not is_hubspot:
        raise Misconfigured(f"HubSpot cannot be at {url.host}: use https://api.hubapi.com.")
    return HOSTS
