"""The ways to connect a CRM and to be told by it: what its admin does there, and what here."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Errand:
    """An admin's way to the CRM, where they let us in, and back to us.

    Attributes:
        state: What comes back with them, as it went; guessed by nobody.
        verifier: What proves that whoever trades the code sent them; never leaves us before.
        redirect: The address they come back to, exactly as the CRM's app has it.
    """

    state: str
    verifier: str = field(repr=False)
    redirect: str

    @property
    def challenge(self) -> str:
        """What may be known of the verifier: PKCE's S256.

        Source:
            RFC 7636, section 4.2.
        """
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Consent:
    """How a CRM asks its admin whether to let us in; both take what was entered, by its name.

    Attributes:
        address: Where the admin is sent; nothing is called. Raises `Misconfigured` if what was
            entered cannot be this CRM's.
        exchange: Trades the code that they came back with, which works once, for credentials.
            Raises `ConnectorError`.
    """

    address: Callable[[Mapping[str, str], Errand], str]
    exchange: Callable[[Mapping[str, str], Errand, str], BaseModel]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to connect a CRM, as its admin is shown it.

    Attributes:
        name: By which it is asked for.
        title: What people call it.
        about: When to take it, in a sentence.
        steps: What to do in the CRM beforehand, in order, a sentence or two each. ``{redirect}``
            stands for the address that the admin comes back to.
        asked: The fields of the module's `Credentials` that have to be entered.
        also: Those that may be.
        consent: How the admin is asked in the CRM; None if they enter all there is.
    """

    name: str
    title: str
    about: str
    steps: tuple[str, ...]
    asked: tuple[str, ...]
    also: tuple[str, ...] = ()
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """One way in which a CRM tells by itself what changes, as its admin is shown it.

    Attributes:
        name: By which it is asked for.
        title: What people call it.
        about: When to take it, in a sentence.
        steps: What to do in the CRM, in order. ``{site}`` stands for where it reaches us, without a
            path.
        is_stream: We listen to it, and no address of ours has to be reachable.
        is_signed: What is delivered is signed, as the module's `SIGNER` says; else the address
            alone is the proof, with the org's or portal's id.
        older: What it means to take an older signature too, as an admin is asked it; "" if there
            is none.
    """

    name: str
    title: str
    about: str
    steps: tuple[str, ...]
    is_stream: bool = False
    is_signed: bool = True
    older: str = ""
