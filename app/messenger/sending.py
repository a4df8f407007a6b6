"""One attempt to tell a subscriber something."""

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from app.errors import Unreadable
from app.messenger.addresses import Resolve, Unreachable, addresses, checked, resolve

TIMEOUT_S = 10.0
"""How long a subscriber may take to answer, all in all."""

GONE = 410

_HEADERS = {"Content-Type": "application/json", "User-Agent": "Tieline"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        status: What was answered; None if nothing was.
        reason: Why it failed; "" if it did not.
        retry_after_s: How long the subscriber asks us to wait, if it does.
    """

    status: int | None
    reason: str
    milliseconds: int
    retry_after_s: float | None = None


class Sender:
    """Sends to public addresses only.

    Args:
        takes_loopback: This machine will do too, and http there: for tests and the demo.
        resolving: Asked for a host's addresses, once for each attempt.
        trusted: Whose certificates are believed; the system's usual ones if not given.
        timeout_s: How long a subscriber may take.
    """

    def __init__(
        self,
        *,
        takes_loopback: bool = False,
        resolving: Resolve = resolve,
        trusted: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.takes_loopback = takes_loopback
        self._resolving = resolving
        self._trusted = trusted or httpx.create_ssl_context()
        self._timeout_s = timeout_s

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Make one attempt; whatever goes wrong is told, not raised."""
        begun, answer, reason = time.monotonic(), None, ""
        try:
            to = checked(url, takes_loopback=self.takes_loopback)
            found = addresses(to, self._resolving, takes_loopback=self.takes_loopback)
            # A loop of its own: only so can an answer that comes drop by drop be given up.
            answer = asyncio.run(self._post(to, found, body, headers))
        except (Unreachable, Unreadable) as error:
            reason = str(error)
        except TimeoutError:
            reason = f"It did not answer within {self._timeout_s:g} s."
        except (httpx.HTTPError, OSError) as error:
            reason = f"It could not be reached ({type(error).__name__})."
        milliseconds = round(1000 * (time.monotonic() - begun))
        if answer is None:
            return Outcome(None, reason, milliseconds)
        return Outcome(answer.status_code, _why(answer), milliseconds, _retry_after_s(answer))

    async def _post(
        self, url: httpx.URL, found: Sequence[str], body: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Ask the addresses that were checked, one after the other; the first that hears counts."""
        async with (
            asyncio.timeout(self._timeout_s),
            httpx.AsyncClient(verify=self._trusted, trust_env=False, timeout=None) as client,  # noqa: S113 - bounded by the line above
        ):
            for address in found[:-1]:
                try:
                    return await _to(client, address, url, body, headers)
                except httpx.ConnectError:
                    continue
            return await _to(client, found[-1], url, body, headers)


async def _to(
    client: httpx.AsyncClient,
    address: str,
    url: httpx.URL,
    body: bytes,
    headers: Mapping[str, str],
) -> httpx.Response:
    """Post to an address under the name of its host; what is answered is not read."""
    request = client.build_request(
        "POST",
        url.copy_with(host=address),
        content=body,
        headers={**_HEADERS, **headers, "Host": url.netloc.decode("ascii")},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )
    answer = await client.send(request, stream=True, follow_redirects=False)
    await answer.aclose()
    return answer


def _why(answer: httpx.Response) -> str:
    if answer.is_success:
        return ""
    if answer.has_redirect_location:
        return f"It answered {answer.status_code}: subscribe the address that it leads to."
    return f"It answered {answer.status_code}."


def _retry_after_s(answer: httpx.Response) -> float | None:
    value = str(answer.headers.get("Retry-After", ""))
    return float(value) if value.isascii() and value.isdecimal() else None
