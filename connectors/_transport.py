"""The one way out: every call to every CRM is made here, whichever SDK asks for it.

It allows only known hosts, never follows a redirect, gives every call a timeout, waits and tries
again when the CRM is busy, renews a refused token once, and counts and logs calls without their
query, headers or bodies.
"""

import fnmatch
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from connectors._errors import Misconfigured, Unavailable
from connectors._records import Quota

logger = logging.getLogger("tieline.transport")

BUSY = frozenset({423, 429, 477, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Answers that may be different a moment later. All our requests may be repeated."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

ATTEMPTS = 5
"""How often a call is made at most, a renewed token not counted."""

TIMEOUT_S = 60.0
"""How long an answer may keep silent."""

LONGEST_ANSWER_S = 300.0
"""How long an answer may take that never keeps silent and never ends."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0


def ask_once(title: str) -> Callable[[float], None]:
    """What a transport waits with where somebody waits for the answer: it does not try again.

    Args:
        title: What people call the CRM.
    """

    def give_up(_: float) -> None:
        raise Unavailable(f"{title} does not answer.")

    return give_up


class Tokens:
    """One access token, fetched when first needed and renewed by one caller at a time.

    Args:
        fetch: Gets a new access token from the CRM; raises `AuthenticationFailed` if refused.
        first: A token that is known already.
    """

    def __init__(self, fetch: Callable[[], str], first: str | None = None) -> None:
        self._fetch = fetch
        self._token = first
        self._lock = threading.Lock()

    def current(self) -> str:
        """Give the token to use now."""
        with self._lock:
            if self._token is None:
                self._token = self._fetch()
            return self._token

    def renew(self, refused: str) -> str:
        """Replace a token that the CRM refused; a caller who comes late gets the one just made."""
        with self._lock:
            if self._token == refused:
                self._token = None
                self._token = self._fetch()
            return self._token or self._fetch()


class _Bounded(httpx.SyncByteStream):
    """An answer's body, for as long as it may take."""

    def __init__(self, body: httpx.SyncByteStream, longest_s: float) -> None:
        self._body = body
        self._until = time.monotonic() + longest_s

    def __iter__(self) -> Iterator[bytes]:
        for part in self._body:
            if time.monotonic() >= self._until:
                raise httpx.ReadTimeout("The answer does not end.")
            yield part

    def close(self) -> None:
        self._body.close()


class _Wire(httpx.HTTPTransport):
    """httpx's own way out, but for answers that do not end."""

    def __init__(self, longest_s: float) -> None:
        super().__init__(trust_env=False)
        self._longest_s = longest_s

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Bounded(response.stream, self._longest_s)
        return response


class Transport:
    """An HTTP client with one policy for time-outs, retries, hosts and tokens.

    Attributes:
        calls: How many requests were made, failed ones included.
        quota: The CRM's daily limit as its last answer told it; None before it has told.

    Args:
        title: What people call the CRM, for messages.
        hosts: Patterns of the hosts that may be called (``*.my.salesforce.com``). A loopback
            address must be named exactly; only then is http allowed.
        is_final: Whether a busy answer is not worth another try (a daily limit, say).
        quota_of: Reads the CRM's daily limit from an answer, where it tells it.
        permit: Called before every request; raises `TryLater` if it may not be made.
        sleep: Waits; replaced in tests that count waits.
        longest_s: How long an answer may take.
    """

    def __init__(
        self,
        title: str,
        hosts: Iterable[str],
        *,
        is_final: Callable[[httpx.Response], bool] = lambda _: False,
        quota_of: Callable[[httpx.Response], Quota | None] = lambda _: None,
        permit: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
        longest_s: float = LONGEST_ANSWER_S,
    ) -> None:
        self.calls = 0
        self.quota: Quota | None = None
        self._title = title
        self._hosts = tuple(hosts)
        self._is_final = is_final
        self._quota_of = quota_of
        self._permit = permit
        self._sleep = sleep
        self._client = httpx.Client(
            transport=_Wire(longest_s),
            timeout=httpx.Timeout(TIMEOUT_S, connect=10.0),
            follow_redirects=False,
            trust_env=False,
        )

    def send(self, request: httpx.Request, tokens: Tokens | None = None) -> httpx.Response:
        """Make a call; the answer has been read, and may still be an error for the caller.

        Args:
            request: What to send; repeated as it is if the CRM is busy.
            tokens: Signs the request; None for the token endpoint itself.

        Raises:
            Misconfigured: If the host is not one of the CRM's.
            TryLater: If `permit` says so.
            Unavailable: If no answer came after all attempts.
        """
        self._check_host(request.url)
        is_renewed = tokens is None
        attempt = 0
        while True:
            attempt += 1
            token = self._sign(request, tokens)
            response = self._try(request, is_last=attempt >= ATTEMPTS)
            if response is None:
                self._sleep(_wait_s(attempt, None))
            elif response.status_code == httpx.codes.UNAUTHORIZED and tokens and not is_renewed:
                is_renewed = True
                attempt -= 1
                tokens.renew(token)
            elif self._is_worth_another(response, attempt):
                self._sleep(_wait_s(attempt, response))
            else:
                return response

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    def _check_host(self, url: httpx.URL) -> None:
        is_known = any(fnmatch.fnmatchcase(url.host, pattern) for pattern in self._hosts)
        is_safe = url.scheme == "https" or (url.host in LOOPBACK and url.host in self._hosts)
        if not (is_known and is_safe):
            raise Misconfigured(
                f"{self._title} cannot be at {url.scheme}://{url.host}: "
                "check the connection's address."
            )

    @staticmethod
    def _sign(request: httpx.Request, tokens: Tokens | None) -> str:
        if tokens is None:
            return ""
        token = tokens.current()
        request.headers["Authorization"] = f"Bearer {token}"
        return token

    def _try(self, request: httpx.Request, *, is_last: bool) -> httpx.Response | None:
        """Give the answer, or None if there was none and another try is due."""
        self._permit()
        begun = time.monotonic()
        self.calls += 1
        try:
            response = self._client.send(request)
        except httpx.RequestError as error:  # nobody answers, or the answer is garbled
            _log(request, type(error).__name__, begun)
            if is_last:
                raise Unavailable(self._silence(request.url.host, error)) from error
            return None
        _log(request, response.status_code, begun)
        self.quota = self._quota_of(response) or self.quota
        return response

    def _silence(self, host: str, error: httpx.RequestError) -> str:
        """Say why there is no answer; nothing was sent to whoever could not say who it is."""
        if _is_about_tls(error):
            return (
                f"What answers at {host} does not prove to be {self._title}: its certificate or "
                "encryption is not good, so nothing was sent; check the address and the network. "
                "Tieline tries again by itself."
            )
        return (
            f"{self._title} does not answer at {host}: "
            "check the address and the network; Tieline tries again by itself."
        )

    def _is_worth_another(self, response: httpx.Response, attempt: int) -> bool:
        return (
            response.status_code in BUSY
            and attempt < ATTEMPTS
            and not self._is_final(response)
            and (retry_after_s(response) or 0.0) <= LONGEST_WAIT_S
        )


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether a connection broke because the two ends agreed on no encryption."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def server_time(response: httpx.Response) -> datetime:
    """The CRM's own clock, from the ``Date`` header; ours only if it sends none that is a date."""
    try:
        at = parsedate_to_datetime(str(response.headers.get("Date", "")))
    except ValueError:
        return datetime.now(UTC)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def retry_after_s(response: httpx.Response) -> float | None:
    """How long the CRM asks us to wait, in seconds; None if it does not say so in digits."""
    value = str(response.headers.get("Retry-After", ""))
    return float(value) if value.isascii() and value.isdecimal() else None


def _wait_s(attempt: int, response: httpx.Response | None) -> float:
    """Seconds to wait after a failed attempt: what the CRM asks for, else doubling, with jitter."""
    asked = retry_after_s(response) if response is not None else None
    if asked is not None:
        return min(asked + random.random(), LONGEST_WAIT_S)  # noqa: S311
    doubled: float = FIRST_WAIT_S * 2.0 ** (attempt - 1)
    return random.uniform(0.5, 1.0) * min(doubled, LONGEST_WAIT_S)  # noqa: S311


def _log(request: httpx.Request, outcome: int | str, begun: float) -> None:
    logger.debug(
        "%s %s%s -> %s in %.0f ms",
        request.method,
        request.url.host,
        request.url.path,
        outcome,
        (time.monotonic() - begun) * 1000,
    )
