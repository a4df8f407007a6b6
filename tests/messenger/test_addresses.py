"""Nothing is sent to a private address, whatever name leads there and whenever it does."""

import ssl
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from app.errors import Unreadable
from app.messenger import Sender
from app.messenger.addresses import Unreachable, addresses, checked, is_public, resolve
from tests.messenger.receivers import Receiver, receiving
from tests.reliability.test_network import certificate

PRIVATE = (
    "127.0.0.1", "127.1.2.3", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "100.100.100.200", "169.254.169.254", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254",
    "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::",
    "192.88.99.1", "fec0::1", "5f00::1", "4000::1",
)  # fmt: skip


class Names:
    """A name server whose answers change."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self._answers.pop(0)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_on_the_internet_is_refused(address: str):
    assert not is_public(address)
    with pytest.raises(Unreachable):
        addresses(httpx.URL("https://x.example"), Names([address]), takes_loopback=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_an_address_on_the_internet_will_do(address: str):
    assert is_public(address)


def test_one_private_address_among_others_is_enough_to_refuse():
    names = Names(["93.184.215.14", "10.0.0.1"])
    with pytest.raises(Unreachable):
        addresses(httpx.URL("https://x.example"), names, takes_loopback=False)


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "0177.1", "[::ffff:127.0.0.1]"])
def test_this_machine_is_known_however_it_is_written(host: str):
    with pytest.raises(Unreachable):
        addresses(httpx.URL(f"https://{host}/"), resolve, takes_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example/", "ftp://x.example/", "https://", "x.example", "", "https://a\n.example",
        "https://user:password@x.example/", "https://user@x.example", "https://x.example/#part",
        "https://xn--a.example/", "https://x.example:99999/", "https://x.example:0/",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(url: str):
    with pytest.raises(Unreadable):
        checked(url, takes_loopback=False)


def test_http_leads_no_further_than_this_machine():
    with pytest.raises(Unreachable):
        addresses(httpx.URL("http://x.example"), Names(["93.184.215.14"]), takes_loopback=True)


def test_other_private_addresses_stay_closed_where_this_machine_is_open():
    with pytest.raises(Unreachable):
        addresses(httpx.URL("https://x.example"), Names(["10.0.0.1"]), takes_loopback=True)


def test_without_leave_this_machine_is_asked_nothing(receiver: Receiver):
    outcome = Sender().send(f"https://127.0.0.1:{receiver.port}/", b"{}", {})
    assert (outcome.status, receiver.heard) == (None, [])
    assert "not public" in outcome.reason


def test_a_name_is_resolved_once_and_what_was_checked_is_asked(receiver: Receiver):
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    sender = Sender(takes_loopback=True, resolving=names)
    url = f"http://hooks.example:{receiver.port}/events"
    assert sender.send(url, b"{}", {}).status == 204
    assert receiver.heard[0].headers["host"] == f"hooks.example:{receiver.port}"
    assert names.asked == [("hooks.example", receiver.port)]
    outcome = sender.send(url, b"{}", {})
    assert (outcome.status, len(receiver.heard)) == (None, 1)


def test_the_next_address_is_asked_where_nobody_listens_at_the_first(receiver: Receiver):
    sender = Sender(takes_loopback=True, resolving=Names(["127.0.0.2", "127.0.0.1"]))
    assert sender.send(f"http://hooks.example:{receiver.port}/", b"{}", {}).status == 204


@pytest.mark.parametrize(("host", "status"), [("hooks.example", 204), ("other.example", None)])
def test_a_certificate_is_of_the_name_and_not_of_the_address(
    tmp_path: Path, host: str, status: int | None
):
    file = certificate(tmp_path, host="hooks.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with receiving(context) as receiver:
        sender = Sender(
            takes_loopback=True,
            resolving=Names(["127.0.0.1"]),
            trusted=ssl.create_default_context(cafile=str(file)),
        )
        outcome = sender.send(f"https://{host}:{receiver.port}/", b"{}", {})
        assert (outcome.status, bool(receiver.heard)) == (status, status is not None)
