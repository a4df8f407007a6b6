"""What Salesforce's refusals mean: its codes, in the words of `connectors._errors`.

A refusal is told by its HTTP status and error code, never by its text; but for
``REQUEST_LIMIT_EXCEEDED``, where only the text tells the day's allowance from too many calls at
once.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from simple_salesforce.exceptions import SalesforceError

from connectors._errors import (
    AuthenticationFailed,
    ConnectorError,
    Misconfigured,
    PermissionMissing,
    RateLimited,
    TryLater,
    Unavailable,
)
from connectors._records import ExternalId, Target, WriteResult

LOCKED, NOT_EDITABLE, NO_ANSWER = (
    "UNABLE_TO_LOCK_ROW",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "NO_ANSWER",
)
AUTOMATION = frozenset(
    {"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER", "APEX_ERROR"}
)
"""What a record is refused with by a trigger or flow, be it for the record or for the batch."""

_GONE = frozenset(
    {
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "NOT_FOUND",
        "CANNOT_UPDATE_CONVERTED_LEAD",
    }
)

_UNKNOWN = frozenset({"INVALID_FIELD", "INVALID_TYPE"})
_DUPLICATE = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
_NO_ACCESS = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "FUNCTIONALITY_NOT_ENABLED",
        "INVALID_FIELD",
        "INVALID_TYPE",
    }
)
_TRANSIENT = frozenset(
    {
        LOCKED,
        NO_ANSWER,
        "UNKNOWN_EXCEPTION",
        "INVALID_QUERY_LOCATOR",
        "OPERATION_TOO_LARGE",
        "QUERY_TIMEOUT",
        "SERVER_UNAVAILABLE",
        "REQUEST_RUNNING_TOO_LONG",
        "REQUEST_LIMIT_EXCEEDED",
    }
)
_HEAVY = frozenset(
    {"OPERATION_TOO_LARGE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "UNKNOWN_EXCEPTION"}
)
_DAILY = "TotalRequests"
_FORBIDDEN, _SERVER_ERRORS = 403, 500

_WRONG_ADDRESS = (
    "Salesforce does not know what Tieline asks for: check the address and the API version of the "
    "connection."
)
_BY_STATUS: dict[int, tuple[type[ConnectorError], str]] = {
    401: (
        AuthenticationFailed,
        "Salesforce refused the new access token: check the app's policies, then reconnect it.",
    ),
    404: (Misconfigured, _WRONG_ADDRESS),
    410: (Misconfigured, _WRONG_ADDRESS),
    429: (RateLimited, "Salesforce gets too many calls; Tieline comes back later."),
}

_ROW_REASONS = {
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "A validation rule refuses the record as it stands: "
    "complete the record or exempt the integration user from the rule.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger or flow refuses the change: "
    "correct the automation or exempt the integration user from it.",
    "REQUIRED_FIELD_MISSING": "The record lacks a value that is required: complete it.",
    "DUPLICATES_DETECTED": "A duplicate rule blocks the record: merge the duplicates or let the "
    "rule alert instead of block.",
    "ENTITY_IS_DELETED": "The record has been deleted.",
    "INVALID_CROSS_REFERENCE_KEY": "The record does not exist any more.",
    "NOT_FOUND": "The record does not exist any more.",
    "CANNOT_UPDATE_CONVERTED_LEAD": "The lead has been converted and can no longer be changed.",
    NOT_EDITABLE: "The integration user may not edit one of Tieline's "
    "fields: give the permission set Tieline edit access to it.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "The integration user may not edit the record: "
    "give it edit access to all records of this kind.",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "A flow fails on the change: "
    "correct the flow or exempt the integration user from it.",
    "APEX_ERROR": "A trigger fails on the change: "
    "correct it or exempt the integration user from it.",
    "INVALID_TYPE_ON_FIELD_IN_RECORD": "A field is of another type than the value: "
    "check the fields of the connection.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "The integration user may not edit a record "
    "that this one hangs on: give it edit access to all records of that kind.",
    "FIELD_FILTER_VALIDATION_EXCEPTION": "A lookup filter refuses the record as it stands: "
    "correct the record or let the filter be optional.",
    "DUPLICATE_VALUE": "A field of the record must be unique and is not: correct the record.",
    "UNKNOWN_EXCEPTION": "Salesforce failed on the record; Tieline tries again.",
    NO_ANSWER: "Salesforce gave no answer about the record; Tieline tries again.",
    LOCKED: "The record was being changed by somebody else; Tieline tries again.",
    "STRING_TOO_LONG": "The field is too short for the value: make it as long as Tieline made it.",
    "NUMBER_OUTSIDE_VALID_RANGE": "The field has too few digits for the value: "
    "give it the digits that Tieline gave it.",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "The picklist lacks the value: add it.",
}


@contextlib.contextmanager
def translated(
    doing: str, retry_after_s: Callable[[], float | None] = lambda: None
) -> Iterator[None]:
    """Turn what simple-salesforce raises into a `ConnectorError`.

    Args:
        doing: What Salesforce is asked: ``to read Contact``.
        retry_after_s: How long the answer asks us to wait.
    """
    try:
        yield
    except SalesforceError as error:
        meaning = _meaning(error, doing)
        if isinstance(meaning, TryLater):
            meaning.retry_after_s = retry_after_s()
        raise meaning from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"Salesforce's answer when asked {doing} cannot be read; Tieline tries again by itself."
        ) from error


def refusal(doing: str, status: int, content: Any) -> ConnectorError:  # noqa: ANN401 any JSON
    """Give what it means that one part of a call was refused.

    Args:
        doing: What Salesforce is asked: ``to read Contact``.
        status: The part's own.
        content: What the part was answered with.
    """
    error = SalesforceError("", status, "", content)
    meaning = _meaning(error, doing)
    meaning.__cause__ = error
    return meaning


def code_of(error: BaseException | None) -> str:
    """Give the code of the refusal that an error was raised from, or ``""``."""
    content = getattr(error, "content", None)
    if isinstance(content, list) and content and isinstance(content[0], dict):
        return str(content[0].get("errorCode", ""))
    return ""


def is_duplicate(error: ConnectorError) -> bool:
    """Tell whether something was refused because it is there already."""
    return code_of(error.__cause__) in _DUPLICATE


def is_unknown(error: ConnectorError) -> bool:
    """Tell whether an object, a field or a relationship was refused as not known to us."""
    return code_of(error.__cause__) in _UNKNOWN


def is_heavy(error: ConnectorError) -> bool:
    """Tell whether a query was refused that may be answered when it asks for less."""
    return code_of(error.__cause__) in _HEAVY


def refused(target: Target, record_id: ExternalId, code: str) -> WriteResult:
    """Give what became of a record that was refused; without a code nothing was said of it."""
    code = code or NO_ANSWER
    return WriteResult(
        target,
        record_id,
        ok=False,
        code=code,
        reason=row_reason(code),
        is_final=is_final(code),
        is_gone=code in _GONE,
    )


def row_reason(code: str) -> str:
    """Give a sentence for the admin about one record that was refused."""
    return _ROW_REASONS.get(code, f"Salesforce refused the record with {code}.")


def is_final(code: str) -> bool:
    """Tell whether a refused record stays refused until somebody acts."""
    return code not in _TRANSIENT


def _meaning(error: SalesforceError, doing: str) -> ConnectorError:
    code = code_of(error)
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(str(error.content))
    if code in _TRANSIENT or error.status >= _SERVER_ERRORS:
        return Unavailable(
            f"Salesforce is busy and refused {doing} ({code or error.status}); "
            "Tieline tries again by itself."
        )
    if error.status in _BY_STATUS:
        kind, sentence = _BY_STATUS[error.status]
        return kind(sentence)
    if error.status == _FORBIDDEN or code in _NO_ACCESS:
        return PermissionMissing(
            f"Salesforce refused {doing} ({code or error.status}): "
            "give the integration user that permission."
        )
    return Misconfigured(f"Salesforce refused {doing} ({code or error.status}).")


def _limit(text: str) -> RateLimited:
    if _DAILY in text:
        return RateLimited(
            "The org's API calls of the last 24 hours are used up: "
            "Tieline goes on when Salesforce allows it again."
        )
    return RateLimited("Too many calls to Salesforce are running; Tieline comes back later.")
