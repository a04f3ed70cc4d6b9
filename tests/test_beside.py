"""Ink where the form has no place for it: beside boxes, past the edge of a box, on plain paper."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import fontpkg
import numpy as np
import papers
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from leaflets.geometry import Point, Rect
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.ink import INKS
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import draw_tick
from scan_pipeline.page import BlankPage, Unplaced
from scan_pipeline.reading import assemble, beside
from scan_pipeline.story import ChoiceValue, PageReading
from scan_pipeline.worker import read_page

PAGE = papers.layout().page(1)
FIELDS = {f.name: f for f in PAGE.fields}
CONSENT = FIELDS["consent_display"].box
CONDITION_NAMES = ["flat", "fold", "crumple", "photo", "photocopy-twice", "soft", "slip"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


def option(field: str, value: str) -> Rect:
    return next(o.box for o in FIELDS[field].options if o.value == value)


def tick(image: Image, box: Rect, seed: int = 1) -> None:
    draw_tick(image, PX_PER_MM, box, "tick", INKS[1], np.random.default_rng(seed))


def say(image: Image, words: str, at_mm: Point, tall_mm: float = 5.0, shade: int = 40) -> Image:
    """Words in a hand, their left bottom at `at_mm`."""
    picture = Pillow.fromarray(image)
    face = ImageFont.truetype(str(fontpkg.path("Kalam")), round(tall_mm * PX_PER_MM))
    at = (at_mm[0] * PX_PER_MM, at_mm[1] * PX_PER_MM)
    ImageDraw.Draw(picture).text(at, words, font=face, fill=shade, anchor="ls")
    return np.asarray(picture).copy()


def line(image: Image, *points: Point) -> None:
    at = [(round(x * PX_PER_MM), round(y * PX_PER_MM)) for x, y in points]
    for a, b in pairwise(at):
        cv2.line(image, a, b, 40, round(0.5 * PX_PER_MM), cv2.LINE_AA)


def read(image: Image, workspace: Path) -> PageReading:
    reading, _ = read_page(image, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    return reading


def choice(reading: PageReading, name: str) -> ChoiceValue:
    value = reading.fields[name]
    assert isinstance(value, ChoiceValue)
    return value


@pytest.mark.parametrize(
    "at_mm",
    [
        (CONSENT.x_mm - 8.0, CONSENT.y_mm + 4.0),
        (CONSENT.x_mm, CONSENT.y_mm + 11.0),
        (CONSENT.x_mm + 8.0, CONSENT.y_mm - 0.6),
    ],
)
def test_a_no_beside_a_ticked_consent_is_no_consent(at_mm: Point, workspace: Path) -> None:
    image = papers.printed(1).copy()
    tick(image, CONSENT)
    assert choice(read(image, workspace), "consent_display").value is True
    reading = read(say(image, "no", at_mm), workspace)
    value = choice(reading, "consent_display")
    assert value.review and value.value is None
    assert beside.NOTICE in reading.notices


def highlight(image: Image, box: Rect, dark: float) -> Image:
    """A highlighter drawn over the words right of a box, as a grey scanner sees it."""
    x, y = box.right_mm + 2.0, box.y_mm + 0.5
    pen = np.zeros(image.shape, np.float32)
    at = np.array([(x, y), (x + 22.0, y - 0.3), (x + 22.0, y + 4.2), (x, y + 4.5)]) * PX_PER_MM
    cv2.fillPoly(pen, [np.round(at).astype(np.int32)], (1.0,))
    return (image * (1.0 - dark * pen)).astype(np.uint8)


@pytest.mark.parametrize("condition", ["flat", "photo", "dpi-150", "jpeg-hard", "fold"])
def test_an_answer_that_is_highlighted_is_not_lost(condition: str, workspace: Path) -> None:
    page = papers.printed(1).copy()
    tick(page, option("visit_when", "this_month"))
    for dark, asked in ((0.0, False), (0.06, True), (0.2, True)):
        image = highlight(page, option("rating", "good"), dark)
        sheet = distort(image, PX_PER_MM, CONDITIONS[condition], 11, layout=PAGE)
        colour = sheet.image.ndim == 3
        grey = cv2.cvtColor(sheet.image, cv2.COLOR_RGB2GRAY) if colour else sheet.image
        reading = read(np.asarray(grey, np.uint8), workspace)
        assert (beside.NOTICE in reading.notices) == asked
        assert choice(reading, "rating").review == asked
        assert choice(reading, "visit_when").value == "this_month"


@pytest.mark.parametrize(
    ("field", "value", "at_mm", "tall_mm"),
    [
        ("consent_display", "", (5.6, 4.3), 4.5),  # up to the words
        ("consent_display", "", (0.4, -0.4), 4.5),  # across the line of the frame
        ("consent_display", "", (1.0, 9.0), 5.0),
        ("helped_by", "", (0.5, -0.6), 5.0),
        ("rating", "good", (-4.6, 4.2), 5.0),
        ("rating", "poor", (4.4, -0.2), 5.0),  # on the tail of the tick
    ],
)
def test_a_no_that_touches_a_tick_or_stands_close_to_it_is_asked_about(
    field: str, value: str, at_mm: Point, tall_mm: float, workspace: Path
) -> None:
    box = option(field, value) if value else FIELDS[field].box
    image = papers.printed(1).copy()
    tick(image, box)
    alone = choice(read(image, workspace), field)
    assert not alone.review and alone.value
    written = say(image, "no", (box.x_mm + at_mm[0], box.y_mm + at_mm[1]), tall_mm)
    assert choice(read(written, workspace), field).review


def test_a_pale_line_under_an_answer_is_not_lost_beside_ticks_in_firm_ink(workspace: Path) -> None:
    image = papers.printed(1).copy()
    for name, value in (
        ("visit_when", "this_month"),
        ("feelings", "safe"),
        ("service_area", "groups"),
    ):
        tick(image, option(name, value))
    box = option("rating", "good")
    x, y = (round(mm * PX_PER_MM) for mm in (box.right_mm + 3.0, box.bottom_mm + 0.9))
    under = image.copy()
    cv2.line(under, (x, y), (x + 160, y + 4), 175, round(0.5 * PX_PER_MM), cv2.LINE_AA)
    assert not choice(read(image, workspace), "rating").review
    assert choice(read(under, workspace), "rating").review


def test_an_answer_given_on_its_words_is_not_lost(workspace: Path) -> None:
    box = option("rating", "good")
    x, y = box.right_mm + 3.0, box.y_mm
    images = [papers.printed(1).copy() for _ in range(6)]
    line(images[0], (x, y + 5.6), (x + 10.0, y + 5.5))
    line(images[4], (x, y + 5.6), (x + 32.0, y + 5.5))  # as long as a short fold is
    line(images[5], (x, y + 5.5), (x + 25.0, y + 5.7), (x + 50.0, y + 5.6))
    line(images[1], (x + 1, y + 1), (x + 3, y + 4.5), (x + 8, y - 2.5))
    images[2] = say(images[2], "yes", (x + 12.0, y + 4.0))
    tick(images[3], Rect(x_mm=box.x_mm - 6.0, y_mm=y, w_mm=5.0, h_mm=5.0))
    for image in images:
        reading = read(image, workspace)
        assert choice(reading, "rating").review and beside.NOTICE in reading.notices
        assert not choice(reading, "feelings").review
        assert not assemble.is_blank(reading)


def test_a_word_after_the_question_is_asked_about(workspace: Path) -> None:
    first = option("feelings", "listened_to")
    reading = read(
        say(papers.printed(1), "scared", (first.x_mm + 60.0, first.y_mm - 2.5)), workspace
    )
    assert choice(reading, "feelings").review and beside.NOTICE in reading.notices


@pytest.mark.parametrize("name", CONDITION_NAMES)
def test_print_that_paper_moves_is_not_written_beside_the_boxes(name: str, workspace: Path) -> None:
    filled = papers.filled(papers.WRITTEN, seed=3, condition=CONDITIONS[name])
    sheet = distort(filled.image, PX_PER_MM, CONDITIONS[name], [3], layout=PAGE)
    grey = sheet.image if sheet.image.ndim == 2 else cv2.cvtColor(sheet.image, cv2.COLOR_RGB2GRAY)
    reading = read(np.asarray(grey, np.uint8), workspace)
    assert not {beside.NOTICE, assemble.RUNS_PAST} & set(reading.notices)


@pytest.mark.parametrize("field", ["story", "good"])
def test_a_line_that_runs_past_its_box_is_said(field: str, workspace: Path) -> None:
    box = FIELDS[field].box
    y = FIELDS[field].lines_mm[0] - 1.0
    kept = say(papers.printed(1), "that it", (box.right_mm - 20.0, y))
    assert assemble.RUNS_PAST not in read(kept, workspace).notices
    reading = read(say(kept, "could not be done", (box.right_mm - 4.0, y)), workspace)
    assert assemble.RUNS_PAST in reading.notices and reading.fields[field].review


def undone(image: Image, box: Rect, how: str) -> Image:
    x, y = box.x_mm, box.y_mm
    if how == "no":
        return say(image, "no", (x + 0.6, y + 3.8), 3.6)
    tick(image, box, seed=4)
    line(image, (x - 1.5, y + 2.2), (x + 6.5, y + 2.8))
    line(image, (x - 1.5, y + 3.2), (x + 6.5, y + 2.4))
    return image


@pytest.mark.parametrize("how", ["no", "struck out"])
def test_a_tick_that_is_struck_out_among_others_is_asked_about(how: str, workspace: Path) -> None:
    image = papers.printed(1).copy()
    for k, value in enumerate(("listened_to", "supported", "judged")):
        tick(image, option("feelings", value), seed=k)
    assert not choice(read(image, workspace), "feelings").review
    image = undone(image, option("feelings", "hopeful"), how)
    value = choice(read(image, workspace), "feelings")
    assert value.review and "hopeful" not in (value.value or ())


def test_a_tick_by_a_left_hand_and_a_small_one_give_consent(workspace: Path) -> None:
    x, y = CONSENT.x_mm, CONSENT.y_mm
    left, small = papers.printed(1).copy(), papers.printed(1).copy()
    line(left, (x + 4.2, y + 2.4), (x + 3.0, y + 4.2), (x + 0.3, y + 0.4))
    line(small, (x + 1.4, y + 2.6), (x + 2.2, y + 3.6), (x + 3.9, y + 1.0))
    for image in (left, small):
        value = choice(read(image, workspace), "consent_display")
        assert value.value is True and not value.review


def test_a_small_tick_with_a_line_through_it_is_no_consent(workspace: Path) -> None:
    image, (x, y) = papers.printed(1).copy(), (CONSENT.x_mm, CONSENT.y_mm)
    line(image, (x + 1.0, y + 2.2), (x + 1.8, y + 3.4), (x + 3.6, y + 0.6))
    line(image, (x - 1.5, y + 2.9), (x + 6.5, y + 3.2))
    assert choice(read(image, workspace), "consent_display").review


@pytest.mark.parametrize("words", ["Help", "not ok", "no!"])
def test_a_short_word_on_the_outside_or_on_a_plain_sheet_is_not_blank(
    words: str, workspace: Path
) -> None:
    forms = papers.forms(workspace)
    outside, plain = papers.printed(2), np.full_like(papers.printed(2), 245)
    bare, _ = read_page(outside, forms=forms)
    assert isinstance(bare, PageReading) and assemble.is_blank(bare)
    assert isinstance(read_page(plain, forms=forms)[0], BlankPage)
    at_mm = (100.0, 185.0)
    assert isinstance(read_page(say(outside, words, at_mm, 6.0), forms=forms)[0], Unplaced)
    for shade in (40, 185):
        pencilled = say(plain, words, at_mm, 6.0, shade)
        assert isinstance(read_page(pencilled, forms=forms)[0], Unplaced)


@pytest.mark.parametrize("at_mm", [(5.0, 120.0), (144.0, 100.0)])
def test_a_short_word_in_the_margin_is_said(at_mm: Point, workspace: Path) -> None:
    image = papers.printed(1).copy()
    tick(image, option("rating", "good"))
    assert read(image, workspace).notices == ()
    reading = read(say(image, "not", at_mm, 4.0), workspace)
    assert any("outside the writing areas" in notice for notice in reading.notices)
