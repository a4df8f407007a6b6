"""The portal itself: who it is, how much of its allowances is used."""

from connectors.hubspot.sandbox import facts, state
from connectors.hubspot.sandbox.request import Asked, Reply, need_any

_CUSTOM_PROPERTIES_IN_ALL = 10_000


def details(_: Asked) -> Reply:
    """Answer ``GET /account-info/details``."""
    return 200, {
        "portalId": facts.PORTAL_ID,
        "accountType": "STANDARD",
        "timeZone": facts.TIME_ZONE,
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": facts.UTC_OFFSET,
        "utcOffsetMilliseconds": facts.UTC_OFFSET_MS,
        "uiDomain": facts.UI_DOMAIN,
        "dataHostingLocation": "na1",
    }


def list_custom_schemas(_: Asked) -> Reply:
    """Answer ``GET /crm/schemas``: this portal has no objects of its own making."""
    return 200, {"results": []}


def show_usage(asked: Asked) -> Reply:
    """Answer ``GET /account-info/api-usage/daily/private-apps``."""
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": asked.usage.daily,
        "currentUsage": asked.usage.today,
        "collectedAt": state.iso(asked.now_ms),
        "fetchStatus": "SUCCESS",
        "resetsAt": state.iso(asked.usage.resets_at),
    }
    return 200, {"results": [usage]}


def count_custom_properties(asked: Asked) -> Reply:
    """Answer ``GET /crm/limits/custom-properties``."""
    need_any(asked, *(scope for scopes in facts.READ_SCOPES.values() for scope in scopes))
    counted = dict(
        asked.db.execute(
            "SELECT type, count(*) FROM properties WHERE archived = 0 "
            "AND json_extract(definition, '$.hubspotDefined') = 0 GROUP BY type"
        ).fetchall()
    )
    by_type = [
        {
            "objectTypeId": type_id,
            "singularLabel": facts.SINGULAR[type_id].capitalize(),
            "pluralLabel": facts.PLURAL[type_id].capitalize(),
            "limit": facts.CUSTOM_PROPERTIES,
            "usage": counted.get(type_id, 0),
            "percentage": 100 * counted.get(type_id, 0) / facts.CUSTOM_PROPERTIES,
        }
        for type_id in facts.READ_SCOPES
    ]
    usage = sum(counted.values())
    return 200, {
        "overallLimit": _CUSTOM_PROPERTIES_IN_ALL,
        "overallUsage": usage,
        "overallPercentage": 100 * usage / _CUSTOM_PROPERTIES_IN_ALL,
        "byObjectType": by_type,
    }
