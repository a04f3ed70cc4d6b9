"""A box that gives consent: a No in it, across its words or through them is never read as a Yes."""

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

from leaflets.geometry import Point
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.ink import INKS
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import TickStyle, draw_tick
from scan_pipeline.page import RegisteredPage
from scan_pipeline.reading import choices, outlines, strokes
from scan_pipeline.reading.place import place
from scan_pipeline.reading.sentence import runs_of
from scan_pipeline.story import ChoiceValue, PageReading
from scan_pipeline.worker import read_page

PAGE = papers.layout().page(1)
BOX = next(f.box for f in PAGE.fields if f.name == "consent_display")
FRAME = (BOX.x_mm - 1.5, BOX.y_mm - 1.5, BOX.x_mm + 122.0, BOX.y_mm + 20.0)
OTHERS = [o.box for f in PAGE.fields if f.name in {"feelings", "rating"} for o in f.options[:2]]
PEN, PENCIL = 40, next(ink for ink in INKS if ink.name == "pencil")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


def consent(image: Image, workspace: Path) -> ChoiceValue:
    reading, _ = read_page(image, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    value = reading.fields["consent_display"]
    assert isinstance(value, ChoiceValue)
    return value


def sheet(consent_style: TickStyle | None, others: TickStyle = "tick", seed: int = 1) -> Image:
    """A leaflet with four answers chosen, and the consent box marked, or not."""
    image, rng = papers.printed(1).copy(), np.random.default_rng(seed)
    for box in OTHERS:
        draw_tick(image, PX_PER_MM, box, others, INKS[1], rng)
    if consent_style is not None:
        draw_tick(image, PX_PER_MM, BOX, consent_style, INKS[1], rng)
    return image


def say(image: Image, words: str, font: str, tall_mm: float, middle_mm: Point) -> Image:
    picture = Pillow.fromarray(image)
    face = ImageFont.truetype(str(fontpkg.path(font)), round(tall_mm * PX_PER_MM))
    at = (middle_mm[0] * PX_PER_MM, middle_mm[1] * PX_PER_MM)
    ImageDraw.Draw(picture).text(at, words, font=face, fill=PEN, anchor="mm")
    return np.asarray(picture).copy()


def line(image: Image, start: Point, end: Point, wide_mm: float = 0.5) -> None:
    a, b = ((round(x * PX_PER_MM), round(y * PX_PER_MM)) for x, y in (start, end))
    cv2.line(image, a, b, PEN, round(wide_mm * PX_PER_MM), cv2.LINE_AA)


@pytest.mark.parametrize("font", ["Caveat", "Kalam", "Indie Flower"])
@pytest.mark.parametrize("words", ["N", "no", "No", "n/a", "0", "?"])
def test_a_no_in_the_box_is_no_consent(words: str, font: str, workspace: Path) -> None:
    tall = 5.5 if len(words) == 1 else 4.0
    value = consent(say(sheet(None), words, font, tall, BOX.centre_mm), workspace)
    assert value.value is not True


def test_a_dash_in_the_box_is_no_consent(workspace: Path) -> None:
    x, y = BOX.centre_mm
    for half_mm in (0.8, 1.6, 2.2):
        image = sheet(None)
        line(image, (x - half_mm, y), (x + half_mm, y + 0.1))
        assert consent(image, workspace).value is not True


@pytest.mark.parametrize("ticked", [True, False])
def test_a_sentence_that_is_struck_out_is_no_consent(workspace: Path, ticked: bool) -> None:
    image = sheet("tick" if ticked else None)
    left = BOX.right_mm + 2.0 if ticked else BOX.x_mm - 1.0
    line(image, (left, BOX.y_mm + 2.5), (BOX.x_mm + 120.0, BOX.y_mm + 2.7))
    line(image, (BOX.x_mm + 8.0, BOX.y_mm + 7.5), (BOX.x_mm + 118.0, BOX.y_mm + 7.7))
    assert consent(image, workspace).value is not True


@pytest.mark.parametrize(
    ("words", "tall_mm", "right_mm", "down_mm"),
    [("NO", 12.0, 40.0, 6.0), ("not sure", 5.0, 30.0, 10.0), ("NO! changed mind", 6.0, 80.0, 15.0)],
)
def test_words_across_the_sentence_are_a_doubt(
    words: str, tall_mm: float, right_mm: float, down_mm: float, workspace: Path
) -> None:
    at = (BOX.x_mm + right_mm, BOX.y_mm + down_mm)
    value = consent(say(sheet("tick"), words, "Caveat", tall_mm, at), workspace)
    assert value.value is None and value.review


def test_a_cross_over_the_whole_sentence_is_a_doubt(workspace: Path) -> None:
    image, (left, top, right, bottom) = sheet("tick"), FRAME
    line(image, (left, top), (right, bottom))
    line(image, (left, bottom), (right, top))
    assert consent(image, workspace).value is None


def test_a_small_nought_is_no_dot(workspace: Path) -> None:
    image, rng = sheet(None), np.random.default_rng(3)
    at = tuple(round(v * PX_PER_MM) for v in BOX.centre_mm)
    nought, dot = image.copy(), sheet("dot", seed=int(rng.integers(9)))
    cv2.ellipse(nought, at, (round(0.7 * PX_PER_MM), round(1.1 * PX_PER_MM)), 12, 0, 360, PEN, 4)
    assert consent(nought, workspace).value is not True
    assert consent(dot, workspace).value is True


@pytest.mark.parametrize(
    "font", ["Caveat", "Indie Flower", "Shadows Into Light", "Zeyada", "Delius"]
)
@pytest.mark.parametrize("over_mm", [0.8, 0.35, -0.15])
@pytest.mark.parametrize("words", ["?", "0", "N"])
def test_a_no_that_lies_on_the_outline_in_part_is_no_consent(
    words: str, over_mm: float, font: str, workspace: Path
) -> None:
    for tall, beside in ((5.0, -1.0), (7.5, 1.0), (7.5, -1.0)):
        face = ImageFont.truetype(str(fontpkg.path(font)), round(tall * PX_PER_MM))
        top = face.getbbox(words, anchor="mm")[1] / PX_PER_MM
        at = (BOX.centre_mm[0] + beside, BOX.y_mm - over_mm - top)
        assert consent(say(sheet(None), words, font, tall, at), workspace).value is not True


@pytest.mark.parametrize("shade", [PEN, 120])
@pytest.mark.parametrize("off_mm", [-0.25, -0.1, 0.1, 0.25])
def test_a_leg_along_the_side_of_the_box_is_seen(
    off_mm: float, shade: int, workspace: Path
) -> None:
    """Of an "N" whose leg lies there; not of a tick that begins there."""
    drawn, x, top, bottom = sheet(None), BOX.x_mm + off_mm, BOX.y_mm - 0.8, BOX.bottom_mm + 0.8
    ways = [(x, bottom), (x, top), (x + 4.2, bottom), (x + 4.2, top)]
    mask = np.full_like(drawn, 255)
    at = np.rint(np.array(ways) * PX_PER_MM).astype(np.int32)
    cv2.polylines(mask, [at], False, shade, round(0.4 * PX_PER_MM), cv2.LINE_AA)
    assert hides_a_leg(np.minimum(drawn, mask), workspace)
    assert not hides_a_leg(sheet("tick", seed=1), workspace)


def hides_a_leg(image: Image, workspace: Path) -> bool:
    page = place(image, papers.forms(workspace))
    assert isinstance(page, RegisteredPage)
    drawn, _ = choices.box_marks(page, strokes.find_ink(page.coarse, page.blank))
    name = "consent_display/"
    return outlines.hides_a_leg(page.coarse, drawn.ink, drawn.boxes[name], drawn.held.own[name])


@pytest.mark.parametrize(
    ("left_mm", "low_mm", "right_mm", "high_mm"),
    [(-2.1, 6.3, 7.6, 2.1), (-1.5, 5.9, 6.5, 3.0), (-2.0, 2.2, 3.0, -2.4), (0.5, 7.0, 6.5, 2.5)],
)
def test_a_line_that_slips_over_a_corner_of_the_box_is_no_consent(
    left_mm: float, low_mm: float, right_mm: float, high_mm: float, workspace: Path
) -> None:
    image, (x, y) = sheet(None), (BOX.x_mm, BOX.y_mm)
    line(image, (x + left_mm, y + low_mm), (x + right_mm, y + high_mm))
    assert consent(image, workspace).value is not True


YES = {
    "a steep slash": [[(1.8, 5.6), (3.2, -0.6)]],
    "a cross with short arms at its foot": [[(1.0, 0.9), (3.9, 3.4)], [(4.2, 0.7), (1.6, 3.2)]],
    "a V with even arms": [[(1.0, 1.0), (2.5, 4.2), (4.0, 1.0)]],
    "a tick that begins on the outline": [[(0.4, 0.1), (2.0, 3.6), (6.2, -2.6)]],
}


@pytest.mark.parametrize("how", YES)
def test_how_people_say_yes_is_consent(how: str, workspace: Path) -> None:
    image = sheet(None)
    for stroke in YES[how]:
        at = [(BOX.x_mm + x, BOX.y_mm + y) for x, y in stroke]
        for start, end in pairwise(at):
            line(image, start, end)
    assert consent(image, workspace).value is True


@pytest.mark.parametrize("over_mm", [0.9, 1.3, 1.7])
def test_a_tick_that_leaves_its_box_at_the_corner_is_consent(
    workspace: Path, over_mm: float
) -> None:
    image, foot = sheet(None), (BOX.x_mm + 1.6, BOX.bottom_mm - 0.8)
    line(image, (BOX.x_mm + 0.8, BOX.y_mm + 1.6), foot)
    line(image, foot, (BOX.right_mm + over_mm, BOX.y_mm - over_mm))
    assert consent(image, workspace).value is True


@pytest.mark.parametrize("seed", range(4))
def test_print_that_crumpled_paper_moved_is_no_line_through_the_sentence(
    workspace: Path, seed: int
) -> None:
    crumpled = distort(sheet("tick", seed=seed), PX_PER_MM, CONDITIONS["crumple"], seed)
    assert consent(np.asarray(crumpled.image), workspace).value is True
    struck = sheet("tick", seed=seed)
    y = BOX.y_mm + 2.8
    line(struck, (BOX.right_mm + 4.0, y), (BOX.right_mm + 90.0, y + 0.6))
    crumpled = distort(struck, PX_PER_MM, CONDITIONS["crumple"], seed)
    assert consent(np.asarray(crumpled.image), workspace).value is not True


@pytest.mark.parametrize(
    ("left_mm", "right_mm", "seeds"),
    [
        ((-0.6, -0.6), (5.6, 5.6), (0, 3)),
        ((0.2, 0.4), (5.2, 4.8), (1, 5)),
        ((-1.5, 3.6), (5.2, 3.9), (5, 8)),
        ((-0.5, 3.3), (5.4, 3.6), (3, 5)),
        ((-1.0, 3.9), (5.0, 4.1), (1, 5)),
    ],
)
def test_a_tick_with_one_line_through_it_is_no_consent(
    left_mm: Point, right_mm: Point, seeds: tuple[int, ...], workspace: Path
) -> None:
    for seed in seeds:
        image, (x, y) = sheet("tick", seed=seed), (BOX.x_mm, BOX.y_mm)
        start, end = ((x + right, y + down) for right, down in (left_mm, right_mm))
        line(image, start, end, wide_mm=0.4)
        assert consent(image, workspace).value is not True


@pytest.mark.parametrize("style", ["tick", "cross"])
def test_pencil_that_a_copier_broke_up_is_consent(style: TickStyle, workspace: Path) -> None:
    values = []
    for seed in range(6):
        image, rng = papers.printed(1).copy(), np.random.default_rng(seed)
        for box in (*OTHERS, BOX):
            draw_tick(image, PX_PER_MM, box, style, PENCIL, rng)
        copied = distort(image, PX_PER_MM, CONDITIONS["copied-after"], seed)
        values.append(consent(copied.image, workspace).value)
    assert values.count(True) >= 4 and False not in values


@pytest.mark.parametrize("seed", range(5))
def test_a_bold_cross_with_long_arms_is_consent(workspace: Path, seed: int) -> None:
    image = sheet(None, seed=seed)
    left, right, top, bottom = BOX.x_mm, BOX.right_mm, BOX.y_mm, BOX.bottom_mm
    over = 0.3 + 0.25 * seed
    line(image, (left - over, top - 0.4), (right + over, bottom + over / 2))
    line(image, (left - over, bottom + over / 2), (right + over, top - over))
    assert consent(image, workspace).value is True


@pytest.mark.parametrize("style", ["tick", "cross", "slash", "dot"])
def test_usual_ways_to_say_yes_are_consent(style: TickStyle, workspace: Path) -> None:
    values = [consent(sheet(style, seed=k), workspace).value for k in range(6)]
    assert values.count(True) >= 5 and False not in values


def test_who_scribbles_in_every_box_gives_consent_so(workspace: Path) -> None:
    values = [consent(sheet("scribble", "scribble", seed=k), workspace).value for k in range(4)]
    assert values.count(True) >= 3 and False not in values


def test_who_scribbles_takes_consent_back_by_a_line_through_a_tick(workspace: Path) -> None:
    image, (x, y) = sheet("tick", "scribble", seed=2), (BOX.x_mm, BOX.y_mm)
    line(image, (x - 0.3, y - 0.3), (x + 4.8, y + 5.0), wide_mm=0.5)
    assert consent(image, workspace).value is not True


def test_a_tick_whose_tail_runs_over_the_first_words_is_consent(workspace: Path) -> None:
    image, (x, y) = sheet(None), BOX.centre_mm
    line(image, (x - 1.4, y - 0.2), (x, y + 1.5))
    line(image, (x, y + 1.5), (x + 8.0, y - 2.5))
    assert consent(image, workspace).value is True


@pytest.mark.parametrize("name", ["consent_display", "helped_by"])
def test_the_words_of_a_tick_are_found_beside_it(name: str) -> None:
    field = next(f for f in PAGE.fields if f.name == name)
    runs = runs_of(PAGE, field)
    assert runs and all(run.x_mm > field.box.right_mm for run in runs)
    assert runs[0].y_mm < field.box.centre_mm[1] < runs[-1].bottom_mm
