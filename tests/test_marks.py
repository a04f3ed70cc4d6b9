"""Marks in boxes: what was chosen is never lost, and what was undone is never taken for chosen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaflets.geometry import Rect
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.ink import FAINT_PENCIL, INKS, Ink
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import ODD_STYLES, STYLES, UNDONE, TickStyle, draw_tick
from scan_pipeline.reading.marks import Mark, is_faint
from scan_pipeline.story import ChoiceValue, PageReading
from scan_pipeline.worker import read_page

SETTLED = settings(max_examples=25, deadline=None, derandomize=True)
OPTIONS = {f"{f.name}/{o.value}": o.box for f in papers.layout().page(1).fields for o in f.options}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


def states(image: Image, workspace: Path) -> dict[str, str]:
    reading, _ = read_page(image, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    return {
        f"{name}/{mark.value}": mark.state
        for name, value in reading.fields.items()
        if isinstance(value, ChoiceValue)
        for mark in value.marks
    }


def draw(image: Image, box: Rect, style: TickStyle, ink: int, seed: int) -> None:
    draw_tick(image, PX_PER_MM, box, style, INKS[ink], np.random.default_rng(seed))


@SETTLED
@given(
    name=st.sampled_from(sorted(OPTIONS)),
    style=st.sampled_from([*STYLES, *ODD_STYLES]),
    ink=st.integers(0, len(INKS) - 1),
    seed=st.integers(0, 10_000),
)
def test_a_mark_is_never_taken_for_none(
    workspace: Path, name: str, style: TickStyle, ink: int, seed: int
) -> None:
    image = papers.printed(1).copy()
    draw(image, OPTIONS[name], style, ink, seed)
    found = states(image, workspace)
    assert found[name] in {"ticked", "unsure"}
    ticked = {other for other, state in found.items() if state == "ticked"}
    assert ticked <= {name}


@SETTLED
@given(
    undone=st.sampled_from(UNDONE), ink=st.integers(0, len(INKS) - 1), seed=st.integers(0, 10_000)
)
def test_what_was_undone_is_never_chosen_beside_other_ticks(
    workspace: Path, undone: TickStyle, ink: int, seed: int
) -> None:
    image = papers.printed(1).copy()
    others = ["feelings/safe", "rating/good", "author_role/carer", "visit_when/this_month"]
    for k, name in enumerate(others):
        draw(image, OPTIONS[name], "tick", ink, seed + k)
    draw(image, OPTIONS["feelings/judged"], undone, ink, seed)
    found = states(image, workspace)
    assert found["feelings/judged"] in {"filled", "unsure"}
    assert [found[name] for name in others] == ["ticked"] * len(others)


def folded(image: Image, at: Rect, degrees: float) -> Image:
    """With the shadow of a fold, a millimetre wide, through a box; 90 degrees is upright."""
    x, y = (v * PX_PER_MM for v in at.centre_mm)
    along = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) * 6000
    ends = [tuple(int(v) for v in np.array([x, y]) + way * along) for way in (-1, 1)]
    shade = np.zeros(image.shape, np.uint8)
    cv2.line(shade, ends[0], ends[1], 255, round(PX_PER_MM), cv2.LINE_AA)
    soft = cv2.GaussianBlur(shade, (0, 0), 3.0).astype(np.float32) / 255
    return np.asarray(image * (1.0 - 0.25 * soft), np.uint8)


@pytest.mark.parametrize("degrees", [90, 88.5, 0, 1.2, 37])
def test_a_fold_is_no_mark_and_hides_none(workspace: Path, degrees: float) -> None:
    name = "feelings/safe"
    image = folded(papers.printed(1).copy(), OPTIONS[name], degrees)
    assert set(states(image, workspace).values()) == {"empty"}
    draw(image, OPTIONS[name], "tick", 0, 3)
    found = states(image, workspace)
    assert found.pop(name) == "ticked"
    assert set(found.values()) == {"empty"}


@pytest.mark.parametrize("along", [(-0.53, 0.85), (-0.75, 0.66)])
def test_a_slash_in_line_with_the_edge_of_something_on_the_page_is_not_taken_for_it(
    workspace: Path, along: tuple[float, float]
) -> None:
    """As of a ruler or a strip of paper that was scanned with it, 45 mm away."""
    name = "feelings/worried"
    image, middle = papers.printed(1).copy(), np.array(OPTIONS[name].centre_mm)
    for start, end, grey in ((-2.4, 2.4, 165), (45.0, 150.0, 40)):
        ends = [
            tuple(round(v * PX_PER_MM) for v in middle + at * np.array(along))
            for at in (start, end)
        ]
        drawn = np.full_like(image, 255)
        cv2.line(drawn, ends[0], ends[1], grey, round(0.5 * PX_PER_MM), cv2.LINE_AA)
        image = np.minimum(image, drawn)
    assert states(image, workspace)[name] in {"ticked", "unsure"}


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("apart_mm", [-1.2, 0.0, 1.2])
def test_a_line_that_only_passes_through_a_box_is_asked_about(
    workspace: Path, level: bool, apart_mm: float
) -> None:
    """As the shadow of a sharp fold that bends does, of which no one straight line is a fold."""
    image = papers.printed(1).copy()
    (x, y), long = OPTIONS["service_area/clinical"].centre_mm, 9.0
    ends = [(x + apart_mm, y - long), (x + apart_mm + 0.4, y + long)]
    if level:
        ends = [(x - long, y + apart_mm), (x + long, y + apart_mm + 0.4)]
    (x1, y1), (x2, y2) = ((round(v * PX_PER_MM) for v in end) for end in ends)
    cv2.line(image, (x1, y1), (x2, y2), 120, round(PX_PER_MM), cv2.LINE_AA)
    draw(image, OPTIONS["service_area/other"], "tick", 0, 3)
    found = states(image, workspace)
    assert found["service_area/clinical"] in {"empty", "unsure"}
    assert found["service_area/other"] == "ticked"


def test_a_tail_that_passes_a_box_is_no_mark_but_ink_around_it_is(workspace: Path) -> None:
    home, other = OPTIONS["rating/poor"], OPTIONS["rating/very_good"]  # the box above
    image = papers.printed(1).copy()
    (x, y), top = home.centre_mm, other.y_mm
    tick_mm = ((x - 1.5, y), (x - 0.3, y + 1.6), (x + 3.6, top + 4.0))
    tick = np.array([[round(v * PX_PER_MM) for v in point] for point in tick_mm])
    cv2.polylines(image, [tick], False, 40, 5, cv2.LINE_AA)
    found = states(image, workspace)
    assert (found["rating/poor"], found["rating/very_good"]) == ("ticked", "empty")
    middle = tuple(round(v * PX_PER_MM) for v in other.centre_mm)
    reach = round(0.8 * other.w_mm * PX_PER_MM)
    cv2.circle(image, middle, reach, 40, 5, cv2.LINE_AA)  # joined to the tail
    assert states(image, workspace)["rating/very_good"] == "unsure"


def test_a_tick_that_runs_into_a_box_which_was_blacked_out_is_still_a_tick(workspace: Path) -> None:
    image = papers.printed(1).copy()
    draw(image, OPTIONS["author_role/carer"], "tick", 0, 5)
    draw(image, OPTIONS["feelings/safe"], "tick", 0, 6)
    undone, meant = OPTIONS["rating/poor"], OPTIONS["rating/very_good"]
    spilled = Rect(x_mm=undone.x_mm - 1.5, y_mm=undone.y_mm - 0.4, w_mm=7.2, h_mm=7.5)
    corners = [
        (round(x * PX_PER_MM), round(y * PX_PER_MM))
        for x, y in ((spilled.x_mm, spilled.y_mm), (spilled.right_mm, spilled.bottom_mm))
    ]
    cv2.rectangle(image, corners[0], corners[1], 40, -1)
    (x, y), down = meant.centre_mm, spilled.centre_mm
    crossed = [(x - 1.9, y - 1.9), (x + 1.6, y + 1.6), (x, y), (x + 1.9, y - 1.9)]
    cross_mm = [*crossed, (x - 1.8, y + 1.8), (down[0] - 1.0, spilled.y_mm + 0.5)]
    cross = np.array([[round(v * PX_PER_MM) for v in point] for point in cross_mm])
    cv2.polylines(image, [cross], False, 40, 9, cv2.LINE_AA)
    found = states(image, workspace)
    assert (found["rating/poor"], found["rating/very_good"]) == ("filled", "ticked")


@pytest.mark.parametrize("grey", [150, 165, 180])
@pytest.mark.parametrize("down_mm", [3.9, 4.6])
def test_a_pale_tick_that_lies_on_the_lower_outline_is_not_taken_for_none(
    workspace: Path, down_mm: float, grey: int
) -> None:
    box, image = OPTIONS["rating/good"], papers.printed(1).copy()
    shape_mm = ((1.2, down_mm), (1.9, down_mm + 0.9), (4.2, down_mm + 0.1), (5.6, down_mm - 0.9))
    at = [
        [round((box.x_mm + x) * PX_PER_MM), round((box.y_mm + y) * PX_PER_MM)] for x, y in shape_mm
    ]
    drawn = np.full_like(image, 255)
    cv2.polylines(drawn, [np.array(at)], False, grey, 3, cv2.LINE_AA)
    reading, _ = read_page(np.minimum(image, drawn), forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    value = reading.fields["rating"]
    assert value.review or (isinstance(value, ChoiceValue) and value.value == "good")


def test_a_small_mark_beside_a_box_is_asked_about(workspace: Path) -> None:
    box = OPTIONS["rating/good"]
    image = papers.printed(1).copy()
    x, y = (round(v * PX_PER_MM) for v in (box.x_mm - 1.6, box.centre_mm[1]))
    cv2.line(image, (x, y), (x + 4, y + 14), 60, 5, cv2.LINE_AA)
    cv2.line(image, (x + 4, y + 14), (x + 12, y - 16), 60, 5, cv2.LINE_AA)
    assert states(image, workspace)["rating/good"] == "unsure"


@pytest.mark.parametrize("ink_mm", [0.3, 0.5])
@pytest.mark.parametrize(
    ("right_mm", "down_mm", "size_mm"),
    [(0.6, -0.4, 2.2), (-0.5, 0.5, 2.4), (-2.8, 0.0, 4.5), (2.8, -0.3, 4.5)],
)
def test_a_plain_tick_that_is_small_or_half_beside_its_box_is_one(
    right_mm: float, down_mm: float, size_mm: float, ink_mm: float, workspace: Path
) -> None:
    image, box = papers.printed(1).copy(), OPTIONS["visit_when/this_month"]
    draw(image, OPTIONS["feelings/safe"], "tick", 1, 3)
    x, y = box.centre_mm[0] + right_mm, box.centre_mm[1] + down_mm
    arms = [(-0.45, 0.05), (-0.15, 0.45), (0.5, -0.5)]
    stroke(image, [(x + size_mm * a, y + size_mm * b) for a, b in arms], round(ink_mm * PX_PER_MM))
    found = states(image, workspace)
    assert {name for name, state in found.items() if state == "ticked"} == {
        "visit_when/this_month", "feelings/safe"
    }  # fmt: skip


def test_a_tick_between_two_boxes_is_asked_about(workspace: Path) -> None:
    column = sorted(
        (box for name, box in OPTIONS.items() if name.startswith("feelings/")),
        key=lambda box: (box.x_mm, box.y_mm),
    )
    upper, lower = column[:2]
    for down_mm in (-0.6, 0.0, 0.6):
        image = papers.printed(1).copy()
        x, y = upper.centre_mm[0], (upper.bottom_mm + lower.y_mm) / 2 + down_mm
        stroke(image, [(x - 1.6, y - 0.1), (x - 0.6, y + 1.3), (x + 1.8, y - 1.6)], 5)
        assert "ticked" not in states(image, workspace).values()


def test_specks_of_the_copier_are_no_marks(workspace: Path) -> None:
    image = papers.printed(1).copy()
    rng = np.random.default_rng(4)
    for box in OPTIONS.values():
        x, y = ((v + float(rng.uniform(1, 4))) * PX_PER_MM for v in (box.x_mm, box.y_mm))
        cv2.circle(image, (round(x), round(y)), 2, 30, -1)
    assert set(states(image, workspace).values()) == {"empty"}


def test_pencil_so_faint_that_some_is_lost_puts_the_other_answers_in_doubt(
    workspace: Path,
) -> None:
    image = papers.printed(1).copy()
    rng = np.random.default_rng(1)
    draw_tick(image, PX_PER_MM, OPTIONS["feelings/safe"], "faint", FAINT_PENCIL, rng)
    black = np.where(image < 160, 0, 255).astype(np.uint8)  # of the tick, crumbs are left
    reading, _ = read_page(black, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    rating = reading.fields["rating"]
    assert isinstance(rating, ChoiceValue)
    assert rating.value is None and rating.review


@pytest.mark.parametrize(("level", "grain"), [(240, 6), (243, 14)])
def test_ticks_hardly_darker_than_the_grain_put_every_answer_in_doubt(
    workspace: Path, level: int, grain: int
) -> None:
    image, rng = papers.printed(1).copy(), np.random.default_rng(1)
    pencil = Ink(name="hard pencil", rgb=(level, level, level), width_mm=0.5, grain=0.3)
    for name in sorted(OPTIONS)[::3]:
        draw_tick(image, PX_PER_MM, OPTIONS[name], "tick", pencil, rng)
    noise = cv2.GaussianBlur(rng.standard_normal(image.shape).astype(np.float32), (0, 0), 1.5)
    grey = np.clip(image + grain * noise - 6, 0, 255).astype(np.uint8)
    reading, _ = read_page(grey, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    answers = [v for v in reading.fields.values() if isinstance(v, ChoiceValue)]
    assert answers and all(v.review for v in answers)


@pytest.mark.parametrize("seed", [2, 8])
def test_who_scribbles_in_every_box_is_not_asked_about_the_gaps(workspace: Path, seed: int) -> None:
    image, rng = papers.printed(1).copy(), np.random.default_rng(seed)
    names = sorted(OPTIONS)[::3]
    for name in names:
        draw_tick(image, PX_PER_MM, OPTIONS[name], "scribble", INKS[seed % 2], rng)
    assert {states(image, workspace)[name] for name in names} == {"ticked"}


@pytest.mark.parametrize(("bare_mm", "state"), [(0.0, "filled"), (0.5, "unsure")])
def test_who_scribbles_takes_back_only_what_is_black_all_over(
    workspace: Path, bare_mm: float, state: str
) -> None:
    image, rng = papers.printed(1).copy(), np.random.default_rng(4)
    *names, blackened = sorted(OPTIONS)[::4]
    for name in names:
        draw_tick(image, PX_PER_MM, OPTIONS[name], "scribble", INKS[1], rng)
    box = OPTIONS[blackened]
    draw_tick(image, PX_PER_MM, box, "filled", INKS[1], rng)
    x, y = (round((v + 0.8) * PX_PER_MM) for v in (box.x_mm, box.y_mm))
    image[y : y + round(bare_mm * PX_PER_MM), x : x + round(bare_mm * PX_PER_MM)] = 255
    assert states(image, workspace)[blackened] == state


@pytest.mark.parametrize(
    ("left_mm", "right_mm"),
    [((-0.5, -0.3), (5.5, 5.0)), ((-0.6, 1.5), (5.6, 1.8)), ((-1, 3), (6, 3))],
)
def test_a_tick_with_one_line_through_it_is_asked_about(
    workspace: Path, left_mm: tuple[float, float], right_mm: tuple[float, float]
) -> None:
    image, rng = papers.printed(1).copy(), np.random.default_rng(3)
    names = sorted(OPTIONS)[::5]
    for name in names:
        draw_tick(image, PX_PER_MM, OPTIONS[name], "tick", INKS[1], rng)
    for name in names[::2]:
        ends = (
            (OPTIONS[name].x_mm + right, OPTIONS[name].y_mm + down)
            for right, down in (left_mm, right_mm)
        )
        start, end = ((round(x * PX_PER_MM), round(y * PX_PER_MM)) for x, y in ends)
        cv2.line(image, start, end, 40, round(0.45 * PX_PER_MM), cv2.LINE_AA)
    found = states(image, workspace)
    assert {found[name] for name in names[::2]} == {"unsure"}
    assert {found[name] for name in names[1::2]} == {"ticked"}


@pytest.mark.parametrize(
    ("covers", "faint"),
    [
        ((0.1, 0.12, 0.11, 0.1), False),  # pale, but even: one that is lost would be unlike them
        ((0.3, 0.12, 0.05, 0.02), True),
        ((0.03, 0.03, 0.03, 0.03), True),
        ((0.16, 0.17, 0.13, 0.14, 0.016), True),
        ((0.66, 0.7, 0.61, 0.68, 0.016), False),  # a speck
        ((0.3, 0.4), False),
        ((0.3, 0.1), True),
        ((), False),
    ],
)
def test_marks_are_lost_where_others_are_near_to_it(covers: tuple[float, ...], faint: bool) -> None:
    marks = [Mark(state="ticked", confidence=1.0, cover=cover, strength=0.5) for cover in covers]
    empty = Mark(state="empty", confidence=1.0, cover=0.0, strength=0.0)
    assert is_faint([*marks, empty]) is faint


@pytest.mark.parametrize("share", [0.4, 0.7, 1.4])
@pytest.mark.parametrize("name", ["feelings/judged", "consent_display/"])
def test_a_box_under_a_note_is_asked_about(workspace: Path, name: str, share: float) -> None:
    boxes = OPTIONS | {f"{f.name}/": f.box for f in papers.layout().page(1).fields if not f.options}
    image, box = papers.printed(1).copy(), boxes[name]
    draw(image, box, "tick", 0, 3)
    draw(image, OPTIONS["rating/good"], "tick", 0, 4)
    left = box.right_mm + 1.0 - share * box.w_mm
    note = (left, box.y_mm - 12.0), (left + 50.0, box.bottom_mm + 12.0)
    corners = [(round(x * PX_PER_MM), round(y * PX_PER_MM)) for x, y in note]
    cv2.rectangle(image, corners[0], corners[1], 238, -1)
    found = states(image, workspace)
    assert found[name] == "unsure"
    assert found["rating/good"] == "ticked"


HARD_PENCIL = Ink(name="hard pencil", rgb=(222, 222, 224), width_mm=0.5)
"""An eighth darker than the paper: less than counts as ink."""


def grainy(image: Image, levels: float, seed: int) -> Image:
    """With the noise of a scanner."""
    noise = np.random.default_rng(seed).normal(0, levels, image.shape)
    return np.asarray(np.clip(np.minimum(image, 250) + noise, 0, 255), np.uint8)


@SETTLED
@given(
    name=st.sampled_from(sorted(OPTIONS)),
    style=st.sampled_from(["tick", "cross", "slash"]),
    seed=st.integers(0, 10_000),
)
def test_a_mark_paler_than_ink_is_asked_about_and_no_other_box_is(
    workspace: Path, name: str, style: TickStyle, seed: int
) -> None:
    image = papers.printed(1).copy()
    draw_tick(image, PX_PER_MM, OPTIONS[name], style, HARD_PENCIL, np.random.default_rng(seed))
    found = states(grainy(image, 4.0, seed), workspace)
    assert found.pop(name) == "unsure"
    assert set(found.values()) == {"empty"}


def test_a_page_in_a_hard_pencil_is_asked_about_box_by_box(workspace: Path) -> None:
    image = papers.printed(1).copy()
    rng = np.random.default_rng(6)
    marked = set(sorted(OPTIONS)[::3])
    for name in marked:
        draw_tick(image, PX_PER_MM, OPTIONS[name], "tick", HARD_PENCIL, rng)
    found = states(grainy(image, 4.0, 6), workspace)
    assert {name for name, state in found.items() if state == "unsure"} == marked


def test_what_shines_through_from_the_other_side_is_no_mark(workspace: Path) -> None:
    image = papers.printed(1).copy()
    rng = np.random.default_rng(5)
    for name in sorted(OPTIONS)[::2]:
        draw_tick(image, PX_PER_MM, OPTIONS[name], "slash", HARD_PENCIL, rng)
    assert set(states(grainy(image, 4.0, 5), workspace).values()) == {"empty"}


def test_a_ring_in_pencil_beside_ticks_in_pen_is_asked_about(workspace: Path) -> None:
    image = papers.printed(1).copy()
    for k, name in enumerate(["feelings/safe", "rating/good", "visit_when/this_month"]):
        draw(image, OPTIONS[name], "tick", 1, k)
    ringed = OPTIONS["feelings/judged"]
    middle = tuple(round(v * PX_PER_MM) for v in ringed.centre_mm)
    cv2.circle(image, middle, round(0.85 * ringed.w_mm * PX_PER_MM), 190, 5, cv2.LINE_AA)
    assert states(image, workspace)["feelings/judged"] == "unsure"


@SETTLED
@given(
    turns=st.integers(2, 3),
    reach_mm=st.floats(0.8, 1.6),
    ink=st.sampled_from([0, 1, 3]),
    seed=st.integers(0, 10_000),
)
def test_a_consent_that_was_crossed_out_is_never_given(
    workspace: Path, turns: int, reach_mm: float, ink: int, seed: int
) -> None:
    field = next(f for f in papers.layout().page(1).fields if f.name == "consent_display")
    image = papers.printed(1).copy()
    draw(image, OPTIONS["feelings/safe"], "tick", ink, seed + 1)  # of few marks nothing is usual
    draw(image, field.box, "tick", ink, seed)
    left, right = field.box.x_mm - reach_mm, field.box.right_mm + reach_mm
    rows = np.linspace(field.box.y_mm + 1.0, field.box.bottom_mm - 1.0, turns)
    path = [(x, y) for k, y in enumerate(rows) for x in ((left, right) if k % 2 else (right, left))]
    points = np.array([[round(v * PX_PER_MM) for v in point] for point in path])
    shade = round(float(np.dot(INKS[ink].rgb, (0.299, 0.587, 0.114))))
    cv2.polylines(image, [points], False, shade, 5, cv2.LINE_AA)
    assert states(image, workspace)["consent_display/"] in {"unsure", "filled"}


def stroke(image: Image, points_mm: list[tuple[float, float]], width_px: int) -> None:
    path = np.array([[round(v * PX_PER_MM) for v in point] for point in points_mm])
    cv2.polylines(image, [path], False, 40, width_px, cv2.LINE_AA)


def cross(image: Image, box: Rect, width_px: int, over_mm: float) -> None:
    """A cross that reaches `over_mm` beyond its box at every corner."""
    around = box.grown(over_mm)
    left, right, top, bottom = around.x_mm, around.right_mm, around.y_mm, around.bottom_mm
    stroke(image, [(left, top), (right, bottom)], width_px)
    stroke(image, [(left, bottom), (right, top)], width_px)


@SETTLED
@given(
    name=st.sampled_from(sorted(OPTIONS)),
    width_px=st.integers(6, 11),
    over_mm=st.floats(0.0, 1.2),
)
def test_a_bold_cross_beside_fine_ticks_is_a_mark_and_no_crossing_out(
    workspace: Path, name: str, width_px: int, over_mm: float
) -> None:
    image = papers.printed(1).copy()
    others = [n for n in ("feelings/safe", "rating/good", "visit_when/this_month") if n != name]
    for k, other in enumerate(others):
        draw(image, OPTIONS[other], "tick", 1, k)
    cross(image, OPTIONS[name], width_px, over_mm)
    assert states(image, workspace)[name] == "ticked"


@SETTLED
@given(
    name=st.sampled_from(["consent_display/", "helped_by/"]),
    ink=st.sampled_from([0, 1, 2]),
    seed=st.integers(0, 10_000),
    over_mm=st.floats(0.6, 1.6),
)
def test_a_consent_with_a_cross_over_its_tick_is_never_given(
    workspace: Path, name: str, ink: int, seed: int, over_mm: float
) -> None:
    box = next(f.box for f in papers.layout().page(1).fields if f"{f.name}/" == name)
    image = papers.printed(1).copy()
    for k, other in enumerate(("feelings/safe", "rating/good", "visit_when/this_month")):
        draw(image, OPTIONS[other], "tick", ink, seed + k)
    draw(image, box, "tick", ink, seed)
    cross(image, box, round(INKS[ink].width_mm * PX_PER_MM), over_mm)
    assert states(image, workspace)[name] in {"unsure", "filled"}


def test_a_tick_with_a_long_tail_is_one_and_a_second_tick_on_its_tail_is_noticed(
    workspace: Path,
) -> None:
    box, above = OPTIONS["rating/poor"], OPTIONS["rating/very_good"]
    (x, y), (_, higher) = box.centre_mm, above.centre_mm
    tailed = [(x - 1.6, y - 0.4), (x - 0.4, y + 1.7), (x + 7.0, y - 7.0)]
    image = papers.printed(1).copy()
    draw(image, OPTIONS["feelings/safe"], "tick", 0, 6)
    stroke(image, tailed, 5)
    found = states(image, workspace)
    assert (found.pop("rating/poor"), found.pop("feelings/safe")) == ("ticked", "ticked")
    assert found["rating/very_good"] == "empty"
    # The tail turns back to the box above and ticks beside it.
    second = [tailed[-1], (x + 3.6, higher + 1.0), (x + 3.2, higher + 2.6), (x + 4.6, higher - 2.2)]
    stroke(image, second, 5)
    assert states(image, workspace)["rating/very_good"] == "unsure"
