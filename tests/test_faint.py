"""Writing too faint to be read is never called blank; blank paper is not called written on."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.forms import Forms
from scan_pipeline.page import Grey, RegisteredPage
from scan_pipeline.reading import assemble, faint
from scan_pipeline.reading.place import place
from scan_pipeline.story import LineReading, PageReading, TextValue
from tests import papers, pens

PAGE = papers.layout().page(1)
FIELDS = {f.name: f for f in PAGE.fields if f.kind == "text"}
STORY, GOOD = FIELDS["story"], FIELDS["good"]
FAINT = (0.06, 0.09, 0.12)
SUFFERED = (
    "flat", "turned", "dpi-100", "dithered", "photocopy-twice", "copied-after", "coloured-paper",
    "soft", "jpeg-hard", "fold", "slip", "stain", "stain-colour", "photo-steep", "photo-shadow",
)  # fmt: skip
BOX = Rect(x_mm=10, y_mm=10, w_mm=80, h_mm=30)
NEXT = Rect(x_mm=10, y_mm=50, w_mm=80, h_mm=30)


class Words:
    """Reads the same word in every line."""

    name = "words"

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        return [LineReading(text="word", confidence=1.0) for _ in lines]

    def read_cells(
        self, glyphs: Sequence[Grey], rises_px: Sequence[int], allowed: Sequence[str]
    ) -> NDArray[np.float64]:
        raise NotImplementedError


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    return papers.forms(tmp_path_factory.mktemp("forms"))


def read(page: Grey, forms: Forms, condition: str, seed: int = 1) -> PageReading:
    sheet = distort(page, PX_PER_MM, CONDITIONS[condition], seed, layout=PAGE)
    image = sheet.image
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    placed = place(np.asarray(grey, np.uint8), forms)
    assert isinstance(placed, RegisteredPage)
    return assemble.read_fields(placed, Words())


def flagged(reading: PageReading) -> set[str]:
    return {k for k, v in reading.fields.items() if isinstance(v, TextValue) and v.review}


@pytest.mark.parametrize("depth", FAINT)
@pytest.mark.parametrize("condition", ["flat", "photo", "fold", "jpeg-hard"])
def test_a_person_is_asked_to_look_at_faint_writing(
    forms: Forms, condition: str, depth: float
) -> None:
    page = papers.printed().copy()
    shade = round(255 * (1 - depth))
    words = "They listened, and then they rang"
    for y in STORY.lines_mm[:2]:
        pens.write(page, words, STORY.box.x_mm + 2, y - 0.5, font="Caveat", shade=shade)
    pens.write(page, "tea and toast", GOOD.box.x_mm + 2, GOOD.lines_mm[0] - 0.5, shade=shade)
    reading = read(page, forms, condition)
    assert flagged(reading) == {"story", "good"}
    assert assemble.FAINT in reading.notices
    assert not assemble.is_blank(reading)


@pytest.mark.parametrize("condition", SUFFERED)
def test_blank_paper_is_blank_whatever_it_suffered(forms: Forms, condition: str) -> None:
    reading = read(papers.printed().copy(), forms, condition, seed=77)
    assert assemble.FAINT not in reading.notices


def test_what_shines_through_everywhere_is_not_writing() -> None:
    """The print of the other side, pale and reversed: as much of it beside the fields as inside."""
    through = _depth()
    for y in range(8, 200, 7):
        for x in (4, 76, 148, 220):
            _letters(through, x, y, 0.06)
    printed = np.full(through.shape, 255, np.uint8)
    assert faint.may_hold(through, printed, [BOX, NEXT], [], 6.0) == [False, False]


def test_only_the_field_with_the_letters_is_named() -> None:
    deep = _depth()
    _letters(deep, 12, 20, 0.06)
    printed = np.full(deep.shape, 255, np.uint8)
    assert faint.may_hold(deep, printed, [BOX, NEXT], [], 6.0) == [True, False]
    assert faint.may_hold(deep, printed, [NEXT], [BOX], 6.0) == [False]
    assert faint.may_hold(deep, printed, [], [BOX, NEXT], 6.0) == []


@pytest.mark.parametrize("words", [0, 2, 8])
def test_small_letters_that_a_blunt_pencil_runs_together_are_seen(words: int) -> None:
    pen = np.zeros((210 * 6, 297 * 6), np.uint8)
    for k in range(words):
        middle = round((14 + 9 * k) * 6), 20 * 6
        steps = [(middle[0] + 5 * n, middle[1] + (8 if n % 2 else -8)) for n in range(8)]
        cv2.polylines(pen, [np.array(steps, np.int32)], False, 255, 2, cv2.LINE_AA)
    soft = cv2.GaussianBlur(pen, (0, 0), 1.5)
    deep = _depth() + (soft * 0.12).astype(np.uint8)
    printed = np.full(deep.shape, 255, np.uint8)
    assert faint.may_hold(deep, printed, [BOX, NEXT], [], 6.0) == [words == 8, False]


def test_specks_and_straight_lines_are_no_letters() -> None:
    deep = _depth()
    for x, y in ((20, 20), (35, 25), (50, 15), (65, 30), (80, 22)):
        cv2.circle(deep, (x * 6, y * 6), 4, 25, -1)
    cv2.line(deep, (70, 80), (520, 200), 25, 3)
    printed = np.full(deep.shape, 255, np.uint8)
    assert faint.may_hold(deep, printed, [BOX], [], 6.0) == [False]


def _depth() -> Grey:
    """Paper with nothing but noise."""
    rng = np.random.default_rng(5)
    return np.abs(rng.normal(1.0, 0.6, (210 * 6, 297 * 6))).round().astype(np.uint8)


def _letters(deep: Grey, x_mm: float, y_mm: float, depth: float) -> None:
    pen = np.zeros(deep.shape, np.uint8)
    for k in range(12):
        at = (round((x_mm + 6 * k) * 6), round(y_mm * 6))
        cv2.putText(pen, "ng", at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    deep += (pen * depth).astype(np.uint8)
