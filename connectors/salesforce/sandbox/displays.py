"""Fields shown otherwise: ``toLabel``, ``FORMAT`` and ``convertCurrency``, for a user of en_US."""

from datetime import date, datetime
from typing import Any

from connectors.salesforce.sandbox.facts import CURRENCIES
from connectors.salesforce.sandbox.objects import NUMERIC, FieldFact
from connectors.salesforce.sandbox.scopes import Column, Scope
from connectors.salesforce.sandbox.shapes import Make, Row
from connectors.salesforce.sandbox.syntax import Call

_NOON = 12
_FORMATTED = NUMERIC | {"date", "datetime"}
_RATE = '(SELECT "ConversionRate" FROM "CurrencyType" WHERE "IsoCode" = t."CurrencyIsoCode")'
_OWN = '(SELECT "IsoCode" FROM "CurrencyType" WHERE "IsCorporate")'


def columns(scope: Scope, call: Call) -> tuple[Column, str]:
    """Give the column that a function shows, and the SQL of its currency; empty if it has none.

    Raises:
        Refusal: If the function cannot be had of the field.
    """
    column = scope.column(call.path)
    functions = {call.function, call.inside}
    if "TOLABEL" in functions and "picklist" not in column.field.type:
        problem = f"field {column.field.name} does not support toLabel()"
        raise scope.refusal("INVALID_FIELD", call.at, problem)
    if "FORMAT" in functions and column.field.type not in _FORMATTED:
        problem = f"field {column.field.name} does not support FORMAT()"
        raise scope.refusal("INVALID_FIELD", call.at, problem)
    has_currency = f"{scope.fact.name.lower()}.currencyisocode" in CURRENCIES
    is_many = has_currency and "currencyisocode" in scope.fact.fields
    if "CONVERTCURRENCY" not in functions:
        return column, 't."CurrencyIsoCode"' if is_many and column.field.type == "currency" else ""
    if column.field.type != "currency" or not is_many:
        problem = f"convertCurrency() is not supported for field {column.field.name}"
        raise scope.refusal("INVALID_FIELD", call.at, problem)
    return Column(f"round({column.sql} / {_RATE}, 2)", column.field), _OWN


def shown(call: Call, field: FieldFact, at: int, currency_at: int | None) -> Make:
    """Give what reads the column of a function as JSON shows it."""

    def formatted(row: Row) -> str | None:
        value = row[at]
        code = None if currency_at is None else row[currency_at]
        return None if value is None else text(field, value, code)

    return formatted if call.function == "FORMAT" else lambda row: row[at]


def text(field: FieldFact, value: Any, currency: str | None = None) -> str:  # noqa: ANN401 a cell
    """Word a value as the page of a record does."""
    match field.type:
        case "date":
            day = date.fromisoformat(value)
            return f"{day.month}/{day.day}/{day.year}"
        case "datetime":
            at = datetime.fromisoformat(value)
            half, hour = ("PM" if at.hour >= _NOON else "AM"), at.hour % _NOON or _NOON
            return f"{at.month}/{at.day}/{at.year}, {hour}:{at.minute:02} {half}"
        case "currency":
            return f"{currency} {value:,.2f}" if currency else f"${value:,.2f}"
        case "percent":
            return f"{value:,.{field.scale}f}%"
    return f"{value:,.{field.scale}f}"
