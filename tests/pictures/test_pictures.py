"""Pictures: what is on them, that it can be read, and that it fits into a page."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from app.engine import Scores, score
from app.pictures import PALETTE, Known, Scene, account_scene, circle, ego_scene, paint
from app.pictures.places import Box, boxes, place
from tests.engine.histories import NOW, Event, columns, exchange

EGO, ADA = 1, 2
OURS = np.array([EGO, ADA], dtype=np.int64)
OFTEN, SELDOM = list(range(1, 80, 3)), [20, 60]
SVG = "{http://www.w3.org/2000/svg}"
LONG = "Maximiliana-Alexandra von und zu Hohenstein-Waldburg"


def scores(history: list[Event]) -> Scores:
    return score(columns(history), as_of_s=NOW, colleagues=OURS)


def crowd(people: int) -> Scores:
    """Somebody and so many others, each of whom knows the next but two."""
    others = range(10, 10 + people)
    history = [e for one in others for e in exchange(EGO, one, [one % 30 + 1, 40, 60 + one % 9])]
    history += [e for one in others[:-3] for e in exchange(one, one + 3, OFTEN)]
    return scores([*history, *exchange(EGO, ADA, OFTEN)])


def known(people: int, name: str = LONG) -> Known:
    everybody = [EGO, ADA, *range(10, 10 + people)]
    return Known(
        names={one: f"{one} {name}" for one in everybody},
        accounts={one: f"Account {one % 7} & Sons of the Far North East" for one in everybody},
        titles=dict.fromkeys(everybody, "Head of Everything There Is"),
    )


def ego(found: Scores, told: Known) -> Scene:
    return ego_scene(found, EGO, circle(found, [EGO]), told)


def account(found: Scores, told: Known, members: range) -> Scene:
    return account_scene(found, members, "Acme", told, around=circle(found, members))


def scenes(people: int) -> Iterator[Scene]:
    found, told = crowd(people), known(people)
    yield ego(found, told)
    yield account(found, told, range(10, 10 + people))


def elements(svg: str, tag: str) -> list[ET.Element]:
    return ET.fromstring(svg).findall(f".//{SVG}{tag}")  # noqa: S314 - our own


def touched(svg: str, texts: list[Box]) -> list[Box]:
    """The texts that a tie runs over, looked at from place to place."""
    x, y = np.concatenate([along(path.get("d", "")) for path in elements(svg, "path")]).T
    return [
        box
        for box in texts
        if ((box.left < x) & (x < box.right) & (box.top + 3 < y) & (y < box.bottom - 3)).any()
    ]


def along(path: str) -> np.ndarray:
    """Places on a path that is straight, or bent once, (n, 2)."""
    spots = np.array(re.findall(r"-?[\d.]+", path), dtype=float).reshape(-1, 2)
    begin, end = spots[0], spots[-1]
    bend = spots[1] if len(spots) == 3 else (begin + end) / 2
    t = np.linspace(0, 1, 60)[:, None]
    return (1 - t) ** 2 * begin + 2 * t * (1 - t) * bend + t**2 * end


@pytest.mark.parametrize("people", [1, 2, 5, 17, 39])
def test_no_two_names_are_written_over_each_other(people: int):
    for scene in scenes(people):
        texts = list(boxes(place(scene)))
        assert not [pair for pair in combinations(texts, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize("people", [2, 17, 39])
def test_no_tie_runs_over_a_name(people: int):
    for scene in scenes(people):
        texts = list(boxes(place(scene)))
        beside = texts[1:] if scene.centre else texts
        assert len(beside) >= people
        assert touched(paint(scene), beside) == []


def test_all_names_are_inside_the_picture():
    for scene in scenes(39):
        plan = place(scene)
        assert all(0 < box.left < box.right < plan.width for box in boxes(plan))
        assert all(0 < box.top < box.bottom < plan.height for box in boxes(plan))


def test_forty_people_are_shown_at_most_and_it_is_said():
    for scene in scenes(200):
        assert len(scene.dots) == 40
        assert re.search(r"of whom (39|38) are shown", scene.summary)


def test_a_stronger_tie_is_wider():
    history = [*exchange(EGO, 10, OFTEN), *exchange(EGO, 11, SELDOM)]
    svg = paint(ego(scores(history), known(2)))
    weak, strong = (float(p.get("stroke-width", "0")) for p in elements(svg, "path"))
    assert 1 <= weak < strong <= 6.5


def test_each_kind_of_tie_has_a_colour_and_a_line_of_its_own():
    history = [*exchange(EGO, ADA, OFTEN), *exchange(EGO, 10, OFTEN), *exchange(EGO, 13, OFTEN)]
    svg = paint(ego(scores([*history, *exchange(10, 13, OFTEN)]), known(9)))
    looks = {(p.get("stroke"), p.get("stroke-dasharray")) for p in elements(svg, "path")}
    assert len(looks) == len({colour for colour, _ in looks}) == len({d for _, d in looks}) == 3


def test_a_bridge_is_marked_on_its_line_and_named_in_a_note():
    told = Known(names={1: "Ana", 10: "Bob"}, bridges={(EGO, 10): "South Inc"})
    scene = ego(scores(exchange(EGO, 10, OFTEN)), told)
    texts = [text.text or "" for text in elements(paint(scene), "text")]
    assert "bridge" in texts
    assert any(text.endswith("bridge to South Inc") for text in texts)
    assert scene.summary.endswith("Bridges lead to South Inc.")


def test_the_far_ends_of_bridges_come_first():
    found = crowd(200)
    assert 205 not in circle(found, [EGO])[:39]
    assert circle(found, [EGO], first=[205])[0] == 205


def test_somebody_whom_nobody_of_ours_knows_is_hollow_and_it_is_said():
    history = [*exchange(EGO, 10, OFTEN), *exchange(12, 13, OFTEN)]
    scene = account(scores(history), Known(), range(10, 13))
    notes = {dot.person: (dot.is_reached, dot.note) for dot in scene.right[0].dots}
    assert notes[12] == (False, "nobody of ours knows them")
    assert notes[10][0] is True
    hollow = [one for one in elements(paint(scene), "circle") if one.get("fill") == "none"]
    assert len(hollow) == 2


def test_a_tie_gone_quiet_is_drawn_faint_and_says_for_how_long():
    scene = ego(scores([*exchange(EGO, 10, [900, 930]), *exchange(EGO, 11, OFTEN)]), known(2))
    notes = {dot.person: dot.note for dot in scene.dots}
    assert notes[10].startswith("silent 2 years")
    faint, live = elements(paint(scene), "path")
    assert (faint.get("stroke-opacity"), live.get("stroke-opacity")) == ("0.5", "0.85")


def test_who_met_in_a_crowd_only_is_not_on_the_picture():
    mass = [Event(EGO, one, 3, recipients=40) for one in range(10, 50)]
    assert ego(scores(mass), known(40)).lines == ()


def test_nobody_at_all_is_a_picture_too():
    scene = ego(scores([]), known(0, "Ana"))
    assert scene.summary == "1 Ana has no tie with anybody."
    assert account(scores([]), Known(), range(0)).summary.startswith("At Acme there are no people.")
    assert elements(paint(scene), "title")


def test_the_table_tells_every_tie_the_strongest_first():
    scene = ego(crowd(12), known(12))
    strengths = [row.strength for row in scene.rows]
    assert len(strengths) == len(scene.lines)
    assert strengths == sorted(strengths, reverse=True)
    assert {row.kind for row in scene.rows} == {
        "a colleague and a contact",
        "two colleagues",
        "two contacts",
    }


def test_in_a_page_there_is_neither_style_nor_script():
    svg = paint(ego(crowd(12), known(12)), is_whole=False)
    assert not re.search(r"<style|style=|<script|\son\w+=", svg)
    assert 'color="' not in svg
    assert "tl-outward" in PALETTE


def test_by_itself_it_has_colours_for_light_and_dark():
    (style,) = elements(paint(ego(crowd(3), known(3))), "style")
    assert style.text == PALETTE
    assert "prefers-color-scheme: dark" in PALETTE


def test_a_title_and_a_description_stand_for_the_picture():
    root = ET.fromstring(paint(ego(crowd(3), known(3, "Ana"))))  # noqa: S314 - our own
    assert (root[0].tag, root[0].text) == (f"{SVG}title", "Whom 1 Ana knows")
    assert root[1].tag == f"{SVG}desc"
    assert "ties with 4 people" in (root[1].text or "")
    assert root.get("role") == "img"


def test_names_cannot_break_out_of_the_picture():
    evil = '</text><script>alert("x")</script>\x00\x1b&'
    svg = paint(ego(crowd(3), known(3, evil)), links=lambda person: f'/p/{person}"><script>')
    assert elements(svg, "script") == []
    assert any("<script>" in (text.text or "") for text in elements(svg, "text"))


def test_names_lead_where_the_page_says():
    svg = paint(ego(crowd(3), known(3)), links=lambda person: f"/people/{person}")
    assert {link.get("href") for link in elements(svg, "a")} >= {"/people/1", "/people/10"}


def test_wide_letters_have_room():
    told = Known(names={1: "Ana", 10: "山田太郎" * 9, 11: "Bo"})
    plan = place(ego(scores([*exchange(EGO, 10, OFTEN), *exchange(EGO, 11, OFTEN)]), told))
    assert all(0 < box.left < box.right < plan.width for box in boxes(plan))


def test_the_same_scores_give_the_same_bytes():
    one, other = (list(map(paint, scenes(30))) for _ in range(2))
    assert one == other
