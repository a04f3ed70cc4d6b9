"""The paper simulator is only worth as much as its truth: every printed point is where it says."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, PageLayout
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo.fill import PX_PER_MM, blank_side, fill, make_leaflets
from scan_pipeline.demo.hands import FONTS, make_hand, write
from scan_pipeline.demo.ink import INKS
from scan_pipeline.demo.paper import CONDITIONS, distort, handed_out
from scan_pipeline.demo.sheet import Image, Sheet, as_grey, as_rgb
from scan_pipeline.demo.stories import STORIES
from scan_pipeline.demo.ticks import STYLES, draw_tick

OFF_MM = 0.12
"""How far an independent detector may see a corner from where the simulator says it is."""

LETTERS_WITHOUT_TAILS = "run on more now, we are sure to care"


@cache
def blank() -> tuple[Image, PageLayout]:
    layout = layout_for("story", EXAMPLE)
    return blank_side(layout, EXAMPLE, 1), layout.page(1)


def corners_seen(image: Image, page: PageLayout) -> dict[int, NDArray[np.float64]]:
    """Fiducials as OpenCV finds them by itself: id to its four corners, top left first."""
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.adaptiveThreshWinSizeMax = 53
    detector = cv2.aruco.ArucoDetector(
        cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), settings
    )
    found, ids, _ = detector.detectMarkers(as_grey(image))
    known = {marker.id for marker in page.markers}
    seen = zip([] if ids is None else ids.ravel().tolist(), found, strict=True)
    return {int(k): np.asarray(quad[0], np.float64) for k, quad in seen if k in known}


def off_mm(sheet: Sheet, page: PageLayout) -> list[float]:
    """For each fiducial found: how far its mean corner error is, in paper millimetres."""
    boxes = {marker.id: marker.box for marker in page.markers}
    errors = []
    for marker_id, seen in corners_seen(sheet.image, page).items():
        true = sheet.to_px(np.array(boxes[marker_id].quad_mm))
        scale = float(np.linalg.norm(true[2] - true[0])) / (boxes[marker_id].w_mm * np.sqrt(2))
        errors.append(float(np.linalg.norm(seen - true, axis=1).mean()) / scale)
    return errors


@pytest.mark.parametrize("name", CONDITIONS)
def test_printed_points_are_where_the_simulator_says(name: str) -> None:
    image, page = blank()
    image = handed_out(image, PX_PER_MM, CONDITIONS[name], seed=1)
    sheet = distort(image, PX_PER_MM, CONDITIONS[name], seed=1, layout=page)
    assert sheet.image.dtype == np.uint8
    assert sheet.image.ndim == 2 or sheet.image.shape[2] == 3
    assert sheet.image.min() < 130 < 150 < sheet.image.max()
    errors = off_mm(sheet, page)
    wanted = {"covered": 6, "edge-cut": 4, "photo-curled": 6}.get(name, 8)
    assert len(errors) >= wanted, f"only {len(errors)} fiducials could be seen"
    assert max(errors) < OFF_MM, errors


def test_the_check_above_would_notice_half_a_millimetre() -> None:
    image, page = blank()
    sheet = distort(image, PX_PER_MM, CONDITIONS["photo"], seed=1, layout=page)
    moved = Sheet(
        image=sheet.image,
        px_per_mm=sheet.px_per_mm,
        to_px=lambda mm: sheet.to_px(mm + np.array([0.5, 0.0])),
    )
    assert min(off_mm(moved, page)) > OFF_MM


@pytest.mark.parametrize("name", ["skew", "photocopy", "stain", "photo-crumple", "slip"])
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(name: str) -> None:
    image, page = blank()
    small = cv2.resize(image, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    first, again, other = (
        distort(np.asarray(small, np.uint8), PX_PER_MM * 0.4, CONDITIONS[name], seed, layout=page)
        for seed in ([4, 1], [4, 1], [4, 2])
    )
    assert np.array_equal(first.image, again.image)
    middle = np.array([[148.0, 100.0], [30.0, 40.0]])
    assert np.array_equal(first.to_px(middle), again.to_px(middle))
    assert first.image.shape != other.image.shape or (first.image != other.image).any()


def test_black_and_white_scans_hold_nothing_else() -> None:
    image, page = blank()
    for name in ("one-bit", "dithered"):
        sheet = distort(image, PX_PER_MM, CONDITIONS[name], seed=2, layout=page)
        assert set(np.unique(sheet.image).tolist()) == {0, 255}


def test_a_photo_has_a_desk_around_the_page_and_uneven_light() -> None:
    image, page = blank()
    sheet = distort(image, PX_PER_MM, CONDITIONS["photo-dark"], seed=3, layout=page)
    inside = np.zeros(sheet.image.shape[:2], np.uint8)
    outline = Rect(x_mm=0, y_mm=0, w_mm=page.width_mm, h_mm=page.height_mm).quad_mm
    corners = sheet.to_px(np.array(outline))
    assert (corners > 0).all() and (corners < sheet.image.shape[1::-1]).all()
    cv2.fillConvexPoly(inside, np.round(corners).astype(np.int32), 1)
    grey = as_grey(sheet.image)
    paper, desk = grey[inside == 1], grey[inside == 0]
    assert np.median(paper) > np.median(desk) + 25
    bright, dark = np.percentile(paper, [95, 20])
    assert bright > dark + 15


# --- hands -------------------------------------------------------------------------------------


def lines_of(field: FieldLayout, font: str, words: str) -> tuple[Image, tuple[str, ...]]:
    """Black ink alone, as `font` writes `words` in `field`."""
    image, _ = blank()
    paper = np.full_like(image, 255)
    rng = np.random.default_rng([11, FONTS.index(font)])
    written = write(paper, PX_PER_MM, field, words, make_hand(rng, font), rng)
    return paper, written


@pytest.mark.parametrize("font", FONTS)
def test_writing_stands_on_the_rules_at_a_natural_size(font: str) -> None:
    _, page = blank()
    field = next(f for f in page.fields if f.name == "story")
    # A line without tails, written over and over: its lower edge is the baseline.
    paper, written = lines_of(field, font, " ".join([LETTERS_WITHOUT_TAILS] * 5))
    assert len(written) >= 3
    for rule_mm in field.lines_mm[: len(written)]:
        band = paper[int((rule_mm - 8) * PX_PER_MM) : int((rule_mm + 3) * PX_PER_MM)]
        ink = (band < 160).sum(axis=1).astype(float)
        y_mm = rule_mm - 8 + np.arange(len(ink)) / PX_PER_MM
        full = ink > 0.35 * np.percentile(ink, 98)  # rows through the bodies of small letters
        assert -1.4 < float(y_mm[full].max()) - rule_mm < 1.0
        assert 2.0 < float(np.ptp(y_mm[full])) < 3.7


def test_what_is_said_to_be_written_is_on_the_paper_and_inside_the_field() -> None:
    _, page = blank()
    field = next(f for f in page.fields if f.name == "good")
    words = "Everything about it was good and I would come again any day of the week, rain or not"
    paper, written = lines_of(field, "Kalam", words)
    told = " ".join(written)
    assert words.startswith(told) and 0 < len(written) <= len(field.lines_mm)
    box = field.box.grown(2.5)  # letters may reach a little over the edges, as people's do
    beyond = paper.copy()
    rows = slice(int(box.y_mm * PX_PER_MM), int(box.bottom_mm * PX_PER_MM))
    beyond[rows, int(box.x_mm * PX_PER_MM) : int(box.right_mm * PX_PER_MM)] = 255
    assert (beyond == 255).all()
    assert sum((paper < 160).any(axis=1)) > 3 * PX_PER_MM * len(written) * 0.6


def test_no_two_letters_are_alike_even_in_one_hand() -> None:
    _, page = blank()
    field = next(f for f in page.fields if f.name == "story_title")
    paper, _ = lines_of(field, "Delius", "noon noon noon")
    columns = np.flatnonzero((paper < 160).any(axis=0))
    starts = columns[np.flatnonzero(np.diff(columns, prepend=-99) > 1.2 * PX_PER_MM)]
    assert len(starts) == 3
    width, top = int(9 * PX_PER_MM), int((field.lines_mm[0] - 7) * PX_PER_MM)
    words = [paper[top : top + width, x : x + width] for x in starts[:2]]
    assert (np.abs(words[0].astype(int) - words[1]) > 120).mean() > 0.004


# --- ticks -------------------------------------------------------------------------------------


def marked(style: str, ink_number: int, seed: int) -> tuple[float, bool]:
    """Share of a 5 mm box's inside that is ink, and whether the mark reaches over its edge."""
    paper = np.full((180, 180), 255, np.uint8)
    box = Rect(x_mm=5, y_mm=5, w_mm=5, h_mm=5)
    draw_tick(paper, 12.0, box, style, INKS[ink_number], np.random.default_rng(seed))  # type: ignore[arg-type]
    ink = paper < 200
    inside = ink[62:118, 62:118]
    return float(inside.mean()), bool(ink.sum() > ink[58:122, 58:122].sum())


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("ink_number", range(len(INKS)))
def test_every_mark_leaves_ink_and_paper_in_the_box(style: str, ink_number: int) -> None:
    shares = [marked(style, ink_number, seed)[0] for seed in range(25)]
    assert min(shares) > 0.02
    # A box with no paper left would say "changed my mind", and the truth would be wrong.
    assert max(shares) < 0.93


