"""The printed form as witness: where its boxes and rules really lie, and whether they are there.

Works on a page that is nearly flat (`register.lay_flat`), grey uint8 at `PX_PER_MM`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import PageLayout
from scan_pipeline.page import PX_PER_MM, Anchor, Grey, Placement

Floats = NDArray[np.float64]
BOX_FOUND = 0.45
RULE_FOUND = 0.08
STRIP_MM = 16.0
SPREAD_MM = 24.0
WILD_MM = 0.8
BOX_MARGIN_MM = 1.0


def tick_boxes(page: PageLayout) -> list[tuple[str, Rect]]:
    """Every printed tick square, as ("field/option", square)."""
    boxes = [(f.name + "/" + o.value, o.box) for f in page.fields for o in f.options]
    return boxes + [(f.name + "/", f.box) for f in page.fields if f.kind == "tick"]


def survey(flat: Grey, page: PageLayout, reach_mm: float) -> list[Anchor]:
    """Look for every tick box and every stretch of writing rule within `reach_mm`."""
    anchors = []
    for name, box in tick_boxes(page):
        dx, dy, score = locate_box(flat, box, reach_mm)
        x, y = box.centre_mm
        anchors.append(
            Anchor(
                name=name,
                x_mm=x,
                y_mm=y,
                dx_mm=dx,
                dy_mm=dy,
                knows_x=True,
                score=score,
                found=score >= BOX_FOUND,
            )
        )
    for field in page.fields:
        count = max(1, int(field.box.w_mm // STRIP_MM))
        width = field.box.w_mm / count
        for y in field.lines_mm:
            for k in range(count):
                x0 = field.box.x_mm + k * width
                dy, score = locate_rule(flat, x0, x0 + width, y, reach_mm)
                anchors.append(
                    Anchor(
                        name="",
                        x_mm=x0 + width / 2,
                        y_mm=y,
                        dx_mm=0.0,
                        dy_mm=dy,
                        knows_x=False,
                        score=score,
                        found=score >= RULE_FOUND,
                    )
                )
    return anchors


def correct(
    placement: Placement, anchors: Sequence[Anchor], marker_anchors: Sequence[Anchor]
) -> Placement:
    """The placement with the smooth displacement that the anchors show added to its grid.

    Each grid node takes a locally weighted straight-line fit of the anchors around it, pulled
    towards zero where there are few; anchors that disagree with their neighbours are dropped.
    """
    rows, cols, _ = placement.shift_mm.shape
    ys, xs = np.mgrid[0:rows, 0:cols] * placement.grid_mm
    nodes = np.column_stack([xs.ravel(), ys.ravel()])
    shift = placement.shift_mm.copy()
    for axis in (0, 1):
        good = [a for a in (*anchors, *marker_anchors) if a.found and (axis == 1 or a.knows_x)]
        if len(good) < 4:
            continue
        at = np.array([(a.x_mm, a.y_mm) for a in good])
        value = np.array([(a.dx_mm, a.dy_mm)[axis] for a in good])
        weight = np.array([2.0 if a.knows_x else 1.0 for a in good])
        for _ in range(2):
            off = np.abs(local_fit(at, value, weight, at) - value)
            keep = off < WILD_MM
            at, value, weight = at[keep], value[keep], weight[keep]
            if len(at) < 4:
                break
        if len(at) >= 4:
            fitted = local_fit(at, value, weight, nodes)
            shift[..., axis] += fitted.reshape(rows, cols).astype(np.float32)
    return replace(placement, shift_mm=shift)


def local_fit(at: Floats, value: Floats, weight: Floats, where: Floats) -> Floats:
    """Locally weighted linear regression with a ridge: (m,) values at `where` (m, 2)."""
    delta = at[None, :, :] - where[:, None, :]
    distance2 = (delta**2).sum(axis=2)
    w = weight[None, :] * np.exp(-distance2 / (2 * SPREAD_MM**2))
    design = np.concatenate([np.ones((*delta.shape[:2], 1)), delta / SPREAD_MM], axis=2)
    normal = np.einsum("mn,mni,mnj->mij", w, design, design)
    normal += np.diag([0.05, 1.0, 1.0])[None]
    right = np.einsum("mn,mni,n->mi", w, design, value)
    return np.asarray(np.linalg.solve(normal, right[..., None])[:, 0, 0])


@lru_cache(maxsize=8)
def _box_template(side_px: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """An empty box (darkness 0..1, a margin of paper around) and the mask of its outline."""
    pad = round(BOX_MARGIN_MM * PX_PER_MM)
    picture = np.zeros((side_px + 2 * pad, side_px + 2 * pad), np.float32)
    cv2.rectangle(picture, (pad, pad), (pad + side_px - 1, pad + side_px - 1), 1.0, 3)
    mask = np.ones_like(picture)
    inner = pad + round(0.5 * PX_PER_MM)
    mask[inner:-inner, inner:-inner] = 0
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.float32), mask


def locate_box(flat: Grey, box: Rect, reach_mm: float) -> tuple[float, float, float]:
    """(dx_mm, dy_mm, score 0..1) of a tick box's outline near where it should be.

    The inside is masked out, so that a tick neither moves nor hides the box.
    """
    template, mask = _box_template(round(box.w_mm * PX_PER_MM))
    reach = round(reach_mm * PX_PER_MM)
    left = (box.x_mm - BOX_MARGIN_MM) * PX_PER_MM
    top = (box.y_mm - BOX_MARGIN_MM) * PX_PER_MM
    x0, y0 = round(left) - reach, round(top) - reach
    x1, y1 = x0 + template.shape[1] + 2 * reach, y0 + template.shape[0] + 2 * reach
    if y0 < 0 or x0 < 0 or y1 > flat.shape[0] or x1 > flat.shape[1]:
        return 0.0, 0.0, 0.0
    dark = 1.0 - flat[y0:y1, x0:x1].astype(np.float32) / 255.0
    if float(dark.std()) < 0.01:
        return 0.0, 0.0, 0.0
    scores = cv2.matchTemplate(dark, template, cv2.TM_CCOEFF_NORMED, mask=mask)
    scores = np.nan_to_num(scores, nan=0.0, posinf=0.0, neginf=0.0)
    _, best, _, (bx, by) = cv2.minMaxLoc(scores)
    fx, fy = _peak(np.asarray(scores), bx, by)
    return (x0 + fx - left) / PX_PER_MM, (y0 + fy - top) / PX_PER_MM, float(best)


def _peak(scores: NDArray[np.float32], x: int, y: int) -> tuple[float, float]:
    """Sub-pixel place of the best score by a parabola each way."""

    def vertex(a: float, b: float, c: float) -> float:
        bend = a - 2 * b + c
        return 0.0 if bend >= 0 else float(np.clip(0.5 * (a - c) / bend, -0.5, 0.5))

    height, width = scores.shape
    dx = vertex(*scores[y, x - 1 : x + 2].tolist()) if 0 < x < width - 1 else 0.0
    dy = vertex(*scores[y - 1 : y + 2, x].tolist()) if 0 < y < height - 1 else 0.0
    return x + dx, y + dy


def locate_rule(
    flat: Grey, x0_mm: float, x1_mm: float, y_mm: float, reach_mm: float
) -> tuple[float, float]:
    """(dy_mm, contrast 0..1) of a thin rule in one strip of paper.

    Each row counts as dark as its 35th percentile: a rule runs through, strokes only cross.
    """
    reach = round((reach_mm + 0.4) * PX_PER_MM)
    middle = round(y_mm * PX_PER_MM)
    strip = flat[
        max(0, middle - reach) : middle + reach + 1,
        round(x0_mm * PX_PER_MM) : round(x1_mm * PX_PER_MM),
    ]
    if strip.shape[0] < 2 * reach + 1 or strip.shape[1] < PX_PER_MM:
        return 0.0, 0.0
    profile = 1.0 - np.percentile(strip, 65, axis=1) / 255.0
    profile = np.clip(profile - np.median(profile), 0.0, None)
    best = int(np.argmax(profile))
    if not 2 <= best < len(profile) - 2 or profile[best] <= 0:
        return 0.0, 0.0
    near = profile[best - 2 : best + 3]
    place = best + float((near * np.arange(-2, 3)).sum() / near.sum())
    return (middle - reach + place + 0.5) / PX_PER_MM - y_mm, float(profile[best])
