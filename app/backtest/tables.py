"""Parts of the page that every section has: its frame, its table, a number with its doubt."""

from collections.abc import Sequence

from app.backtest.markup import Markup, el, joined
from app.backtest.measures import Estimate


def section(name: str, words: str, figure: Markup | None, beside: Markup) -> Markup:
    """A heading, what it means, and a plot (if any) with a table beside it."""
    shown = [el("figure", figure)] if figure else []
    return el(
        "section",
        el("h2", name),
        el("p", words, class_="quiet"),
        el("div", *shown, el("div", beside), class_="beside"),
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table that scrolls by itself where it is too wide; the first of each row names it."""
    body = (
        el("tr", el("th", row[0], scope="row"), *(el("td", one) for one in row[1:])) for row in rows
    )
    whole = el(
        "table",
        el("thead", el("tr", *(el("th", one, scope="col") for one in heads))),
        el("tbody", *body),
    )
    return el("div", whole, class_="wide", tabindex="0", role="group", aria_label="table")


def estimate(one: Estimate | None, *, hundredths: bool = False) -> Markup:
    """A number, and below it how far the true one may be off."""
    if one is None:
        return Markup("-")
    by, form = (100, "+.2f") if hundredths else (1, ".3f")
    return joined(
        f"{by * one.value:{form}}", el("small", f"\N{PLUS-MINUS SIGN} {by * one.half:{form[-3:]}}")
    )