def test_ticks_stray_over_the_box_as_hands_do_and_dots_do_not() -> None:
    over = [marked("tick", 0, seed)[1] for seed in range(40)]
    assert sum(over) > 10
    over_dots = [marked("dot", 0, seed)[1] for seed in range(40)]
    assert sum(over_dots) == 0


def test_a_box_filled_right_in_shows_no_paper() -> None:
    assert min(marked("filled", ink, seed)[0] for ink in range(3) for seed in range(10)) > 0.97


# --- whole leaflets ----------------------------------------------------------------------------


def test_filling_in_leaves_the_blank_alone_and_keeps_the_truth() -> None:
    image, page = blank()
    before = image.copy()
    rng = np.random.default_rng(5)
    filled = fill(as_rgb(image), page, STORIES[0], make_hand(rng, "Kalam"), rng, changed_minds=0.0)
    assert np.array_equal(image, before)
    assert filled.choices["consent_display"] is True
    assert filled.choices["helped_by"] is False
    assert filled.choices["rating"] == "very_good"
    assert filled.choices["feelings"] == ("respected", "welcomed", "safe")
    assert " ".join(filled.texts["story"]) == STORIES[0].story
    for field in page.fields:
        boxes = {option.value: option.box for option in field.options} or {"": field.box}
        for value, box in boxes.items() if field.kind != "text" else ():
            rows = slice(round((box.y_mm + 1) * PX_PER_MM), round((box.bottom_mm - 1) * PX_PER_MM))
            cols = slice(round((box.x_mm + 1) * PX_PER_MM), round((box.right_mm - 1) * PX_PER_MM))
            inked = bool((as_grey(filled.image)[rows, cols] < 215).mean() > 0.02)
            assert inked == ((field.name, value) in filled.styles), (field.name, value)


def test_leaflets_depend_on_their_seed_and_place_alone() -> None:
    first = list(make_leaflets(2, seed=9))
    again = list(make_leaflets(2, seed=9))
    other = next(make_leaflets(1, seed=10))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert [a.choices for a in first] == [b.choices for b in again]
    assert not np.array_equal(first[0].image, first[1].image)
    assert not np.array_equal(first[0].image, other.image)
