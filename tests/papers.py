"""Leaflets as paper for tests: printed for real, filled in, and put through what paper suffers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from leaflets.layout import SheetLayout
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo.fill import PX_PER_MM, FilledLeaflet, blank_side, fill
from scan_pipeline.demo.hands import FONTS, make_hand
from scan_pipeline.demo.paper import Condition, handed_out
from scan_pipeline.demo.stories import DemoStory
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.page import Grey
from scan_pipeline.story import AnswerValue

EMPTY = DemoStory(story_title="", story="")
WRITTEN = DemoStory(
    story_title="A warm room",
    story="The group was kind and nobody rushed me. I came back the week after.",
    good="The tea and the welcome",
    feelings=("welcomed", "hopeful"),
    rating="good",
    author_role="service_user",
    service_area=("groups",),
    visit_when="this_month",
    handle="Blue Kettle",
    consent_display=True,
)


@cache
def layout() -> SheetLayout:
    return layout_for("story", EXAMPLE)


@cache
def forms(folder: Path) -> Forms:
    """The example service's forms, blank sides drawn once a test process."""
    return load_forms(folder)


def printed(number: int = 1, dpi: int = 300) -> Grey:
    """One printed side as paper."""
    return blank_side(layout(), EXAMPLE, number, dpi)


def filled(
    story: DemoStory,
    seed: int = 0,
    *,
    handwriting: bool = True,
    changed_minds: float = 0.0,
    condition: Condition | None = None,
) -> FilledLeaflet:
    """The inside with `story` written on it; `condition`: what became of the form before that."""
    rng = np.random.default_rng(seed)
    hand = make_hand(rng, FONTS[seed % len(FONTS)])
    page = layout().page(1)
    blank = printed()
    if condition is not None:
        blank = handed_out(blank, PX_PER_MM, condition, seed)
    return fill(blank, page, story, hand, rng, handwriting=handwriting, changed_minds=changed_minds)


def story_with(answers: dict[str, AnswerValue]) -> DemoStory:
    """A story with these answers and no words."""
    return replace(EMPTY, **{k: v for k, v in answers.items() if v is not None})  # type: ignore[arg-type]


def save(image: Grey, path: Path) -> Path:
    assert cv2.imwrite(str(path), image)
    return path
