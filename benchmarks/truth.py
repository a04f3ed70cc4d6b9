"""What the benchmarks share: simulated pages by number, and when two answers are the same."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from leaflets.layout import SheetLayout
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo.fill import FilledLeaflet, blank_side, fill, mixed_story
from scan_pipeline.demo.hands import FONTS, make_hand
from scan_pipeline.demo.paper import Condition, distort
from scan_pipeline.demo.sheet import Image, Sheet
from scan_pipeline.page import Grey
from scan_pipeline.story import AnswerValue


@cache
def layout() -> SheetLayout:
    return layout_for("story", EXAMPLE)


def leaflet(seed: int, index: int) -> FilledLeaflet:
    """Leaflet `index` of `seed`, as it was filled in; fonts in turn."""
    rng = np.random.default_rng([seed, index])
    page = layout().page(1)
    story = mixed_story(page, rng)
    hand = make_hand(rng, FONTS[index % len(FONTS)])
    return fill(blank_side(layout(), EXAMPLE, 1), page, story, hand, rng)


def simulated(condition: Condition, seed: int, index: int) -> tuple[FilledLeaflet, Sheet]:
    """That leaflet after it went through `condition`."""
    filled = leaflet(seed, index)
    return filled, distort(
        filled.image, filled.px_per_mm, condition, [seed, index], layout=filled.page
    )


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
