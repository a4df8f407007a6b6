"""The findings as one page of HTML: no script, nothing loaded, a table beside each plot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.backtest import charts, tables
from app.backtest.charts import Series
from app.backtest.findings import (
    COUNT,
    PROPOSED,
    RECENCY,
    TIELINE,
    TITLES,
    Findings,
    Horizon,
    Reliability,
)
from app.backtest.markup import Markup, el, joined
from app.backtest.walk import RECENT_DAYS

STYLE: Final = Path(__file__).with_name("style.css")
LOOKS: Final = {TIELINE: 0, PROPOSED: 1, COUNT: 2, RECENCY: 3}
CURVE_LOOKS: Final = {
    (TIELINE, True): 0,
    (PROPOSED, True): 1,
    (PROPOSED, False): 2,
    (TIELINE, False): 3,
}
"""How a curve looks by whose strengths it is for, and whether it is the one in use."""

NOTHING_LOADED: Final = "default-src 'none'; style-src 'unsafe-inline'"

AREA: Final = (
    "How often the right one of two pairs was ranked first, as a share of 1 (area under the ROC "
    "curve): 0.5 is guessing, 1 is perfect. The lines of the plot, and what stands below each "
    "number of the table, tell how far the true one may be off, in 95 of 100 histories like this."
)
"""What the plots of areas show."""


def to_html(findings: Findings, in_short: tuple[str, ...]) -> str:
    """Lay findings out; the same ones give the same bytes.

    Args:
        findings: What was found.
        in_short: The same in sentences.
    """
    head = el(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{NOTHING_LOADED}">'),
        el("title", f"Back-test as of {_day(findings.as_of)}"),
        el("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    tone = "short" if findings.is_enough else "short warn"
    body = el(
        "body",
        el("h1", "Back-test"),
        el("p", _subtitle(findings), class_="quiet"),
        el("ul", *(el("li", one) for one in in_short), class_=tone),
        el("main", *_sections(findings)),
        el("footer", el("p", *_method(findings), class_="quiet")),
    )
    return "<!doctype html>\n" + el("html", head, body, lang="en") + "\n"


def _subtitle(findings: Findings) -> str:
    history = findings.history
    if history.first is None or history.last is None:
        return f"Model {findings.model}, as of {_day(findings.as_of)}: no contact at all."
    return (
        f"Model {findings.model}, as of {_day(findings.as_of)}. {history.contacts:,} contacts of "
        f"{history.people:,} people from {_day(history.first)} to {_day(history.last)}. "
        f"{history.cut_offs_allowed} cut-offs possible, the latest {history.cut_offs} used."
    )


def _sections(findings: Findings) -> Iterator[Markup]:
    if findings.proposal is not None:
        yield _proposal(findings)
    if findings.horizons:
        yield _by_horizon(findings)
    if any(one.areas for one in findings.cut_offs):
        yield _by_cut_off(findings)
    if findings.reliability:
        yield _reliability(findings)
    if findings.top:
        yield _top(findings)
    if findings.channels:
        yield _channels(findings)


def _by_horizon(findings: Findings) -> Markup:
    horizons = findings.horizons
    series = [
        Series(_title(by, findings), LOOKS[by], [one.areas.get(by) for one in horizons])
        for by in findings.by
    ]
    shown: list[tuple[str, Horizon]] = [(f"{one.days} days", one) for one in horizons]
    if findings.recent is not None:
        shown.append((f"{findings.recent.days} days, recent pairs", findings.recent))
    rows = [
        [_title(by, findings), *(tables.estimate(one.areas.get(by)) for _, one in shown)]
        for by in findings.by
    ]
    counts = [
        ["pairs asked about", *(f"{one.pairs:,}" for _, one in shown)],
        ["of these in touch", *(f"{one.came:,}" for _, one in shown)],
        ["cut-offs", *(str(one.cut_offs) for _, one in shown)],
    ]
    name = "Who will be in touch?"
    days = [str(one.days) for one in horizons]
    return tables.section(
        name,
        f"{AREA} A recent pair was in touch within the {RECENT_DAYS} days before: of older ones "
        "anybody can tell that most rest.",
        joined(_legend(findings), charts.areas(name, days, series, "days ahead")),
        tables.table(["", *(head for head, _ in shown)], [*rows, *counts]),
    )


def _by_cut_off(findings: Findings) -> Markup:
    cuts = findings.cut_offs
    series = [
        Series(_title(by, findings), LOOKS[by], [one.areas.get(by) for one in cuts])
        for by in findings.by
    ]
    rows = [
        [
            _day(one.at),
            f"{one.pairs:,}",
            f"{one.came:,}",
            *(tables.estimate(one.areas.get(by)) for by in findings.by),
        ]
        for one in cuts
    ]
    name = "Was it always so?"
    months = [_day(one.at)[:7] for one in cuts]
    heads = [_title(by, findings) for by in findings.by]
    return tables.section(
        name,
        "The same 90 days ahead at each cut-off, by what had happened until then. One with fewer "
        "than 20 pairs that were in touch, or that were not, has no number.",
        joined(_legend(findings), charts.areas(name, months, series, "cut-off")),
        tables.table(["cut-off", "pairs", "in touch", *heads], rows),
    )


def _reliability(findings: Findings) -> Markup:
    told = findings.reliability
    looks = {(one.by, one.is_own): CURVE_LOOKS[one.by, one.is_used] for one in told}
    curves = [
        (looks[one.by, one.is_own], [(each.said, each.came) for each in one.bins]) for one in told
    ]
    rows = [
        [
            _curve(one, findings),
            f"{one.pairs:,}",
            f"{100 * one.error:.1f}",
            f"{one.brier:.4f}",
            f"{one.base_brier:.4f}",
        ]
        for one in told
    ]
    bins = [
        [
            f"{_curve(one, findings)}, part {n}",
            f"{each.pairs:,}",
            _percent(each.said),
            _percent(each.came),
        ]
        for one in told
        for n, each in enumerate(one.bins, 1)
    ]
    name = "Is 70 per cent 70 per cent?"
    heads = ["alive by", "pairs", "mean error, points", "Brier score", "of the base rate"]
    return tables.section(
        name,
        "Pairs in ten parts of equal size by the chance said that they would be in touch within 90 "
        "days, and the share that was, at the cut-offs of the last year. On the dashed line both "
        "agree. The Brier score is the mean squared distance: the lower, the better; beside it "
        "that of saying the same of every pair.",
        joined(
            charts.legend([(_curve(one, findings), looks[one.by, one.is_own]) for one in told]),
            charts.reliability(name, curves),
        ),
        joined(
            tables.table(heads, rows),
            el(
                "details",
                el("summary", "The points of the plot"),
                tables.table(["", "pairs", "said", "came"], bins),
            ),
        ),
    )


def _top(findings: Findings) -> Markup:
    rows = [
        (_title(one.by, findings), LOOKS[one.by], one.times, f"{one.times:.1f} times")
        for one in findings.top
    ]
    name = "Is the top of the list worth the call?"
    return tables.section(
        name,
        "Of the tenth ranked first, how many were in touch within 90 days, against all pairs "
        "(the upright line). Ten times is the most there can be.",
        charts.bars(name, rows, rule=1.0),
        tables.table(
            ["the first tenth by", "in touch", "times all"],
            [
                [_title(one.by, findings), _percent(one.came), f"{one.times:.2f}"]
                for one in findings.top
            ],
        ),
    )


def _channels(findings: Findings) -> Markup:
    rows = [(one.channel, one.gain) for one in findings.channels]
    name = "What does each channel add?"
    if len(rows) == 1:
        only = f"All contact is of one channel, {rows[0][0]}: there is nothing to leave out."
        return el("section", el("h2", name), el("p", only, class_="quiet"))
    return tables.section(
        name,
        "What would be lost had a channel not been recorded: the area with everything less the "
        "area without it, in hundredths, 90 days ahead, with the present weights. Right of the "
        "line a channel helps; where the line is crossed, this history does not tell.",
        charts.gains(name, rows),
        tables.table(
            ["channel", "contacts", "gain"],
            [
                [one.channel, f"{one.contacts:,}", tables.estimate(one.gain, hundredths=True)]
                for one in findings.channels
            ],
        ),
    )


def _proposal(findings: Findings) -> Markup:
    proposal = findings.proposal
    if proposal is None:
        return Markup()
    changes = [[one.name, one.present, one.proposed] for one in proposal.changes]
    bands = [
        [f"pairs in band {band}", f"{a:,}", f"{b:,}"] for band, (a, b) in proposal.bands.items()
    ]
    gain = [
        "area 90 days ahead, in hundredths",
        "",
        tables.estimate(proposal.gain, hundredths=True),
    ]
    return tables.section(
        f"The proposed weights: {proposal.name}",
        f"Side by side with the present ones. {proposal.moved:,} pairs would be shown in another "
        "band today. What comes of it is below.",
        None,
        tables.table(["", "present", "proposed"], [*changes, *bands, gain]),
    )


def _legend(findings: Findings) -> Markup:
    return charts.legend([(_title(by, findings), LOOKS[by]) for by in findings.by])


def _title(by: str, findings: Findings) -> str:
    is_compared = by == TIELINE and findings.proposal is not None
    return f"{TITLES[by]}, present weights" if is_compared else TITLES[by]


def _curve(one: Reliability, findings: Findings) -> str:
    whose = "own curve" if one.is_own else "curve for every company"
    weights = "" if findings.proposal is None else f", {_weights(one.by)} weights"
    return f"{whose}{weights}{' (in use)' if one.is_used and one.by == TIELINE else ''}"


def _weights(by: str) -> str:
    return "proposed" if by == PROPOSED else "present"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _day(moment: str) -> str:
    return moment[:10]


def _method(findings: Findings) -> Iterator[str]:
    yield (
        "How: the history is cut every 90 days, at most eight times. At each cut-off every pair "
        "that had met is scored by what had happened until then alone. In touch means personal "
        "contact both ways: messages each way to few people, a meeting or an answered call. "
        "Intervals allow for a pair being asked about more than once and for the pairs of one "
        "person faring alike. Nobody is named here. "
    )
    if findings.history.later:
        yield f"{findings.history.later:,} contacts after the last day were not looked at. "
    yield "What the numbers cannot tell: contact that nobody recorded does not exist for them."
