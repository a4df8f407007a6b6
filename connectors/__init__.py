"""CRMs behind one contract.

Read `_records` (what a CRM holds), `_contract` (what a CRM must do), `_errors` (what can go wrong),
then one CRM: its `mapping`, `reading`, `writing`, `fields`. A folder here without an underscore is
a CRM; to add one, add a folder. Nothing in this room imports ``app``, and no CRM imports another.
"""

import importlib
import pkgutil
from typing import cast

from connectors._contract import Connector, Module, Renewal
from connectors._errors import (
    AuthenticationFailed,
    ConnectorError,
    FieldsRefused,
    Misconfigured,
    NeedsAttention,
    PermissionMissing,
    RateLimited,
    TryLater,
    Unavailable,
)
from connectors._hints import (
    Answer,
    Delivery,
    Forged,
    Heard,
    Hint,
    Hints,
    Hook,
    Listening,
    Signer,
)
from connectors._records import (
    START,
    Account,
    Acquaintance,
    Activity,
    Bookmark,
    Channel,
    Deal,
    DealContact,
    ExternalId,
    Field,
    FieldCheck,
    FieldState,
    FieldType,
    FieldUpdate,
    FieldValue,
    Finding,
    Gap,
    Identity,
    Malformed,
    Page,
    Participant,
    Person,
    PersonKind,
    Presence,
    Quota,
    Record,
    Right,
    Role,
    StageChange,
    Stream,
    Target,
    Verdict,
    WriteResult,
)
from connectors._ways import Consent, Errand, Telling, Way

__all__ = [
    "START",
    "Account",
    "Acquaintance",
    "Activity",
    "Answer",
    "AuthenticationFailed",
    "Bookmark",
    "Channel",
    "Connector",
    "ConnectorError",
    "Consent",
    "Deal",
    "DealContact",
    "Delivery",
    "Errand",
    "ExternalId",
    "Field",
    "FieldCheck",
    "FieldState",
    "FieldType",
    "FieldUpdate",
    "FieldValue",
    "FieldsRefused",
    "Finding",
    "Forged",
    "Gap",
    "Heard",
    "Hint",
    "Hints",
    "Hook",
    "Identity",
    "Listening",
    "Malformed",
    "Misconfigured",
    "Module",
    "NeedsAttention",
    "Page",
    "Participant",
    "PermissionMissing",
    "Person",
    "PersonKind",
    "Presence",
    "Quota",
    "RateLimited",
    "Record",
    "Renewal",
    "Right",
    "Role",
    "Signer",
    "StageChange",
    "Stream",
    "Target",
    "Telling",
    "TryLater",
    "Unavailable",
    "Verdict",
    "Way",
    "WriteResult",
    "module",
    "names",
]


def names() -> tuple[str, ...]:
    """The CRMs there are, by folder name, in alphabetical order."""
    found = (m.name for m in pkgutil.iter_modules(__path__) if m.ispkg)
    return tuple(sorted(name for name in found if not name.startswith("_")))


def module(name: str) -> Module:
    """Load a CRM's module.

    Raises:
        Misconfigured: If there is no such CRM.
    """
    if name not in names():
        raise Misconfigured(f"There is no connector {name!r}: use one of {', '.join(names())}.")
    return cast("Module", importlib.import_module(f"connectors.{name}"))
