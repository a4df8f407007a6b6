"""Serving the sandbox CRMs: ASGI apps on loopback ports, from a thread of this process."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

KEEP_ALIVE_S = 75


class Server:
    """One HTTP server for many sandboxes, one after the other: starting it takes time."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.app: ASGIApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the sandbox that is running."""
        self._loop = asyncio.get_running_loop()  # first of all when the server begins
        if scope["type"] == "http" and self.app is not None:
            await self.app(scope, receive, send)

    def between(self, work: Callable[[], None]) -> None:
        """Do something while nothing is answered: in the server's thread, or here once it ended."""
        if self._loop is None or self._loop.is_closed():
            work()
            return

        async def do() -> None:
            work()

        asyncio.run_coroutine_threadsafe(do(), self._loop).result()


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
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_bound(port)) for _, port in apps]
        servers = [_server(app) for app, _ in apps]
        thread = threading.Thread(target=_serve, args=(servers, sockets), daemon=True)
        thread.start()
        while not all(server.started for server in servers) and thread.is_alive():
            time.sleep(0.005)
        try:
            yield [f"http://127.0.0.1:{bound.getsockname()[1]}" for bound in sockets]
        finally:
            for server in servers:
                server.should_exit = True
            thread.join(timeout=10)


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Inherited by every connection: an answer's body must not wait 40 ms for its head to arrive.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise OSError(
            f"Port {port} on 127.0.0.1 cannot be listened on: choose another one."
        ) from error
    return bound


def _server(app: ASGIApp) -> uvicorn.Server:
    # A client that comes back after a pause of 5 s, the usual limit, must find its line open.
    config = uvicorn.Config(
        app, log_level="critical", date_header=False, timeout_keep_alive=KEEP_ALIVE_S
    )
    return uvicorn.Server(config)


def _serve(servers: Sequence[uvicorn.Server], sockets: Sequence[socket.socket]) -> None:
    async def serve() -> None:
        pairs = zip(servers, sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[bound]) for server, bound in pairs))

    asyncio.run(serve())
