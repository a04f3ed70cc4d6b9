"""Whose a stroke is: a text field's, the tick boxes', or nobody's (written in the margin)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout

NOBODY, TICKS = -1, -2
TICK_REACH_MM = 6.0
LEFT_MM, RIGHT_MM, ABOVE_MM, BELOW_MM = 4.0, 14.0, 3.0, 5.0
GAP_MM = 6.0
BESIDE_MM = 5.0
INSIDE = 0.3
UPRIGHT_MM = 16.0
UPRIGHT = 2.5
CLUSTER_MM = 3.0

Boxes = NDArray[np.float64]
Owners = NDArray[np.int16]


def share_out(
    boxes: Boxes, pixels: tuple[NDArray[np.integer], Boxes, Boxes], fields: Sequence[FieldLayout]
) -> Owners:
    """The owner of each stroke: its text field's place in `fields`, `TICKS` or `NOBODY`.

    `boxes` (strokes, 4): left, top, right, bottom in millimetres; `pixels`: the stroke, x and y
    (millimetres) of each of their pixels.
    """
    of, x, y = pixels
    count = len(boxes)
    area = np.maximum(1, np.bincount(of, minlength=count))
    owner: Owners = np.full(count, NOBODY, np.int16)
    ticks = np.zeros(count, np.int64)
    most = np.full(count, INSIDE)
    for k, field in enumerate(fields):
        box = field.box if field.kind == "text" else field.box.grown(TICK_REACH_MM)
        held = np.bincount(of[_within(x, y, box)], minlength=count)
        if field.kind != "text":
            ticks += held
            continue
        share = held / area
        owner[share > most] = k
        most = np.maximum(most, share)
    owner[(owner == NOBODY) & (ticks > 0.5 * area)] = TICKS
    for k, field in enumerate(fields):
        if field.kind == "text":
            _overrun(owner, boxes, k, field.box)
    return owner


def _within(x: Boxes, y: Boxes, box: Rect) -> NDArray[np.bool_]:
    return (x >= box.x_mm) & (x < box.right_mm) & (y >= box.y_mm) & (y < box.bottom_mm)


def _overrun(owner: Owners, boxes: Boxes, mine: int, box: Rect) -> None:
    """Give a field the strokes that run over its edge: near it, and near its own ink. Those that
    stand one above the other, up the side of the page, are a text of their own."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    reach = Rect(
        x_mm=box.x_mm - LEFT_MM,
        y_mm=box.y_mm - ABOVE_MM,
        w_mm=box.w_mm + LEFT_MM + RIGHT_MM,
        h_mm=box.h_mm + ABOVE_MM + BELOW_MM,
    )
    free = (owner == NOBODY) & _within(middle[:, 0], middle[:, 1], reach)
    rest = np.flatnonzero(free)
    rest = rest[~_upright(boxes[rest], box)]
    while len(rest):
        own = boxes[owner == mine]
        near = np.array([_touches(boxes[k], own) for k in rest], bool)
        if not near.any():
            return
        owner[rest[near]] = mine
        rest = rest[~near]


def _touches(stroke: Boxes, own: Boxes) -> bool:
    """Whether a stroke stands beside or under one of the field's."""
    across = np.maximum(own[:, 0] - stroke[2], stroke[0] - own[:, 2])
    down = np.abs((own[:, 1] + own[:, 3]) / 2 - (stroke[1] + stroke[3]) / 2)
    return bool(((across < GAP_MM) & (down < BESIDE_MM)).any())


def _upright(boxes: Boxes, field: Rect) -> NDArray[np.bool_]:
    """Which strokes beside the field belong to a column of strokes much taller than wide."""
    beside = (boxes[:, 0] >= field.right_mm - 1.0) | (boxes[:, 2] <= field.x_mm + 1.0)
    group = np.arange(len(boxes))
    for i in range(len(boxes)):
        gaps = np.maximum(boxes[:, :2] - boxes[i, 2:], boxes[i, :2] - boxes[:, 2:])
        near = (gaps < CLUSTER_MM).all(axis=1) & beside & beside[i]
        group[np.isin(group, group[near])] = group[i]
    out = np.zeros(len(boxes), bool)
    for g in np.unique(group[beside]) if beside.any() else ():
        members = boxes[(group == g) & beside]
        width, height = (members[:, 2:].max(axis=0) - members[:, :2].min(axis=0)).tolist()
        out |= (group == g) & (height > UPRIGHT_MM) & (height > UPRIGHT * width) & beside
    return out
