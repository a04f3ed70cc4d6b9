"""Pictures that a wide lens bent: the corner marks tell how much, and crumpled paper is no lens."""

from __future__ import annotations

import numpy as np
import papers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.sheet import as_grey
from scan_pipeline.forms import load_forms
from scan_pipeline.page import RegisteredPage
from scan_pipeline.reading.lens import bent, bent_placement, unbent
from scan_pipeline.reading.place import place
from scan_pipeline.reading.register import apply, to_picture

SIZE = (3000, 4000)
PAGE = papers.layout().page(1)
SEEN = np.array([[12.0, 0.9, 250.0], [-0.6, 12.1, 240.0], [0.0001, -0.00005, 1.0]])


def marks(
    bend: float, noise_mm: float = 0.0, seed: int = 0
) -> list[tuple[int, NDArray[np.float64]]]:
    rng = np.random.default_rng(seed)
    found = []
    for marker in PAGE.markers:
        moved = np.array(marker.box.quad_mm) + rng.normal(0, noise_mm, 2)
        found.append((marker.id, bent(apply(SEEN, moved), bend, SIZE)))
    return found


@given(bend=st.floats(-0.3, 0.2), seed=st.integers(0, 1000))
@settings(deadline=None)
def test_there_and_back(bend: float, seed: int) -> None:
    px = np.random.default_rng(seed).uniform((0, 0), (3999, 2999), (20, 2))
    assert np.allclose(unbent(bent(px, bend, SIZE), bend, SIZE), px, atol=1e-6)


@given(bend=st.one_of(st.floats(-0.2, -0.03), st.floats(0.03, 0.15)))
@settings(deadline=None, max_examples=40)
def test_a_bend_is_found_by_the_marks(bend: float) -> None:
    placement = bent_placement(marks(bend), PAGE, SIZE)
    assert placement is not None
    mm = np.random.default_rng(1).uniform((10, 10), (287, 200), (60, 2))
    off = to_picture(placement, mm) - bent(apply(SEEN, mm), bend, SIZE)
    assert np.abs(off).max() < 3.0  # a quarter of a millimetre


def test_flat_paper_and_crumpled_paper_need_no_lens() -> None:
    assert bent_placement(marks(0.0), PAGE, SIZE) is None
    assert all(bent_placement(marks(0.0, 0.7, seed), PAGE, SIZE) is None for seed in range(30))
    assert bent_placement(marks(-0.1)[:4], PAGE, SIZE) is None


@pytest.mark.parametrize("seed", range(3))
def test_a_photo_by_a_wide_lens_is_placed(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    sheet = distort(papers.printed(1), PX_PER_MM, CONDITIONS["photo-wide"], seed, layout=PAGE)
    placed = place(as_grey(sheet.image), load_forms(tmp_path_factory.mktemp("w")))
    assert isinstance(placed, RegisteredPage)
    corners = np.array([c for f in PAGE.fields for c in f.box.quad_mm])
    off = to_picture(placed.placement, corners) - sheet.to_px(corners)
    assert np.linalg.norm(off, axis=1).max() < 0.5 * sheet.px_per_mm
