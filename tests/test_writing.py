"""Lines as people write them: what is found, what is no text, and what is never lost."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scan_pipeline.demo.fill import PX_PER_MM as PRINT_PX_PER_MM
from scan_pipeline.demo.hands import FONTS
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.forms import Forms
from scan_pipeline.overlay import draw_overlay
from scan_pipeline.page import Grey, RegisteredPage
from scan_pipeline.reading import assemble, insertions, rows, rules, strokes, writing
from scan_pipeline.reading.place import place
from scan_pipeline.report import contract
from scan_pipeline.story import LineReading, PageOutcome, PageReading, TextValue, WordReading
from tests import papers, pens

PAGE = papers.layout().page(1)
STORY = next(f for f in PAGE.fields if f.name == "story")
LINES = STORY.lines_mm
LEFT = STORY.box.x_mm + 2


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    return papers.forms(tmp_path_factory.mktemp("forms"))


class Catch:
    """Reads nothing, and keeps the pictures of lines that it was given."""

    name = "catch"

    def __init__(self) -> None:
        self.pictures: list[Grey] = []

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        self.pictures = list(lines)
        return [LineReading(text="words", confidence=1.0) for _ in lines]


def scanned(page: Grey, forms: Forms, condition: str = "flat", seed: int = 1) -> RegisteredPage:
    sheet = distort(page, PRINT_PX_PER_MM, CONDITIONS[condition], seed, layout=PAGE)
    image = sheet.image
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    placed = place(np.asarray(grey, np.uint8), forms)
    assert isinstance(placed, RegisteredPage)
    return placed


def read(page: Grey, forms: Forms, condition: str = "flat") -> tuple[PageReading, list[Grey]]:
    catch = Catch()
    return assemble.read_fields(scanned(page, forms, condition), catch), catch.pictures


def story(reading: PageReading) -> TextValue:
    value = reading.fields["story"]
    assert isinstance(value, TextValue)
    return value


def paper() -> Grey:
    return papers.printed().copy()


@pytest.mark.parametrize(
    "condition",
    ["flat", "photocopy-twice", "one-bit", "dithered", "stain", "crumple", "fold", "faint-toner",
     "photo-shadow"],
)  # fmt: skip
def test_a_blank_field_has_no_line_and_no_notice(forms: Forms, condition: str) -> None:
    for seed in (31, 32):
        placed = scanned(paper(), forms, condition, seed)
        reading = assemble.read_fields(placed, Catch())
        lines = [v.lines for v in reading.fields.values() if isinstance(v, TextValue)]
        assert not any(lines), seed
        assert not writing.gather(placed, strokes.ink_threshold(placed.grey)), seed
        assert reading.notices == (), seed


def test_lines_are_found_between_the_rules(forms: Forms) -> None:
    page = paper()
    for y in LINES[:4]:
        pens.write(page, "Written between the printed lines", LEFT, y + 4.2)
    assert len(story(read(page, forms)[0]).lines) == 4


def test_two_rows_in_the_space_of_one(forms: Forms) -> None:
    page = paper()
    for k in range(6):
        pens.write(page, "two rows to every line of print", LEFT, LINES[0] + 4.6 * k, small_mm=1.6)
    assert len(story(read(page, forms)[0]).lines) == 6


def test_a_climbing_line_is_one_line_and_is_laid_level(forms: Forms) -> None:
    page = paper()
    words = "going up the hill as some people like to write it"
    for y in LINES[1:5]:
        pens.write(page, words, LEFT, y - 0.3, small_mm=2.3, climb=0.04)
    reading, pictures = read(page, forms)
    assert len(story(reading).lines) == 4
    for picture in pictures:
        assert len(picture) < 8.5 * 12, "ascenders and descenders, and no slope"
    quad = np.array(story(reading).lines[0].quad_px)
    assert quad[0, 1] - quad[1, 1] > 3 * PRINT_PX_PER_MM, "the corners follow the slope"


def test_writing_past_the_edge_of_the_field_is_read_with_it(forms: Forms) -> None:
    page = paper()
    start, end = pens.write(page, "running past the end of the field", LEFT + 62, LINES[2] - 0.3)
    assert end > STORY.box.right_mm + 2
    reading, pictures = read(page, forms)
    assert len(pictures) == 1
    assert pictures[0].shape[1] / 12 == pytest.approx(end - start, abs=1.5)
    assert reading.elsewhere == ()


def test_writing_up_the_side_is_noticed_shown_and_never_text(forms: Forms) -> None:
    page = paper()
    pens.write(page, "An ordinary line of text", LEFT, LINES[0] - 0.3)
    pens.write(page, "up the side of the page", 288, 70, turn=1)
    reading, pictures = read(page, forms)
    assert len(pictures) == 1
    assert "outside the writing areas" in reading.notices[0]
    (quad,) = reading.elsewhere
    x, y = np.array(quad).mean(axis=0) / PRINT_PX_PER_MM
    assert x == pytest.approx(290, abs=4)
    assert y == pytest.approx(95, abs=15)


def test_tails_that_touch_the_next_line_are_parted_well(forms: Forms) -> None:
    page = paper()
    for y in LINES[:5]:
        pens.write(page, "fully jolly happy bullfight", LEFT, y - 0.3, small_mm=3.4)
    reading, pictures = read(page, forms)
    assert len(story(reading).lines) == 5
    heights = [len(p) for p in pictures]
    assert max(heights) < 1.35 * min(heights)


def test_letters_two_lines_high_are_one_line(forms: Forms) -> None:
    page = paper()
    pens.write(page, "HELP ME", LEFT, LINES[2] - 0.3, small_mm=9.5)
    assert len(story(read(page, forms)[0]).lines) == 1


def test_words_struck_out_are_left_out_and_shown(forms: Forms) -> None:
    page = paper()
    pens.write(page, "I went to the", LEFT, LINES[0] - 0.3)
    start, end = pens.write(page, "chemist", LEFT + 42, LINES[0] - 0.3)
    pens.line(page, (start - 0.5, LINES[0] - 1.4), (end + 1, LINES[0] - 1.9))
    start, end = pens.write(page, "scribbled", LEFT, LINES[2] - 0.3)
    zigzag = [
        (start + (end - start) * k / 30, LINES[2] - (3.0 if k % 2 else -0.3)) for k in range(31)
    ]
    pens.line(page, *zigzag)
    reading, pictures = read(page, forms)
    value = story(reading)
    assert len(value.struck_out) == 2
    assert value.review
    assert len(value.lines) == 1, "nothing else stands on the second line"
    assert pictures[0].shape[1] < 42 * 12
    assert any("struck out" in n for n in reading.notices)
    assert not assemble.is_blank(reading)


def test_underlined_words_and_crossed_ts_stay(forms: Forms) -> None:
    page = paper()
    start, end = pens.write(page, "underlined", LEFT, LINES[1] - 0.3)
    pens.line(page, (start, LINES[1] + 1.3), (end, LINES[1] + 1.5))
    _, end = pens.write(page, "tight little totter", end + 5, LINES[1] - 0.3)
    reading, pictures = read(page, forms)
    assert story(reading).struck_out == ()
    assert len(pictures) == 1
    assert pictures[0].shape[1] / 12 == pytest.approx(end - start, abs=2.5)


@pytest.mark.parametrize("font", ["Caveat", "Indie Flower", "Shadows Into Light", "Zeyada",
                                  "Delius", "Dancing Script"])  # fmt: skip
def test_no_hand_is_taken_for_struck_out(forms: Forms, font: str) -> None:
    page = paper()
    for y in LINES[::2]:
        pens.write(page, "There were three little kittens, that hit the mat", LEFT, y, font=font)
    value = story(read(page, forms)[0])
    assert value.struck_out == ()
    assert value.drawings == ()
    assert len(value.lines) == len(LINES[::2])


@pytest.mark.parametrize("font", ["Kalam", "Shadows Into Light", "Dancing Script", "Delius"])
@pytest.mark.parametrize("bold_px", [2, 4, 6])
def test_a_thick_pen_strikes_nothing_out(forms: Forms, font: str, bold_px: int) -> None:
    """Bold arches run together, and bold letters leave little paper: nothing is lost for that."""
    page = paper()
    said = ("She rang me every week and I am now", "I am sad that nobody rang me or told me why")
    for k, y in enumerate(LINES[:8]):
        small_mm = (1.9, 2.3, 2.7, 3.1)[k // 2]
        pens.write(page, said[k % 2], LEFT, y - 0.4, small_mm=small_mm, font=font, bold_px=bold_px)
    value = story(read(page, forms)[0])
    assert value.struck_out == ()
    assert len(value.lines) == 8


@pytest.mark.parametrize(("font", "bold_px"), [("Kalam", 4), ("Caveat", 6), ("Kalam", 6)])
def test_a_thick_pen_on_the_rules_strikes_nothing_out(
    forms: Forms, font: str, bold_px: int
) -> None:
    """What is left of a rule beside bold letters is as thin as a fine pen, and no pen."""
    page = paper()
    said = (
        "She rang me every",
        "week when I was ill",
        "and I am now",
        "well again and",
        "my family",
    )
    for small_mm, top in ((1.8, 0), (2.3, 5)):
        for k, words in enumerate(said):
            x = LEFT
            for word in words.split():
                _, end = pens.write(
                    page, word, x, LINES[top + k] - 0.4, small_mm=small_mm, font=font,
                    bold_px=bold_px,
                )  # fmt: skip
                x = end + 3
    assert story(read(page, forms)[0]).struck_out == ()


@pytest.mark.parametrize("font", ["Kalam", "Caveat", "Indie Flower", "Delius"])
@pytest.mark.parametrize("width_mm", [0.3, 0.5, 0.8])
def test_words_are_struck_out_with_any_pen(forms: Forms, font: str, width_mm: float) -> None:
    page = paper()
    pens.write(page, "I went to", LEFT, LINES[2] - 0.4, font=font)
    start, end = pens.write(page, "chemist", LEFT + 42, LINES[2] - 0.4, small_mm=3.2, font=font)
    middle = LINES[2] - 0.4 - 1.6
    pens.line(page, (start - 1, middle + 0.2), (end + 1, middle - 0.3), width_mm=width_mm)
    value = story(read(page, forms)[0])
    assert len(value.struck_out) == 1
    assert len(value.lines) == 1


def test_a_stroke_far_from_every_line_spoils_none_and_is_a_doubt(forms: Forms) -> None:
    """The tail of a tick in a box below the field, for instance."""
    page = paper()
    for y in LINES[:5]:
        pens.write(page, "I came in soaked through and late for my", LEFT, y - 0.4)
    pens.write(page, "appointment", LEFT, LINES[5] - 0.4)
    bottom = STORY.box.bottom_mm
    pens.line(page, (LEFT + 55, bottom + 3.0), (LEFT + 58, bottom - 6.0))
    placed = scanned(page, forms)
    written = writing.gather(placed, strokes.ink_threshold(placed.grey)).fields["story"]
    assert len(written.lines) == 6
    assert max(len(line.grey) for line in written.lines) < 12 * 12
    assert written.lost


def test_a_note_below_a_field_of_one_line_is_a_doubt(forms: Forms) -> None:
    (handle,) = (f for f in PAGE.fields if f.name == "handle")
    page, (rule,) = paper(), handle.lines_mm
    pens.write(page, "Copper Kettle", handle.box.x_mm + 2, rule - 0.4)
    value = read(page, forms)[0].fields["handle"]
    assert isinstance(value, TextValue) and len(value.lines) == 1
    pens.write(page, "please call me", handle.box.x_mm + 2, rule + 4.5, small_mm=2.0)
    reading, _ = read(page, forms)
    value = reading.fields["handle"]
    assert isinstance(value, TextValue)
    assert reading.elsewhere or (value.review and len(value.lines) == 2)


@pytest.mark.parametrize("wide_px", [6, 12, 20])
def test_the_desk_beside_the_paper_is_no_writing(forms: Forms, wide_px: int) -> None:
    page = paper()
    for y in LINES[2:6]:
        pens.write(page, "I was listened to", LEFT, y - 0.4)
    page[:wide_px, :330] = page[:1400, :wide_px] = 40
    reading, pictures = read(page, forms)
    assert len(story(reading).lines) == 4
    assert max(len(picture) for picture in pictures) < 12 * 12
    assert reading.elsewhere == ()


@pytest.mark.parametrize("font", ["Kalam", "Caveat", "Indie Flower", "Dancing Script"])
def test_a_line_that_nearly_touches_the_word_before_strikes_out_its_own_alone(
    forms: Forms, font: str
) -> None:
    page, y = paper(), LINES[2] - 0.4
    _, before = pens.write(page, "everything", LEFT, y, font=font)
    start, end = pens.write(page, "somebody", before + 1.6, y, font=font)
    pens.line(page, (start - 0.9, y - 1.2), (end + 0.8, y - 1.4), width_mm=0.35)
    reading, pictures = read(page, forms)
    (quad,) = story(reading).struck_out
    assert len(pictures) == 1
    assert pictures[0].shape[1] / 12 == pytest.approx(before - LEFT, abs=2.5)
    assert quad


def test_a_word_that_is_only_perhaps_struck_out_stays_and_is_doubted(forms: Forms) -> None:
    page = paper()
    pens.write(page, "I am sad that nobody rang me", LEFT, LINES[0] - 0.4, small_mm=1.9, bold_px=6)
    placed = scanned(page, forms)
    written = writing.gather(placed, strokes.ink_threshold(placed.grey)).fields["story"]
    (line,) = written.lines
    assert written.struck_out == () and line.doubtful
    told = tuple(WordReading(text=w, confidence=0.99) for w in ("We", "waited", "for", "all"))
    reading = LineReading(text="We waited for all", confidence=0.99, words=told)
    held = writing.held_back(reading, [(0.2, 0.5)])
    assert held.text == reading.text
    assert [w.confidence < writing.REVIEW_BELOW for w in held.words] == [False, True, False, False]
    value = writing.text_value(placed, STORY, written, iter([reading]))
    assert value.review and min(w.confidence for w in value.lines[0].words) <= 0.5


def test_a_drawing_is_a_drawing(forms: Forms) -> None:
    page = paper()
    pens.write(page, "A line before", LEFT, LINES[0] - 0.3)
    turns = np.linspace(0, 6.4, 60)
    pens.line(page, *[(70 + 11 * np.cos(t), LINES[3] + 11 * np.sin(t)) for t in turns])
    reading, pictures = read(page, forms)
    value = story(reading)
    assert len(value.drawings) == 1
    assert value.review
    assert len(pictures) == 1
    assert any("picture" in n for n in reading.notices)


def test_words_put_in_above_a_line_are_kept_and_looked_at(forms: Forms) -> None:
    page = paper()
    pens.write(page, "We were treated with kindness", LEFT, LINES[1] - 0.3)
    pens.write(page, "always", LEFT + 26, LINES[1] - 5.4, small_mm=1.8)
    reading, _ = read(page, forms)
    value = story(reading)
    assert len(value.lines) == 2
    assert value.review
    assert any("put in later" in n for n in reading.notices)


def caret(page: Grey, x_mm: float, base_mm: float) -> None:
    pens.line(page, (x_mm - 1.1, base_mm + 1.0), (x_mm, base_mm - 1.6), (x_mm + 1.1, base_mm + 1.1))


def test_words_above_a_caret_are_read_in_their_place(forms: Forms) -> None:
    page, y = paper(), LINES[1] - 0.3
    pens.write(page, "A line before it", LEFT, LINES[0] - 0.3)
    _, first = pens.write(page, "We were", LEFT, y)
    second, third = pens.write(page, "treated with", first + 4, y)
    last, _ = pens.write(page, "kindness", third + 4, y)
    for gap, words in (((first + second) / 2, "always"), ((third + last) / 2, "some")):
        caret(page, gap, y)
        pens.write(page, words, gap - 4, y - 4.6, small_mm=1.7)
    reading, pictures = read(page, forms)
    value = story(reading)
    assert len(pictures) == 6, "before, We were, always, treated with, some, kindness"
    starts = [line.quad_px[0][0] / PRINT_PX_PER_MM for line in value.lines[1:]]
    assert starts == pytest.approx(
        [LEFT, (first + second) / 2 - 4, second, (third + last) / 2 - 4, last], abs=1.0
    )
    assert max(picture.shape[1] for picture in pictures[1:]) / 12 < third - second + 2
    assert value.review
    assert any("put in later" in n for n in reading.notices)


def test_words_above_a_caret_that_touches_a_letter_are_not_lost(forms: Forms) -> None:
    page, y = paper(), LINES[1] - 0.3
    _, end = pens.write(page, "We were treated", LEFT, y)
    pens.write(page, "with kindness", end + 1.8, y)
    caret(page, end + 0.5, y)
    pens.write(page, "soon", end - 4, y - 4.6, small_mm=1.5)
    placed = scanned(page, forms)
    written = writing.gather(placed, strokes.ink_threshold(placed.grey)).fields["story"]
    assert written.squeezed or any(line.doubtful for line in written.lines)


def test_a_digit_put_in_above_a_gap_marks_its_place(forms: Forms) -> None:
    page, y = paper(), LINES[1] - 0.3
    _, first = pens.write(page, "I take", LEFT, y)
    _, last = pens.write(page, "tablets a day", first + 3, y)
    bare = writing.gather(scanned(page, forms), 0.12).fields["story"]
    assert not any(line.doubtful for line in bare.lines)
    pens.write(page, "3", first + 0.5, y - 3.6, small_mm=1.5)
    found = writing.gather(scanned(page, forms), 0.12).fields["story"]
    places = [share for line in found.lines for share in line.doubtful]
    at = (first + 1.5 - LEFT) / (last - LEFT)
    assert found.squeezed or any(a - 0.05 < at < b + 0.05 for a, b in places)


def test_a_short_word_after_a_caret_is_not_torn_off_and_lost(forms: Forms) -> None:
    page, y = paper(), LINES[1] - 0.3
    _, first = pens.write(page, "home on the number nine bus", LEFT, y)
    pens.write(page, "I", first + 4, y)
    caret(page, first + 2, y)
    pens.write(page, "all alone", first - 4, y - 4.6, small_mm=1.7)
    reading, pictures = read(page, forms)
    assert len(pictures) == 2
    assert max(p.shape[1] for p in pictures) / 12 == pytest.approx(first + 4 - LEFT, abs=3)
    assert any("put in later" in n for n in reading.notices)


def test_a_letter_that_hangs_on_a_caret_stays(forms: Forms) -> None:
    page, y = paper(), LINES[1] - 0.3
    _, end = pens.write(page, "Now and then", LEFT, y)
    caret(page, end + 2, y)
    pens.line(page, (end + 3.2, y + 1.2), (end + 3.4, y - 3.2))
    pens.write(page, "come here twice a week", end + 6, y)
    pens.write(page, "indeed", end - 3, y - 5.0, small_mm=1.6)
    placed = scanned(page, forms)
    lifted = writing.gather(placed, strokes.ink_threshold(placed.grey))
    found = insertions.find(lifted.ink.boxes, lifted.ink.label, lifted.ink.area > 0, 6.0)
    assert found == insertions.Carets()


def test_words_put_in_are_in_doubt_as_are_those_beside_a_caret_with_nothing_above(
    forms: Forms,
) -> None:
    page, y = paper(), LINES[1] - 0.3
    _, first = pens.write(page, "We were", LEFT, y)
    pens.write(page, "treated with", first + 4, y)
    caret(page, first + 2, y)
    pens.write(page, "always", first - 2, y - 4.6, small_mm=1.7)
    lower = LINES[4] - 0.3
    _, third = pens.write(page, "kindness and", LEFT, lower)
    _, last = pens.write(page, "in a good way", third + 4, lower)
    caret(page, third + 2, lower)
    placed = scanned(page, forms)
    written = writing.gather(placed, strokes.ink_threshold(placed.grey)).fields["story"]
    _, put_in, rest, below = written.lines
    assert (0.0, 1.0) in put_in.doubtful and not rest.doubtful
    ((start, end),) = below.doubtful
    middle = (third + 2 - LEFT) / (last - LEFT)
    assert start < middle < end and end - start < 0.25


@pytest.mark.parametrize("font", ["Kalam", "Caveat", "Delius"])
@pytest.mark.parametrize("ways", [1, 2])
def test_a_passage_that_is_crossed_out_is_doubted_word_by_word(
    forms: Forms, font: str, ways: int
) -> None:
    page = paper()
    for k in (1, 2):
        pens.write(page, "I was only being daft when I", LEFT, LINES[k] - 0.4, font=font)
    pens.write(page, "The new kettle is great", LEFT, LINES[4] - 0.4, font=font)
    top, bottom = LINES[0] + 2, LINES[2] + 1
    pens.line(page, (LEFT + 5, top), (LEFT + 58, bottom))
    if ways == 2:
        pens.line(page, (LEFT + 5, bottom), (LEFT + 58, top))
    placed = scanned(page, forms)
    written = writing.gather(placed, strokes.ink_threshold(placed.grey)).fields["story"]
    assert written.crossed
    assert [bool(line.doubtful) for line in written.lines] == [True, True, False]
    reading = assemble.read_fields(placed, Catch())
    assert story(reading).review
    assert any("crossed out" in n for n in reading.notices)


def test_a_line_that_could_not_be_read_is_told(forms: Forms) -> None:
    page = paper()
    pens.write(page, "An ordinary line of text", LEFT, LINES[0] - 0.3)

    class Nothing(Catch):
        def read(self, lines: Sequence[Grey]) -> list[LineReading]:
            return [LineReading(text="", confidence=0.0) for _ in lines]

    reading = assemble.read_fields(scanned(page, forms), Nothing())
    assert any("could not be read" in n for n in reading.notices)


@pytest.mark.parametrize("font", FONTS)
def test_no_hand_is_taken_for_words_put_in(forms: Forms, font: str) -> None:
    """A pointed "n" is the shape of a caret, and long tails hang into the next line."""
    page = paper()
    said = (
        "Anna and Nan ran the hall with you, any happy",
        "young Alan, who knew my name. I gladly",
    )
    for k, y in enumerate(LINES):
        pens.write(page, said[k % 2], LEFT, y - 0.4, small_mm=2.6, font=font)
    placed = scanned(page, forms)
    written = writing.gather(placed, strokes.ink_threshold(placed.grey)).fields["story"]
    assert len(written.lines) == len(LINES)
    assert not written.squeezed
    assert not written.crossed


@given(
    tip=st.tuples(st.floats(-2, 2), st.floats(-1, 1)),
    wide=st.tuples(st.floats(5, 10), st.floats(5, 10)),
    high=st.floats(12, 26),
    pen=st.integers(2, 3),
)
@settings(max_examples=60, deadline=None)
def test_two_arms_that_part_downwards_are_a_caret_and_nothing_else_is(
    tip: tuple[float, float], wide: tuple[float, float], high: float, pen: int
) -> None:
    picture = np.zeros((40, 40), np.uint8)
    x, y = 20 + tip[0], 6 + tip[1]
    left, right = (x - wide[0], y + high), (x + wide[1], y + high)
    for foot in (left, right):
        ends = [(round(16 * a), round(16 * b)) for a, b in ((x, y), foot)]
        cv2.line(picture, ends[0], ends[1], 1, pen, cv2.LINE_8, 4)
    ys, xs = np.nonzero(picture)
    stroke = picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] > 0
    assert insertions.is_caret(stroke, 6.0)
    assert not insertions.is_caret(stroke[::-1], 6.0), "a v"
    assert not insertions.is_caret(stroke[:, : round(x) - int(xs.min())], 6.0), "one arm"
    assert not insertions.is_caret(np.ones_like(stroke), 6.0), "a blot"
    bar = stroke.copy()
    bar[-3:] = True
    assert not insertions.is_caret(bar, 6.0), "a triangle"


def test_what_was_seen_is_told_and_drawn(forms: Forms, tmp_path: object) -> None:
    page = paper()
    start, end = pens.write(page, "chemist", LEFT, LINES[0] - 0.3)
    pens.line(page, (start - 0.5, LINES[0] - 1.4), (end + 1, LINES[0] - 1.9))
    pens.write(page, "up the side of the page", 288, 70, turn=1)
    placed = scanned(page, forms)
    reading = assemble.read_fields(placed, Catch())
    told = contract(
        PageOutcome(file="a.png", page=1, status="read", image_sha256="0", reading=reading)
    )
    assert len(told["elsewhere"]) == 1
    assert len(told["fields"]["story"]["struck_out"]) == 1
    plain = tmp_path / "plain.png"  # type: ignore[operator]
    draw_overlay(page, reading, placed, plain)
    assert plain.stat().st_size > 0


@given(tilt=st.floats(-0.01, 0.01), shade=st.integers(80, 190), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_stroke_that_crosses_a_rule_stays_whole(tilt: float, shade: int, seed: int) -> None:
    """Pen strokes over a rule that is paler than they are come out as if it were not there."""
    rng = np.random.default_rng(seed)
    bare = np.full((80, 600), 255, np.uint8)
    for x in range(40, 560, 60):
        lean = int(rng.integers(-15, 16))
        cv2.line(bare, (x - lean, 5), (x + lean, 75), 40, 5, cv2.LINE_AA)
    rows_px = 40 + tilt * (np.arange(600) - 300)
    light = np.ones((80, 600), np.float32)
    for x in range(600):
        y = round(rows_px[x])
        light[y - 1 : y + 2, x] = shade / 255
    page = (bare * cv2.GaussianBlur(light, (0, 0), 0.8)).astype(np.uint8)
    thought = rules.Rule(left_px=0, rows_px=np.full(600, 40.0))
    rules.take_off(page, rules.traced(page, thought, bilevel=False), bilevel=False)
    wrong = np.abs(page.astype(int) - bare)
    assert float((wrong > 90).mean()) < 0.005
    lost = (bare < 100) & (page > 200)
    assert float(lost.sum()) < 0.02 * float((bare < 100).sum())


@given(
    pitch=st.floats(4.5, 12.0),
    small=st.floats(1.5, 3.2),
    climb=st.floats(-0.04, 0.04),
    count=st.integers(1, 8),
)
@settings(max_examples=25, deadline=None)
def test_rows_are_counted_whatever_the_pitch_size_and_slope(
    pitch: float, small: float, climb: float, count: int
) -> None:
    small = min(small, 0.38 * pitch)
    page = np.full((1500, 1600), 255, np.uint8)
    for k in range(count):
        pens.write(page, "some lines are high and some low", 4, 22 + k * pitch, small_mm=small,
                   climb=climb)  # fmt: skip
    half = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    _, label, stats, _ = cv2.connectedComponentsWithStats((half < 170).astype(np.uint8))
    ys, xs = np.nonzero(label)
    strokes = stats[:, :4].astype(np.int32)
    found = rows.find_rows((ys, xs, label[ys, xs]), strokes, label.shape[1], pens.PX / 2)
    assert len(found.middle) == count


def test_writing_too_small_for_a_line_is_never_lost_in_silence(forms: Forms) -> None:
    page = paper()
    pens.write(page, "ok thanks", LEFT, LINES[0] - 0.4, small_mm=0.7)
    value = story(read(page, forms)[0])
    assert value.lines == ()
    assert value.review
    assert value.confidence == 0.0


def test_the_bottom_of_a_letter_along_a_rule_stays() -> None:
    """A level stroke on the rule, longer than a pen is wide and with nothing above or below it."""
    page = np.full((80, 600), 255, np.uint8)
    page[39:42] = 175
    page[39:42, 200:225] = 60
    thought = rules.Rule(left_px=0, rows_px=np.full(600, 40.0))
    rules.take_off(page, rules.traced(page, thought, bilevel=False), bilevel=False)
    assert page[40, 203:222].max() < 120
    assert page[:, 300:].min() > 230
