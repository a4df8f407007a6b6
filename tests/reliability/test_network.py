"""R10, R11: answers that do not end, and who answers that is not the CRM."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors import Unavailable, module
from connectors._sandbox import sandbox_module
from connectors._transport import ATTEMPTS, Transport


class Listener:
    """Somebody on a loopback port who may not be who we want; remembers what it heard."""

    def __init__(
        self, context: ssl.SSLContext | None, answer: Callable[[socket.socket], None]
    ) -> None:
        self.heard = b""
        self._context, self._answer = context, answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for _ in range(100):
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), line:
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        """Hear what is asked, and answer it, in the clear or not."""
        if self._context is None:
            self.heard += line.recv(65536)
            self._answer(line)
            return
        with self._context.wrap_socket(line, server_side=True) as secured:
            self.heard += secured.recv(65536)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def listening(
    context: ssl.SSLContext | None, answer: Callable[[socket.socket], None] = lambda _: None
) -> Iterator[Listener]:
    with closing(Listener(context, answer)) as listener:
        yield listener


def certificate(folder: Path, *, days: int = 9, host: str = "localhost") -> Path:
    """Make a certificate that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    names = [x509.DNSName(host)]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=20))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def server_context(path: Path, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if newest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = newest
    return context


def ask(name: str, url: str) -> Unavailable:
    """Have a connector call an address, which fails; gives how."""
    credentials = sandbox_module(name).credentials(url)
    made = module(name).connect(credentials, on_refresh=lambda _: None, sleep=lambda _: None)
    with closing(made), pytest.raises(Unavailable) as failed:
        made.identify()
    assert made.calls == ATTEMPTS
    return failed.value


def test_r11_the_certificate_of_these_tests_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    trust(tmp_path, monkeypatch, "localhost")
    with listening(server_context(tmp_path / "localhost.pem")) as listener:
        transport = Transport("CRM", ["localhost"], sleep=lambda _: None)
        with closing(transport), pytest.raises(Unavailable, match="does not answer"):
            transport.send(httpx.Request("GET", f"https://localhost:{listener.port}/"))
        assert b"GET /" in listener.heard


def trust(folder: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int = 9) -> None:
    """Have clients trust whoever signed our certificate."""
    path = certificate(folder, host=host, days=days)
    monkeypatch.setattr("certifi.where", lambda: str(path))


@pytest.mark.parametrize(
    ("host", "days", "newest"),
    [
        pytest.param("localhost", -1, ssl.TLSVersion.TLSv1_3, id="expired"),
        pytest.param("other.example", 9, ssl.TLSVersion.TLSv1_3, id="of another host"),
        pytest.param("localhost", 9, ssl.TLSVersion.TLSv1, id="of a protocol that is broken"),
    ],
)
def test_r11_who_does_not_prove_to_be_the_crm_hears_nothing(
    name: str,
    host: str,
    days: int,
    newest: ssl.TLSVersion,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    trust(tmp_path, monkeypatch, host, days)
    with pytest.warns() if newest < ssl.TLSVersion.TLSv1_2 else _quiet():
        context = server_context(tmp_path / f"{host}.pem", newest)
    with listening(context) as listener:
        failed = ask(name, f"https://localhost:{listener.port}")
    assert "does not prove to be" in str(failed)
    assert not listener.heard


@contextmanager
def _quiet() -> Iterator[None]:
    yield


def test_r11_a_host_that_nobody_knows_is_told_as_the_network(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    assert "check the address and the network" in str(ask(name, "http://localhost:1"))


def test_r10_an_answer_that_never_ends_is_none():
    def drip(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
        for _ in range(100_000):
            line.sendall(b"x" * 1000)

    with listening(None, drip) as listener:
        transport = Transport("CRM", ["127.0.0.1"], sleep=lambda _: None, longest_s=0.0)
        with closing(transport), pytest.raises(Unavailable, match="does not answer"):
            transport.send(httpx.Request("GET", f"http://127.0.0.1:{listener.port}/"))
