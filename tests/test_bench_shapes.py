"""The marks that the network for plain marks is made with, and measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.shapes import draw
from benchmarks.shapes.pages import examples


@given(st.integers(0, 10_000))
def test_every_mark_is_near_its_box(seed: int) -> None:
    for make in (draw.plain, draw.doubtful):
        kind, paths = make(np.random.default_rng(seed))
        points = np.array([p for path in paths for p in path])
        assert all(len(path) >= 2 for path in paths)
        assert np.isfinite(points).all() and np.abs(points).max() < 16.0
        assert np.abs(points.mean(axis=0)).max() < 9.0
        assert kind in (draw.PLAIN if make is draw.plain else draw.DOUBTFUL)


@pytest.mark.parametrize(
    ("made", "shares"), [(draw.plain, draw.PLAIN), (draw.doubtful, draw.DOUBTFUL)]
)
def test_all_kinds_are_drawn(made: object, shares: dict[str, float]) -> None:
    assert callable(made) and sum(shares.values()) == pytest.approx(1.0)
    rng = np.random.default_rng(5)
    assert {made(rng)[0] for _ in range(400)} == set(shares)


def test_the_same_seed_makes_the_same_marks(tmp_path: Path) -> None:
    """As the reader sees them, with how they were made; and every page has others."""
    once, again = (examples(2, 5, tmp_path, conditions=("flat", "photo")) for _ in range(2))
    assert len(once) > 20 and {e.condition for e in once} == {"flat", "photo"}
    assert {True, False} == {e.is_plain for e in once}
    for one, other in zip(once, again, strict=True):
        assert one.kind == other.kind and one.said == other.said
        assert (one.picture == other.picture).all()
    assert len({e.picture.tobytes() for e in once}) == len(once)
