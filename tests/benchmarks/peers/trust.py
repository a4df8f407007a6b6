"""The certificate that the sandbox shows in the CRMs' names, and who trusts it.

It signs itself, is made once, stays under ``.peers/``, and only the environments there trust it:
some clients read no variable that says whom to trust, so their own list of authorities gets it.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[3]
HOME = ROOT / ".peers"
HOSTS = ("api.hubapi.com", "login.salesforce.com", "test.salesforce.com")
LOOPBACK = "127.0.0.1"
LIFE = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Identity:
    """The files of a certificate and its private key."""

    certificate: Path
    key: Path


def identity() -> Identity:
    """Give the certificate and its key; made when first asked for."""
    found = Identity(HOME / "sandbox.pem", HOME / "sandbox.key")
    if not (found.certificate.exists() and found.key.exists()):
        HOME.mkdir(exist_ok=True)
        _make(found)
    return found


def trust(environment: Path) -> None:
    """Add the certificate to an environment's own list of authorities, if it has one."""
    certificate = identity().certificate.read_text()
    for listed in environment.glob("lib/python*/site-packages/certifi/cacert.pem"):
        known = listed.read_text()
        if certificate not in known:
            listed.write_text(f"{known}\n{certificate}")


def _make(found: Identity) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A sandbox, for a benchmark")])
    places = [*map(x509.DNSName, HOSTS), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
    begins = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + LIFE)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    found.key.touch(mode=0o600)
    found.key.write_bytes(secret)
    found.certificate.write_bytes(made.public_bytes(pem))
