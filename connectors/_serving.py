"""Serving the sandbox CRMs: ASGI apps on loopback ports, from a thread of this process."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


class Server:
    """One HTTP server for many sandboxes, one after the other: starting it takes time."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the sandbox that is running."""
        if scope["type"] == "http" and self.app is not None:
            await self.app(scope, receive, send)


async def hang_up(send: Send) -> None:
    """Close the connection of a request without an answer, as a dying CRM does.

    ASGI has no word for it, so the server's own connection is taken: whoever sends owns it.
    """
    transport: asyncio.Transport = getattr(send, "__self__").transport  # noqa: B009 not in the type
    transport.abort()
    for _ in range(2):  # until the server has seen it, or it answers 500
        await asyncio.sleep(0)


@contextlib.contextmanager
def open_server() -> Iterator[Server]:
    """Listen for the sandboxes to come."""
    server = Server()
    with served(server) as server.url:
        yield server


@contextlib.contextmanager
def served(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve an app on loopback from a thread of this process while the context lasts.

    Yields:
        The base URL, without a trailing slash.

    Raises:
        OSError: If the port is taken.
    """
    with served_together((app, port)) as (url,):
        yield url


@contextlib.contextmanager
def served_together(*apps: tuple[ASGIApp, int]) -> Iterator[Sequence[str]]:
    """Serve apps, each on its loopback port (0: any), in one thread: no two answer at once.

    Yields:
        Their base URLs.

    Raises:
        OSError: If a port is taken.
    """
    servers = [_server(app, port) for app, port in apps]
    thread = threading.Thread(target=_serve, args=(servers,), daemon=True)
    thread.start()
    try:
        yield [_url(server, thread) for server in servers]
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(timeout=10)


def _server(app: ASGIApp, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", date_header=False)
    )


def _serve(servers: Sequence[uvicorn.Server]) -> None:
    async def serve() -> None:
        await asyncio.gather(*(server.serve() for server in servers))

    with contextlib.suppress(SystemExit):  # how a server says that its port is taken
        asyncio.run(serve())


def _url(server: uvicorn.Server, thread: threading.Thread) -> str:
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    if not server.started:
        port = server.config.port
        raise OSError(f"Port {port} on 127.0.0.1 cannot be listened on: choose another one.")
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
