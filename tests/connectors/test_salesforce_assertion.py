"""Signing in by a signature: the app's private key, and the user it acts as."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr, ValidationError

from connectors import AuthenticationFailed, Misconfigured
from connectors.salesforce.credentials import Credentials
from connectors.salesforce.sandbox import levers
from connectors.salesforce.sandbox.knocks import CLIENT_ID
from tests.connectors.salesforce_fixtures import Org

USERNAME = "integration@example.com"


def draw() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def public(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def signing(org: Org, key: str, username: str = USERNAME) -> Credentials:
    return Credentials(
        instance_url=org.url, client_id=CLIENT_ID, username=username, private_key=SecretStr(key)
    )


def test_an_app_signs_in_with_its_key(org: Org) -> None:
    key = draw()
    levers.register_certificate(org.sandbox, public(key))
    assert org.connect(signing(org, pem(key))).identify().tenant


def test_another_key_is_refused_and_not_shown(org: Org) -> None:
    levers.register_certificate(org.sandbox, public(draw()))
    other = pem(draw())
    with pytest.raises(AuthenticationFailed, match="refused the app's signature") as raised:
        org.connect(signing(org, other)).identify()
    assert other.splitlines()[1] not in str(raised.value)


def test_a_user_who_did_not_approve_the_app_is_refused(org: Org) -> None:
    key = draw()
    levers.register_certificate(org.sandbox, public(key))
    with pytest.raises(AuthenticationFailed):
        org.connect(signing(org, pem(key), "somebody@example.com")).identify()


def test_what_is_no_key_is_told_so(org: Org) -> None:
    with pytest.raises(Misconfigured, match="no RSA key") as raised:
        org.connect(signing(org, "canary")).identify()
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"client_secret": "secret", "private_key": "key", "username": USERNAME},
        {"private_key": "key"},
        {"client_secret": "secret", "username": USERNAME},
    ],
)
def test_a_secret_and_a_key_are_two_ways(given: dict[str, str]) -> None:
    address = "https://acme.my.salesforce.com"
    with pytest.raises(ValidationError):
        Credentials.model_validate({"instance_url": address, "client_id": "id"} | given)
