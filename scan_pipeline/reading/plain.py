"""How likely a mark in a tick box is a plain way to choose it: a tick, a "V", a cross, a slash, a
dot. The others are letters and words, rings, dashes, and marks with lines or a scribble over them.

A small network looks at the picture of its strokes. `python -m benchmarks.shapes.train` made it, of
drawn marks that went through what paper suffers; `python -m benchmarks.shapes` measures it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.nets import session
from scan_pipeline.page import COARSE_PX_PER_MM
from scan_pipeline.reading.measures import INSET_MM, Window, grounds, grown, inside, within
from scan_pipeline.reading.strokes import Ink

SIDE_PX = 48
"""How large the pictures are; a mark of 6.7 mm is as large there as on the page."""
AROUND_MM, LEAST_MM, MARGIN = 6.0, 3.0, 1.2
MOST = 0.5, 99.5
DARKEST, BLUR_PX = 95.0, 0.4
LIKELY, SURE = 0.25, 0.87
"""From which chance on a mark is taken for a plain one; and for one that gives consent."""

Picture = NDArray[np.float32]


def chances(
    ink: Ink, boxes: Mapping[str, Rect], own: Mapping[str, NDArray[np.bool_]]
) -> dict[str, float]:
    """By box: how likely its mark is a plain one, be it mirrored or not; 0 where there is none.
    `own`: the strokes of each (`measures.Measured`)."""
    found = dict.fromkeys(boxes, 0.0)
    seen = pictures(ink, boxes, own)
    if seen:
        marks = np.stack(list(seen.values()))
        both = np.concatenate([marks, marks[..., ::-1]])
        (odds,) = _network().run(None, {"marks": both})
        # What is plain is so in a mirror, too: whichever it is less sure of.
        least = np.asarray(odds, np.float64).reshape(2, -1).min(axis=0)
        likely = 1.0 / (1.0 + np.exp(-least))
        found |= dict(zip(seen, likely.tolist(), strict=True))
    return found


def pictures(
    ink: Ink, boxes: Mapping[str, Rect], own: Mapping[str, NDArray[np.bool_]]
) -> dict[str, Picture]:
    """By box that holds ink: the picture of its strokes; of those that it shares with another box,
    only what is nearer to it."""
    shared = np.sum(list(own.values()), axis=0) > 1 if own else np.zeros(1, np.bool_)
    rims = grounds([inside(box) for box in boxes.values()])
    found = {}
    for (name, box), rim in zip(boxes.items(), rims, strict=True):
        window = grown(inside(box), INSET_MM + AROUND_MM)
        strokes = ink.label[window]
        mine = own[name][strokes]
        far = np.ones(mine.shape, np.bool_)
        far[within(rim, window)] = False
        mine &= ~(far & shared[strokes])
        if mine.any():
            found[name] = _picture(ink, box, window, mine)
    return found


def _picture(ink: Ink, box: Rect, window: Window, mine: NDArray[np.bool_]) -> Picture:
    """(2, `SIDE_PX`, `SIDE_PX`), 0 to 1: the strokes of a mark, as dark as they are against their
    darkest, and where the printed outline hides some. `mine`: which pixels of the window."""
    inner = inside(box)
    ys, xs = np.nonzero(mine)
    (top, bottom), (left, right) = (np.percentile(at, MOST) for at in (ys, xs))
    side = MARGIN * max(bottom - top, right - left, LEAST_MM * COARSE_PX_PER_MM)
    depth = np.where(mine, ink.deep[window], 0).astype(np.float32)
    depth = np.minimum(depth / max(1.0, float(np.percentile(depth[mine], DARKEST))), 1.0)
    outline = np.zeros_like(depth)
    outline[within(grown(inner, INSET_MM), window)] = 1.0
    outline[within(inner, window)] = 0.0
    scale = SIDE_PX / side
    x, y = (SIDE_PX / 2 - scale * (a + b) / 2 for a, b in ((left, right), (top, bottom)))
    move = np.array([[scale, 0.0, x], [0.0, scale, y]])
    planes = [depth, outline]
    if scale < 1.0:  # as far as it shrinks
        planes = [cv2.GaussianBlur(plane, (0, 0), BLUR_PX / scale) for plane in planes]
    return np.stack([cv2.warpAffine(plane, move, (SIDE_PX, SIDE_PX)) for plane in planes])


@cache
def _network() -> onnxruntime.InferenceSession:
    return session(Path(__file__).with_name("plain.onnx").read_bytes())
