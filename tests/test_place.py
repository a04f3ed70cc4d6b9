"""A page is placed with evidence, or refused with a reason that a volunteer understands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from leaflets.settings import EXAMPLE, ServiceArea
from leaflets.sheet import layout_for
from scan_pipeline.demo.fill import blank_side
from scan_pipeline.demo.letter import draw_letter
from scan_pipeline.forms import load_forms, remember
from scan_pipeline.page import BlankPage, Grey, RegisteredPage, Several, Unplaced
from scan_pipeline.reading import register
from scan_pipeline.reading.assemble import NOT_WHOLE, is_blank, may_be_hidden
from scan_pipeline.reading.intake import cut_apart
from scan_pipeline.reading.place import place
from scan_pipeline.reading.prints import CELL_MM, Papers, fingerprint, hands, likeness
from scan_pipeline.story import ChoiceValue, PageReading, TextValue
from scan_pipeline.worker import read_page

Floats = NDArray[np.floating]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


def placed(grey: Grey, workspace: Path) -> RegisteredPage | BlankPage | Unplaced | Several:
    return place(grey, papers.forms(workspace))


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("number", [1, 2])
def test_both_sides_any_way_up(workspace: Path, number: int, turns: int) -> None:
    page = placed(np.ascontiguousarray(np.rot90(papers.printed(number), turns)), workspace)
    assert isinstance(page, RegisteredPage)
    assert page.page.number == number
    assert page.agreement == 1.0 and page.batch == "2611"


def test_white_paper_is_blank_and_a_letter_is_no_leaflet(workspace: Path) -> None:
    white = np.full((3508, 2480), 250, np.uint8)
    assert isinstance(placed(white, workspace), BlankPage)
    foreign = placed(np.asarray(draw_letter(12.0)), workspace)
    assert isinstance(foreign, Unplaced) and "not one of our forms" in foreign.reason


@pytest.mark.parametrize("darkened_to", [0.0, 0.02, 0.2])
def test_a_picture_without_light_is_not_called_blank(workspace: Path, darkened_to: float) -> None:
    leaflet = papers.filled(papers.WRITTEN, handwriting=False).image
    dark = (leaflet.astype(np.float32) * darkened_to).astype(np.uint8)
    assert not isinstance(placed(dark, workspace), BlankPage)


def test_an_unwritten_leaflet_is_blank(workspace: Path) -> None:
    for number in (1, 2):
        reading, _ = read_page(papers.printed(number), forms=papers.forms(workspace))
        assert isinstance(reading, PageReading) and is_blank(reading)


def test_writing_on_the_outside_is_not_lost(workspace: Path) -> None:
    outside = papers.printed(2).copy()
    cv2.putText(outside, "please ring me", (300, 1700), 0, 5, 30, 12)
    reading, _ = read_page(outside, forms=papers.forms(workspace))
    assert isinstance(reading, Unplaced) and "outside of the leaflet" in reading.reason


def test_writing_in_the_margin_is_noticed(workspace: Path) -> None:
    inside = papers.filled(papers.WRITTEN, 5).image
    cv2.putText(inside, "ps thank you", (60, 2425), 0, 2.5, 30, 8)
    reading, _ = read_page(inside, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    assert reading.notices and "outside the writing areas" in reading.notices[0]


@pytest.mark.parametrize(
    "side_by_side", ["one above the other", "head to head, as on A3", "inside and outside"]
)
def test_leaflets_in_one_picture_are_cut_apart_and_read(workspace: Path, side_by_side: str) -> None:
    first = papers.filled(papers.WRITTEN, 3)
    other = papers.filled(replace(papers.WRITTEN, rating="poor", feelings=("ignored",)), 4)
    seconds = {
        "one above the other": other.image,
        "head to head, as on A3": np.rot90(other.image, 2),
        "inside and outside": papers.printed(2),
    }
    picture = np.vstack([first.image, seconds[side_by_side]])
    shown = placed(picture, workspace)
    assert isinstance(shown, Several) and len(shown.corners_px) == 2
    readings = []
    for corners in shown.corners_px:
        cut, (x, y) = cut_apart(picture, corners)
        assert np.array_equal(cut[1000, 1000:1100], picture[1000 + y, 1000 + x : 1100 + x])
        reading, _ = read_page(cut, forms=papers.forms(workspace))
        assert isinstance(reading, PageReading)
        readings.append(reading)
    truths = [first.choices, {} if side_by_side.startswith("inside") else other.choices]
    for reading, truth in zip(readings, truths, strict=True):
        got = {name: reading.fields[name].value for name in truth}  # type: ignore[union-attr]
        assert got == truth


def test_a_part_of_a_second_leaflet_is_not_read_as_a_whole_one(workspace: Path) -> None:
    page = papers.printed(1)
    picture = np.vstack([page, page[:1200]])
    shown = placed(picture, workspace)
    assert isinstance(shown, Several)
    alone = [placed(cut_apart(picture, c)[0], workspace) for c in shown.corners_px]
    assert isinstance(alone[0], RegisteredPage)
    assert isinstance(alone[1], Unplaced) and "not in the picture" in alone[1].reason


def without_codes(page: Grey) -> Grey:
    """As if somebody had covered both codes of the inside."""
    page = page.copy()
    for box in papers.layout().page(1).code_boxes:
        rows = slice(round(box.y_mm * 11.8), round(box.bottom_mm * 11.8) + 1)
        page[rows, round(box.x_mm * 11.8) : round(box.right_mm * 11.8) + 1] = 255
    return page


def test_a_page_whose_codes_are_covered_is_read_by_its_marks(workspace: Path) -> None:
    page = papers.filled(papers.WRITTEN, 3).image
    told, found = (
        read_page(seen, forms=papers.forms(workspace))[0] for seen in (page, without_codes(page))
    )
    assert isinstance(told, PageReading) and isinstance(found, PageReading)
    for name, value in told.fields.items():
        if isinstance(value, ChoiceValue):
            read = found.fields[name]
            assert isinstance(read, ChoiceValue) and read.value == value.value and not read.review


def test_without_its_code_a_form_of_several_versions_is_refused(tmp_path: Path) -> None:
    page = without_codes(papers.printed(1))
    assert isinstance(place(page, load_forms(tmp_path)), RegisteredPage)
    areas = (ServiceArea(value="garden", label="garden"), *EXAMPLE.service_areas[:3])
    remember(tmp_path, layout_for("story", replace(EXAMPLE, service_areas=areas)))
    refused = place(page, load_forms(tmp_path))
    assert isinstance(refused, Unplaced) and "several versions" in refused.reason


def test_half_a_leaflet_is_refused(workspace: Path) -> None:
    page = papers.printed(1)
    for part in (page[:900], page[:, :1200], page[900:]):
        refused = placed(np.ascontiguousarray(part), workspace)
        assert isinstance(refused, Unplaced)


def pulled_mm(x_mm: Floats, y_mm: Floats) -> Floats:
    """How far to the left the top right corner of the paper lies."""
    return 5.0 * np.clip((x_mm - 215) / 70, 0, 1) * np.clip(1 - y_mm / 110, 0, 1)


def pulled(page: Grey) -> Grey:
    grid = np.meshgrid(np.arange(page.shape[1]), np.arange(page.shape[0]))
    scale = page.shape[1] / 297.0
    x, y = (np.float32(v) / scale for v in grid)
    maps = ((x + pulled_mm(x, y)) * scale).astype(np.float32), (y * scale).astype(np.float32)
    return np.asarray(cv2.remap(page, *maps, cv2.INTER_LINEAR, borderValue=(255,)), np.uint8)


def farthest_off_mm(shown: RegisteredPage) -> float:
    scale = 3508 / 297.0
    off = []
    for field in shown.page.fields:
        seen = register.to_picture(shown.placement, np.array(field.box.quad_mm)) / scale
        # A point of the paper is seen where the picture was taken from.
        back = seen[:, 0] + pulled_mm(seen[:, 0], seen[:, 1])
        off.append(np.abs(back - np.array(field.box.quad_mm)[:, 0]).max())
    return float(max(off))


def test_a_corner_that_is_bent_away_is_followed(workspace: Path) -> None:
    shown = placed(pulled(papers.printed(1)), workspace)
    assert isinstance(shown, RegisteredPage)
    assert farthest_off_mm(shown) < 1.0


def test_a_bent_corner_without_its_mark_is_followed_by_the_ends_of_the_rules(
    workspace: Path,
) -> None:
    page = papers.printed(1).copy()
    page[: round(24 * 3508 / 297), round(265 * 3508 / 297) :] = 255  # the mark, and words beside
    shown = placed(pulled(page), workspace)
    assert isinstance(shown, RegisteredPage)
    assert farthest_off_mm(shown) < 1.0


def test_a_bend_that_nothing_shows_is_refused(workspace: Path) -> None:
    page = papers.printed(1).copy()
    page[: round(80 * 3508 / 297), round(205 * 3508 / 297) :] = 255
    flat = placed(page, workspace)
    assert isinstance(flat, Unplaced) and "covered too much" in flat.reason


def test_a_torn_corner_of_a_flat_page_is_no_reason_to_refuse_it(workspace: Path) -> None:
    page = papers.printed(1).copy()
    corner = np.array([[3508, 0], [3508, 700], [2900, 0]])
    cv2.fillPoly(page, [corner], (255,))
    shown = placed(page, workspace)
    assert isinstance(shown, RegisteredPage)
    for field in shown.page.fields:
        seen = register.to_picture(shown.placement, np.array(field.box.quad_mm)) * 297 / 3508
        assert np.abs(seen - np.array(field.box.quad_mm)).max() < 0.3


@pytest.mark.parametrize(
    ("hidden", "fields"),
    [
        ([(0, 210), (52, 210), (0, 158)], {"handle"}),  # a corner folded over, from behind
        ([(40, 70), (78, 66), (82, 92), (44, 96)], {"story"}),  # a note stuck on
        ([(10, 36), (143, 36), (143, 168), (10, 168)], {"story"}),  # a sheet over all of it
        ([(0, 184), (297, 184), (297, 210), (0, 210)], {"handle"}),  # a strip that never came
    ],
)
@pytest.mark.parametrize("paper", [255, 238])
def test_where_rules_are_covered_a_field_is_not_called_blank(
    workspace: Path, hidden: list[tuple[int, int]], fields: set[str], paper: int
) -> None:
    page = papers.filled(papers.WRITTEN, 6).image
    whole, _ = read_page(page, forms=papers.forms(workspace))
    assert isinstance(whole, PageReading) and NOT_WHOLE not in whole.notices
    corners = np.array(hidden) * 3508 / 297
    covered = cv2.fillPoly(page.copy(), [np.round(corners).astype(np.int32)], (paper,))
    shown = placed(covered, workspace)
    assert isinstance(shown, RegisteredPage) and shown.cut == fields
    reading, _ = read_page(covered, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading) and NOT_WHOLE in reading.notices
    assert all(reading.fields[name].review for name in fields)


def without_rules(page: Grey) -> Grey:
    """What a copier or a scanner in black and white leaves of it: what is pale is gone."""
    return np.where(page > 120, 255, page).astype(np.uint8)


def test_rules_that_a_copier_lost_do_not_pull_the_page_about(workspace: Path) -> None:
    bare = without_rules(papers.printed(1)).astype(np.float64)
    # Streaks of toner as long as a stretch of rule.
    small = np.random.default_rng(3).normal(0, 30, (bare.shape[0] // 4, bare.shape[1] // 150))
    noise = -np.abs(cv2.resize(small, bare.shape[::-1], interpolation=cv2.INTER_LINEAR))
    shown = placed(np.clip(bare + noise, 0, 255).astype(np.uint8), workspace)
    assert isinstance(shown, RegisteredPage)
    assert float(np.abs(shown.placement.shift_mm).max()) < 0.3
    assert not any(a.found for a in shown.anchors if a.kind == "rule")
    assert not shown.cut


@pytest.mark.parametrize("grey", [False, True])
def test_a_field_that_seems_blank_where_its_rules_are_lost_is_looked_at(
    workspace: Path, grey: bool
) -> None:
    part = replace(papers.WRITTEN, good="", improve="", handle="")
    page = np.maximum(without_rules(papers.filled(part, 6).image), 5 if grey else 0)
    reading, _ = read_page(page, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    blank = {name: reading.fields[name] for name in ("good", "improve", "handle")}
    assert all(isinstance(v, TextValue) and v.review and not v.text for v in blank.values())
    whole, _ = read_page(papers.filled(part, 6).image, forms=papers.forms(workspace))
    assert isinstance(whole, PageReading) and not any(whole.fields[name].review for name in blank)


def test_an_unwritten_leaflet_without_its_rules_is_not_called_empty(workspace: Path) -> None:
    reading, _ = read_page(without_rules(papers.printed(1)), forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    assert may_be_hidden(reading) or not is_blank(reading)


def test_boxes_that_are_not_where_they_should_be_are_not_trusted(workspace: Path) -> None:
    page = papers.printed(1).copy()
    middle = page[500:2000, 200:3300]
    middle[:] = np.roll(middle, (37, 53), axis=(0, 1))  # the marks stay, the form has slipped
    refused = placed(page, workspace)
    assert isinstance(refused, Unplaced)


def test_last_years_form_is_read_as_it_was_printed(tmp_path: Path) -> None:
    areas = (ServiceArea(value="garden", label="garden"), *EXAMPLE.service_areas[:3])
    old = layout_for("story", replace(EXAMPLE, service_areas=areas))
    sheet = blank_side(old, EXAMPLE, 1)
    unknown = place(sheet, load_forms(tmp_path))
    assert isinstance(unknown, Unplaced) and old.version in unknown.reason
    remember(tmp_path, old)
    known = place(sheet, load_forms(tmp_path))
    assert isinstance(known, RegisteredPage) and known.layout.version == old.version


def test_the_same_paper_is_known_again_and_other_paper_is_not(workspace: Path) -> None:
    def print_of(image: Grey, turn: float) -> bytes:
        height, width = image.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 0.97)
        scan = np.asarray(
            cv2.warpAffine(image, matrix, (width, height), borderValue=(255,)), np.uint8
        )
        reading, _ = read_page(scan, forms=papers.forms(workspace))
        assert isinstance(reading, PageReading)
        return reading.fingerprint

    one, other = (papers.filled(papers.WRITTEN, seed).image for seed in (1, 2))
    more = one.copy()
    cv2.putText(more, "not", (900, 700), 0, 1.6, 40, 5)
    first, told = print_of(one, 1.5), hands(papers.layout().page(1))
    assert likeness(first, print_of(one, -2.0), told) == "same"
    assert likeness(first, print_of(more, -2.0), told) == "changed"
    assert likeness(print_of(more, 0.5), first, told) == "changed"
    assert likeness(first, print_of(other, 1.5), told) == "other"
    known = Papers()
    known.add("one", first)
    known.add("other", print_of(other, 1.5))
    assert known.similar(print_of(one, -2.0))[0] == ("one", first)
    assert known.similar(print_of(more, 0.0))[0] == ("one", first)
    empty = print_of(papers.printed(1), 0.5)
    assert likeness(empty, empty, told) == "other"


def test_only_writing_proves_a_paper_not_ticks_nor_the_specks_of_a_copier() -> None:
    page = papers.layout().page(1)
    fields = {f.name: f for f in page.fields}
    told = hands(page)

    def print_of(*inked: tuple[float, float, float, float]) -> bytes:
        share = np.zeros(told.shape)
        for x, y, w, h in inked:
            left, top, right, bottom = (round(v / CELL_MM) for v in (x, y, x + w, y + h))
            share[top:bottom, left:right] = 1.0
        return fingerprint(share)

    story = fields["story"].box
    boxes = [option.box for option in fields["rating"].options[:3]]
    # A long tail runs from the last row of boxes up into the writing area.
    tail = fields["visit_when"].options[0].box
    ticks = [(b.x_mm, b.y_mm, 3.0, 3.0) for b in boxes]
    ticks.append((tail.x_mm, tail.y_mm - 8.0, 3.0, 12.0))
    assert told[round((story.y_mm + 9) / CELL_MM), round((story.x_mm + 9) / CELL_MM)]
    assert not any(told[round(y / CELL_MM), round(x / CELL_MM)] for x, y, _, _ in ticks)
    specks = [(story.x_mm + 5 * k, story.y_mm + 8 * j, 1.0, 0.5) for k in range(20) for j in (1, 4)]
    word = (story.x_mm + 5, story.y_mm + 21, 15.0, 2.0)
    assert likeness(print_of(*ticks), print_of(*ticks), told) == "alike"
    assert likeness(print_of(*ticks, *specks), print_of(*ticks, *specks), told) == "alike"
    assert likeness(print_of(*ticks, word), print_of(*ticks, word), told) == "same"
    assert likeness(print_of(*ticks, word), print_of(*ticks, word), told[:0]) == "alike"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["noise", "blocks", "squares"]))
def test_no_picture_of_something_else_is_ever_placed(workspace: Path, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    if kind == "noise":
        picture = rng.integers(0, 256, (900, 1200)).astype(np.uint8)
    else:
        small = rng.integers(0, 2, (60, 80)).astype(np.uint8) * 255
        size = 12 if kind == "blocks" else 20
        picture = np.kron(small, np.ones((size, size), np.uint8)).astype(np.uint8)
    assert not isinstance(placed(picture, workspace), RegisteredPage)
