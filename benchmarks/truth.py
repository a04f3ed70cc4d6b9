"""What the benchmarks share: simulated pages by number, and when two answers are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from leaflets.layout import SheetLayout
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo.corrections import Strike
from scan_pipeline.demo.fill import PX_PER_MM, FilledLeaflet, blank_side, fill, mixed_story
from scan_pipeline.demo.hands import FONTS, make_hand, write
from scan_pipeline.demo.paper import Condition, distort, handed_out
from scan_pipeline.demo.sheet import Image, Sheet
from scan_pipeline.demo.ticks import LayStroke
from scan_pipeline.page import Grey
from scan_pipeline.story import AnswerValue

STORY = "story"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What a hand corrects, by the word of the text: how it is struck out; what is put in before
    it."""

    struck: Mapping[int, Strike] = field(default_factory=dict)
    inserted: Mapping[int, str] = field(default_factory=dict)


@cache
def layout() -> SheetLayout:
    return layout_for("story", EXAMPLE)


def simulated(
    condition: Condition,
    seed: int,
    index: int,
    odd_marks: float = 0.0,
    lay: LayStroke | None = None,
) -> tuple[FilledLeaflet, Sheet]:
    """Leaflet `index` of `seed`, filled in and put through `condition`; fonts in turn.

    `odd_marks`: share of marks made in unusual ways; then minds change more often too.
    `lay`: what makes the strokes of the marks in boxes, instead of drawn lines.
    """
    rng = np.random.default_rng([seed, index])
    page = layout().page(1)
    story = mixed_story(page, rng)
    hand = make_hand(rng, FONTS[index % len(FONTS)])
    blank = handed_out(blank_side(layout(), EXAMPLE, 1), PX_PER_MM, condition, [seed, index])
    changed = 0.3 if odd_marks else 0.05
    filled = fill(
        blank, page, story, hand, rng, changed_minds=changed, odd_marks=odd_marks, lay=lay
    )
    return filled, distort(filled.image, filled.px_per_mm, condition, [seed, index], layout=page)


def corrected(
    condition: Condition,
    seed: int,
    index: int,
    choose: Callable[[list[str], np.random.Generator], Corrections],
) -> tuple[list[str], Corrections, Grey]:
    """A leaflet with a story alone and corrections in it, as scanned: the words that found room,
    what `choose` corrected of all words of the story, and the picture; fonts in turn."""
    rng = np.random.default_rng([seed, index])
    page = layout().page(1)
    hand = make_hand(rng, FONTS[index % len(FONTS)])
    blank = handed_out(blank_side(layout(), EXAMPLE, 1), PX_PER_MM, condition, [seed, index])
    words = str(mixed_story(page, rng).texts[STORY]).split()
    chosen = choose(words, rng)
    image, lined = blank.copy(), next(f for f in page.fields if f.name == STORY)
    lines = write(
        image,
        PX_PER_MM,
        lined,
        " ".join(words),
        hand,
        rng,
        struck=chosen.struck,
        inserted=chosen.inserted,
    )
    sheet = distort(image, PX_PER_MM, condition, [seed, index], layout=page)
    return " ".join(lines).split(), chosen, grey_of(sheet.image)


def grey_of(image: Image) -> Grey:
    """What the scanner software decodes: RGB becomes grey."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def same_answer(got: AnswerValue, truth: AnswerValue) -> bool:
    """Several ticks are the same whatever their order; no ticks are no answer."""
    if isinstance(got, tuple) and isinstance(truth, tuple):
        return set(got) == set(truth)
    return got == truth


def is_blacked_out_alone(filled: FilledLeaflet, field: str) -> bool:
    """Whether the one mark of a field with one answer is a box that was blacked out. It may be a
    change of mind or a bold way to choose, so that the right thing to do is to ask."""
    layouts = {f.name: f for f in filled.page.fields}
    undone = any(f == field and style == "filled" for (f, _), style in filled.styles.items())
    single = layouts[field].kind == "choice" and not layouts[field].multiple
    return single and undone and filled.choices[field] is None
