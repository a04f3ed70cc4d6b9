"""Ink on a flat page: short cuts give what the long way would."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scan_pipeline.reading.strokes import FOLD_ANGLES, _may_line_up, around_print

LEAST = 40


@pytest.mark.parametrize("seed", range(8))
def test_no_fold_is_missed_by_the_look_that_spares_the_votes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    told = []
    for _ in range(10):
        angle, long = rng.uniform(0, np.pi), rng.uniform(100, 1700)
        along = rng.uniform(-long / 2, long / 2, int(rng.integers(30, 120)))
        off = rng.uniform(-0.5, 0.5, len(along))
        xs = np.rint(900 + along * np.cos(angle) - off * np.sin(angle)).astype(np.int32)
        ys = np.rint(900 + along * np.sin(angle) + off * np.cos(angle)).astype(np.int32)
        votes = np.zeros((1800, 1800), np.uint8)
        votes[ys, xs] = 1
        found = cv2.HoughLines(votes, 1.0, np.pi / FOLD_ANGLES, LEAST) is not None
        told.append(found)
        assert _may_line_up(xs, ys, LEAST) or not found
    assert any(told)


def test_points_all_over_the_page_are_no_fold() -> None:
    xs, ys = np.random.default_rng(1).integers(0, 1800, (2, 300)).astype(np.int32)
    assert not _may_line_up(xs, ys, LEAST)


def test_where_a_form_is_printed_is_found_once_and_for_each_form() -> None:
    one, other = (np.full((20, 20), 255, np.uint8) for _ in range(2))
    one[10, 10] = other[5, 5] = 0
    assert around_print(one, 200, 3) is around_print(one, 200, 3)
    assert np.argwhere(around_print(one, 200, 3))[0].tolist() == [9, 9]
    assert np.argwhere(around_print(other, 200, 3))[0].tolist() == [4, 4]
    with pytest.raises(ValueError, match="read-only"):
        around_print(one, 200, 3)[:] = 0
