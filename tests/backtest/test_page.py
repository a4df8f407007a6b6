"""The page says what the numbers say, to everybody, and nothing else."""

import json
import re
from html.parser import HTMLParser

import pytest

from app.backtest import Findings, Proposed, examine, in_short, to_html, to_json
from app.backtest.findings import TITLES
from app.backtest.markup import el
from app.engine import BANDWIDTH
from tests.engine.planted import AS_OF_S, planted_company

EVIL = "<script>alert('&')</script>.json"
VOID = {"meta"}


class Page(HTMLParser):
    """A page taken apart: its elements, with attributes, and the cells of its tables by row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open += [tag] if tag not in VOID else []
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data + " "

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def found() -> Findings:
    company = planted_company(200, 1)
    return examine(company.interactions, as_of_s=AS_OF_S, proposed=Proposed(EVIL, BANDWIDTH))


@pytest.fixture(scope="module")
def page(found: Findings) -> Page:
    return Page(to_html(found, in_short(found)))


@pytest.fixture(scope="module")
def told(found: Findings) -> dict:
    return json.loads(to_json(found, in_short(found)))


def row(page: Page, name: str) -> list[str]:
    """The first row of any table that begins so."""
    return next(row[1:] for row in page.rows if row[0].strip() == name)


def test_every_element_is_closed_and_nothing_is_loaded(page: Page):
    assert page.open == []
    assert {"script", "img", "link", "iframe", "a"}.isdisjoint(tag for tag, _ in page.elements)
    assert "default-src 'none'" in str(page.named("meta"))


def test_what_others_named_is_escaped(found: Findings):
    text = to_html(found, in_short(found))
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;.json" in text


def test_an_attribute_cannot_be_broken_out_of():
    assert el("p", "<", title='"><b>', x=-0.001) == '<p title="&quot;&gt;&lt;b&gt;" x="0">&lt;</p>'


@pytest.mark.parametrize("by", ["count", "recency", "proposed"])
def test_both_formats_agree_on_the_areas(by: str, page: Page, told: dict):
    shown = [float(cell.split()[0]) for cell in row(page, TITLES[by])[:4]]
    assert shown == [round(one["areas"][by]["value"], 3) for one in told["horizons"]]


def test_both_formats_agree_on_counts_lift_and_cut_offs(page: Page, told: dict):
    assert [int(n.replace(",", "")) for n in row(page, "pairs asked about")[:4]] == [
        one["pairs"] for one in told["horizons"]
    ]
    last = told["cut_offs"][-1]
    assert row(page, last["at"][:10])[:2] == [f"{last['pairs']} ", f"{last['came']} "]
    times = [row[-1] for row in page.rows if re.fullmatch(r"\d+\.\d %", row[1].strip())]
    assert times == [f"{one['times']:.2f} " for one in told["top"]]


def test_both_formats_agree_on_what_is_in_short(found: Findings, told: dict):
    text = to_html(found, in_short(found))
    assert told["in_short"] == list(in_short(found))
    assert all(el("li", sentence) in text for sentence in in_short(found))


def test_every_plot_says_what_it_is_and_has_a_table_beside_it(page: Page):
    plots = [one for one in page.named("svg") if "aria-hidden" not in one]
    assert len(plots) == 5
    assert all(one["role"] == "img" and one["aria-label"] for one in plots)
    assert len(page.named("figure")) == 5
    assert len(page.named("table")) >= 6


def test_nothing_is_drawn_outside_its_picture(page: Page):
    points = [
        tuple(map(float, corner.split(",")))
        for tag in ("polygon", "polyline")
        for one in page.named(tag)
        for corner in str(one["points"]).split()
    ]
    assert points
    assert all(0 <= x <= 340 and 0 <= y <= 400 for x, y in points)


def test_no_number_is_missing_and_none_is_not_a_number(found: Findings):
    assert "nan" not in to_html(found, in_short(found))
    assert "NaN" not in to_json(found, in_short(found))
