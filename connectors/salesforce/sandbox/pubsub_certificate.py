"""The certificate of the sandbox's Pub/Sub API, for clients that insist on TLS; it signs itself."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.salesforce.sandbox.org import Org

_LIFE = timedelta(days=3650)
_NAMES = ("localhost", "api.pubsub.salesforce.com")


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key and its certificate, in PEM."""

    key: bytes
    certificate: bytes


def identity(org: Org) -> Identity:
    """Give what the org identifies itself with; made once for a state file."""
    kept = org.setting("pubsub_identity", None)
    if kept is None:
        made = _make()
        org.set("pubsub_identity", [made.key.decode(), made.certificate.decode()])
        return made
    return Identity(kept[0].encode(), kept[1].encode())


def _make() -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tieline sandbox")])
    begins = datetime.now(UTC) - timedelta(days=1)  # whoever checks it has the real clock
    places: list[x509.GeneralName] = [x509.DNSName(one) for one in _NAMES]
    places.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + _LIFE)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Identity(private, certificate.public_bytes(pem))
