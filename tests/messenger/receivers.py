"""Somebody who is told events, on a loopback port, and answers as a test wants."""

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """What was heard, and what is answered.

    Attributes:
        answers: Statuses in their order; then 204.
        headers: Of every answer.
        drips: Answers by a byte at a time, and never to the end, until it is closed.
    """

    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    heard: list[Heard] = field(default_factory=list)
    is_closed: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def keys(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.heard]


@contextlib.contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Listen while the context lasts; under TLS if a context is given."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(receiver))
    server.daemon_threads = True
    receiver.port = server.server_port
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.is_closed.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.heard.append(Heard(headers, body))
            with contextlib.suppress(OSError):
                if receiver.drips:
                    self._drip()
                else:
                    self._answer()

        def _answer(self) -> None:
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not receiver.is_closed.wait(0.05):
                self.wfile.write(b"x")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Answering
