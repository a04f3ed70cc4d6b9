"""Plain marks and others are told apart by what the reader sees of their strokes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import papers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.ink import INKS
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import TickStyle, draw_tick
from scan_pipeline.page import RegisteredPage
from scan_pipeline.reading import choices, marks, plain, strokes
from scan_pipeline.reading.place import place

BOXES = {f"feelings/{o.value}": o.box for f in papers.layout().page(1).fields
         if f.name == "feelings" for o in f.options}  # fmt: skip
FIRST, SECOND = sorted(BOXES, key=lambda name: (BOXES[name].x_mm, BOXES[name].y_mm))[:2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


def read(image: Image, workspace: Path) -> marks.BoxMarks:
    page = place(image, papers.forms(workspace))
    assert isinstance(page, RegisteredPage)
    return choices.box_marks(page, strokes.find_ink(page.coarse, page.blank))[0]


def line(image: Image, box: Rect, *points: tuple[float, float]) -> None:
    """Through points in millimetres from the corner of a box."""
    at = np.array([(box.x_mm + x, box.y_mm + y) for x, y in points]) * PX_PER_MM
    cv2.polylines(image, [np.rint(at).astype(np.int32)], False, 40, 5, cv2.LINE_AA)


def test_a_box_without_ink_holds_no_mark(workspace: Path) -> None:
    assert set(read(papers.printed(1), workspace).plain.values()) == {0.0}


@pytest.mark.parametrize(
    ("styles", "is_plain"),
    [(("tick", "cross", "slash", "long"), True), (("struck", "circle", "scribble"), False)],
)
def test_plain_marks_are_told_from_others(
    styles: tuple[TickStyle, ...], is_plain: bool, workspace: Path
) -> None:
    said = []
    for seed, style in enumerate(styles * 2):
        image, rng = papers.printed(1).copy(), np.random.default_rng(seed)
        names = list(BOXES)[:: len(BOXES) // 4]  # far from each other
        for name in names:
            draw_tick(image, PX_PER_MM, BOXES[name], style, INKS[1], rng)
        found = read(image, workspace)
        said += [found.plain[name] for name in names]
    if is_plain:
        assert np.mean(np.array(said) >= plain.SURE) >= 0.8
    else:
        assert max(said) < plain.SURE


@pytest.mark.parametrize("ends", [((-2.0, 4.9), (8.5, 0.4)), ((-1.5, 5.5), (6.5, -0.5))])
def test_a_long_flat_slash_through_the_middle_is_chosen(
    ends: tuple[tuple[float, float], tuple[float, float]], workspace: Path
) -> None:
    image = papers.printed(1).copy()
    line(image, BOXES[SECOND], *ends)
    assert read(image, workspace).marks[SECOND].state == "ticked"


def test_ticks_that_touch_are_looked_at_one_by_one(workspace: Path) -> None:
    image = papers.printed(1).copy()
    lower, upper = BOXES[SECOND], BOXES[FIRST]
    for box in (lower, upper):
        line(image, box, (0.8, 2.2), (2.0, 4.0), (4.0, 0.5))
    line(image, lower, (4.0, 0.5), (2.0, upper.y_mm - lower.y_mm + 4.0))
    found = read(image, workspace)
    assert np.sum([found.held.own[n] for n in (FIRST, SECOND)], axis=0).max() == 2
    for picture in plain.pictures(found.ink, found.boxes, found.held.own).values():
        assert 0 < np.count_nonzero(picture[0] > 0.5) < 500  # and not two ticks


@given(
    arrays.arrays(np.uint8, (120, 130), elements=st.integers(0, 3), fill=st.just(0)),
    st.floats(0.5, 15.0),
    st.floats(0.5, 14.0),
)
def test_whatever_is_in_a_box_has_a_picture_and_a_chance(
    label: NDArray[np.uint8], x_mm: float, y_mm: float
) -> None:
    of = label.astype(np.int32)
    at = np.flatnonzero(of)
    grey = np.where(of > 0, 90, 0).astype(np.uint8)
    ink = strokes.Ink(
        soft=255 - grey, deep=grey, unfolded=grey, label=of, at=at, of=of.ravel()[at],
        area=np.bincount(of.ravel(), minlength=4), darkness=np.full(4, 90.0), threshold=0.12,
    )  # fmt: skip
    boxes = {"box": Rect(x_mm=x_mm, y_mm=y_mm, w_mm=5.0, h_mm=5.0)}
    own = {"box": np.array([False, True, True, False])}
    chance = plain.chances(ink, boxes, own)["box"]
    assert 0.0 <= chance <= 1.0
    for picture in plain.pictures(ink, boxes, own).values():
        assert picture.shape == (2, plain.SIDE_PX, plain.SIDE_PX) and picture.dtype == np.float32
        assert np.isfinite(picture).all() and picture.min() >= 0.0


def test_the_network_says_what_made_it() -> None:
    path = Path(plain.__file__).with_name("plain.onnx")
    model = onnx.load(str(path))
    assert model.doc_string.startswith("made by: python -m benchmarks.shapes.train -n ")
    assert path.stat().st_size < 1_000_000
