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
from scan_pipeline.demo.ink import FAINT_PENCIL, INKS
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import ODD_STYLES, STYLES, UNDONE, TickStyle, draw_tick
from scan_pipeline.pipeline import read_page
from scan_pipeline.story import ChoiceValue, PageReading

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


def test_a_fold_through_the_boxes_is_no_mark(workspace: Path) -> None:
    image = papers.printed(1).copy()
    x = round((OPTIONS["feelings/safe"].x_mm + 2.5) * PX_PER_MM)
    shade = np.ones(image.shape[1], np.float32)
    shade[x - 4 : x + 5] = 0.8
    folded = (image * shade[None, :]).astype(np.uint8)
    assert set(states(folded, workspace).values()) == {"empty"}
    draw(folded, OPTIONS["feelings/safe"], "tick", 0, 3)
    assert states(folded, workspace)["feelings/safe"] in {"ticked", "unsure"}


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
