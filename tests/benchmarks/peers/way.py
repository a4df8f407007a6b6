"""The way to a sandbox for clients that insist on https and on the CRM's own host.

The sandbox is served by TLS too, with a throw-away certificate that is in the CRM's name, and a
proxy connects whoever asks for the CRM's host to it. Clients are told of both by the variables that
every http library knows, and are not changed; no other host can be reached through the proxy.
"""

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.benchmarks.peers.trust import HOSTS, LOOPBACK, identity

KEEP_ALIVE_S = 75
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the sandbox.

    Attributes:
        environment: The variables that lead a client to it.
    """

    environment: Mapping[str, str]


@contextlib.contextmanager
def opened(app: ASGIApp) -> Iterator[Way]:
    """Serve an app in the CRMs' names while the context lasts."""
    with _serving(app) as port, _Proxy(port) as proxy:
        address = f"http://{LOOPBACK}:{proxy.port}"
        trusted = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        ways = ("HTTPS_PROXY", "https_proxy")
        here = dict.fromkeys(("NO_PROXY", "no_proxy"), f"{LOOPBACK},localhost")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        certificate = str(identity().certificate)
        yield Way(kept | here | dict.fromkeys(ways, address) | dict.fromkeys(trusted, certificate))


@contextlib.contextmanager
def _serving(app: ASGIApp) -> Iterator[int]:
    bound, made = _listening(), identity()
    config = uvicorn.Config(
        _Capitals(app),
        log_level="critical",
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        ssl_certfile=made.certificate,
        ssl_keyfile=made.key,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)


def _listening() -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.TCP_NODELAY, 1)
    bound.bind((LOOPBACK, 0))
    return bound


class _Capitals:
    """Names the headers of an app's answers as the CRMs do: a client looks for one by its case."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(name.title(), value) for name, value in message["headers"]]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, named)


class _Proxy:
    """Takes ``CONNECT`` for the CRMs' hosts, and nothing else."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._socket = _listening()
        self.port = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._socket.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.create_task(asyncio.start_server(self._meet, sock=self._socket))
        self._loop.run_forever()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, place, *_ = head.split(" ", 2)
            if method != "CONNECT" or place.rpartition(":")[0] not in HOSTS:
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            else:
                there_reader, there = await asyncio.open_connection(LOOPBACK, self._to)
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await asyncio.gather(_pump(reader, there), _pump(there_reader, writer))
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
