"""simple-salesforce on our one transport, and the few calls that Tieline makes with it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import requests

from connectors._contract import Renewing, alone
from connectors._errors import ConnectorError, Misconfigured, PermissionMissing
from connectors._records import Quota
from connectors._transport import LOOPBACK, Tokens, Transport
from connectors.salesforce.adapter import Adapter, sdk_on
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.refusals import refusal, translated
from connectors.salesforce.signing_in import Grant

HOSTS = ("*.my.salesforce.com", "*.salesforce.com", "*.force.com")

_USAGE = re.compile(r"(?<![\w-])api-usage=(?P<used>\d+)/(?P<limit>\d+)")

_REFUSED = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        is_done: No rows remain behind these, as far as the query's own LIMIT lets it look.
        at: Salesforce's clock when it answered.
        total: How many rows there are in all.
    """

    rows: list[Any]
    is_done: bool
    at: datetime
    total: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """Something to look up.

    Attributes:
        doing: What is done, for a message: ``to read Contact``.
        path: Behind the version: ``queryAll``, ``sobjects/Contact/describe``.
        soql: The statement, of a query.
    """

    doing: str
    path: str
    soql: str = ""


Found = Answer | dict[str, Any]


class Client:
    """The calls to one org; every refusal is a `ConnectorError`.

    Attributes:
        version: Of the API.
        grant: Who we are.
        sleep: How to wait.
    """

    def __init__(
        self,
        credentials: Credentials,
        on_refresh: Callable[[Credentials], None],
        *,
        permit: Callable[[], None],
        renewing: Renewing = alone,
        sleep: Callable[[float], None],
    ) -> None:
        hosts = hosts_of(credentials.instance_url)
        self._transport = Transport(
            "Salesforce", hosts, quota_of=_quota, permit=permit, sleep=sleep
        )
        self.grant = Grant(credentials, self._transport, on_refresh, renewing)
        self._tokens = Tokens(self.grant.fetch)
        self.sleep = sleep
        self.version = credentials.api_version
        self._site = credentials.instance_url.rstrip("/")
        self._adapter = Adapter(self._transport, self._tokens, credentials.instance_url)
        self._sdk = sdk_on(self._adapter, credentials)

    @property
    def site(self) -> str:
        """Where people see the org's records."""
        return self._site

    @property
    def calls(self) -> int:
        """How many HTTP requests were made so far."""
        return self._transport.calls

    @property
    def quota(self) -> Quota | None:
        """The calls of the last 24 hours and their limit, as the last answer told them."""
        return self._transport.quota

    def sign_in(self) -> Grant:
        """Make sure that there is an access token, and tell whose it is."""
        self._tokens.current()
        return self.grant

    def token(self, refused: str | None = None) -> str:
        """Give the access token, renewed if this one was refused."""
        return self._tokens.current() if refused is None else self._tokens.renew(refused)

    @property
    def answered_at(self) -> datetime:
        """Salesforce's clock at its last answer."""
        return self._adapter.answered_at

    def query(self, doing: str, soql: str, *, with_deleted: bool = False) -> Answer:
        """Run one statement and give its first batch of rows.

        Args:
            doing: What is done, for a message: ``to read Contact``.
            soql: The statement.
            with_deleted: Deleted, merged and archived rows too.
        """
        path = "queryAll" if with_deleted else "query"
        with self._translated(doing):
            return self._answer(self._sdk.restful(f"{path}/", params={"q": soql}))

    def get(self, question: Question) -> Found:
        """Look up one thing; a query's answer is an `Answer`.

        Raises:
            ConnectorError: If it is refused.
        """
        params = {"q": question.soql} if question.soql else None
        with self._translated(question.doing):
            return self._read(question, self._sdk.restful(question.path, params))

    def get_together(self, questions: Sequence[Question]) -> list[Found | ConnectorError]:
        """Look up several things in one call.

        Returns:
            For each, what it was answered with, or what it was refused with.

        Raises:
            ConnectorError: If the call as a whole is refused.
        """
        parts = [self._part(at, question) for at, question in enumerate(questions)]
        body = {"allOrNone": False, "compositeRequest": parts}
        with self._translated("several things at once"):
            found: Any = self._sdk.restful("composite", method="POST", json=body)
            answers = {one["referenceId"]: one for one in found["compositeResponse"]}
            told = [answers[part["referenceId"]] for part in parts]
            return list(map(self._opened, questions, told))

    def part(self, doing: str, address: str) -> dict[str, Any]:
        """Give a further part of an answer, by the address that the answer told."""
        with self._translated(doing):
            found = self._sdk.query_more(address, identifier_is_url=True)
            return {**found, "records": [*found["records"]]}

    def counts(self, names: Iterable[str]) -> dict[str, int]:
        """Give about how many records of these objects there are."""
        params = {"sObjects": ",".join(names)}
        with self._translated("to count records"):
            found: Any = self._sdk.restful("limits/recordCount", params=params)
            return {str(one["name"]): int(one["count"]) for one in found["sObjects"]}

    def describe(self, name: str) -> dict[str, Any]:
        """Describe an object as we see it.

        Raises:
            PermissionMissing: If we do not see it at all.
        """
        try:
            with self._translated(f"to describe {name}"):
                found = self._sdk.restful(f"sobjects/{name}/describe")
        except Misconfigured as error:
            raise PermissionMissing(
                f"Salesforce does not show us the object {name}: "
                "give the integration user read access to it in a permission set."
            ) from error
        return dict(found or {})

    def rest(self, doing: str, path: str, **said: Any) -> Any:  # noqa: ANN401 any JSON
        """Make a call of which the caller reads the answer.

        Args:
            doing: What is done, for a message.
            path: Behind the version.
            **said: The method, parameters, headers or body.
        """
        with self._translated(doing):
            return self._sdk.restful(path, **said)

    def raw(self, doing: str, method: str, path: str, **said: Any) -> requests.Response:  # noqa: ANN401 as in requests
        """Make a call whose answer or body is no JSON.

        Raises:
            ConnectorError: If it is refused.
        """
        with self._translated(doing):
            answer = self._sdk.session.request(method, f"{self._sdk.base_url}{path}", **said)
            if answer.status_code >= _REFUSED:
                raise refusal(doing, answer.status_code, answer.json())
        return answer

    def versions(self) -> list[str]:
        """Give the versions of the API that the org answers, the newest last."""
        with self._translated("for its API versions"):
            found: Any = self._sdk.restful("../")
            return sorted((str(one["version"]) for one in found), key=float)

    def create(self, doing: str, name: str, values: Mapping[str, object]) -> str:
        """Create a record and give its id."""
        with self._translated(doing):
            made = self._sdk.restful(f"sobjects/{name}", method="POST", json=dict(values))
        return str((made or {}).get("id", ""))

    def _part(self, at: int, question: Question) -> dict[str, str]:
        url = f"/services/data/v{self.version}/{question.path}"
        if question.soql:
            url += f"/?q={quote(question.soql, safe='')}"
        return {"method": "GET", "url": url, "referenceId": f"part{at}"}

    def _opened(self, question: Question, part: Mapping[str, Any]) -> Found | ConnectorError:
        status = int(part["httpStatusCode"])
        if status < _REFUSED:
            return self._read(question, part["body"])
        return refusal(question.doing, status, part["body"])

    def _read(self, question: Question, body: Any) -> Found:  # noqa: ANN401 any JSON
        return self._answer(body) if question.soql else dict(body)

    def _answer(self, body: Any) -> Answer:  # noqa: ANN401 any JSON
        rows, total = [*body["records"]], int(body.get("totalSize", 0))
        return Answer(rows, bool(body["done"]), self._adapter.answered_at, total)

    def _translated(self, doing: str) -> AbstractContextManager[None]:
        return translated(doing, lambda: self._adapter.retry_after_s)

    def close(self) -> None:
        """Close the connections."""
        self._sdk.session.close()
        self._transport.close()


def _quota(answer: httpx.Response) -> Quota | None:
    """Read ``api-usage=used/limit``, whatever else the header tells (``per-app-api-usage``)."""
    told = _USAGE.search(str(answer.headers.get("Sforce-Limit-Info", "")))
    return Quota(limit=int(told["limit"]), used=int(told["used"])) if told else None


def hosts_of(instance_url: str) -> tuple[str, ...]:
    """Give the hosts that may be called: Salesforce's, or one loopback host and no other.

    Raises:
        Misconfigured: If the address is none of them.
    """
    address = urlsplit(instance_url)
    host = address.hostname or ""
    if host in LOOPBACK and address.scheme in {"http", "https"}:
        return (host,)
    endings = tuple(pattern.lstrip("*") for pattern in HOSTS)
    if address.scheme == "https" and host.endswith(endings):
        return HOSTS
    raise Misconfigured(
        f"Salesforce cannot be at {address.scheme}://{host}: "
        "use the My Domain address, like https://acme.my.salesforce.com."
    )
