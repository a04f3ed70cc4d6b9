"""One character a cell: the reading model held to what the field may say.

The model reads lines, so the glyphs are set side by side as a line, in two ways, and each is looked
at by itself too. How many characters there are is known, and what each may be: the chances are
those of all readings that keep to both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise.model import BLANK, Posteriors
from scan_pipeline.reading.recognise.picture import ready

Floats = NDArray[np.float64]

GAP_PX = 8
EVEN_PX = 60
BESIDE = 0.35
FLOOR = 1e-6


def chances(
    glyphs: Sequence[Grey],
    rises_px: Sequence[int],
    allowed: Sequence[str],
    letters: Sequence[str],
    posteriors: Callable[[NDArray[np.float32]], Posteriors],
) -> Floats:
    """(glyphs, views, allowed): the chance of each character for each glyph, in three views.

    `glyphs`: cropped tight, `rises_px[k]` rows below the top of its cell. `allowed`: what may be
    read; each entry is one character in its forms ("Aa"). `letters`: of the model's classes.
    """
    classes = [[k for k, letter in enumerate(letters) if letter and letter in a] for a in allowed]

    def held(picture: Grey, count: int) -> Floats:
        found = posteriors(ready(picture)).astype(np.float64)
        of_each = np.stack([found[:, each].sum(axis=1) for each in classes], axis=1)
        return of_length(of_each, found[:, BLANK], count)

    alone = np.stack([held(_framed(glyph), 1)[0] for glyph in glyphs])
    as_written = held(_side_by_side(glyphs, rises_px), len(glyphs))
    scaled = [_of_height(glyph) for glyph in glyphs]
    even = held(_side_by_side(scaled, [EVEN_PX - g.shape[0] for g in scaled]), len(glyphs))
    return np.stack([as_written, even, alone], axis=1)


def of_length(steps: Floats, blank: Floats, count: int) -> Floats:
    """(count, characters): the chance of each character in each place, over all CTC paths that
    spell exactly `count` characters.

    `steps`: (steps, characters), `blank`: (steps,), the model's chances.
    """
    p, b = steps + FLOOR, blank + FLOOR
    length, kinds = p.shape
    rest = np.zeros((length + 1, count + 1))  # after k characters, between strokes
    inside = np.zeros((length + 1, count + 1, kinds))  # within the k-th, which is of this kind
    enter = np.zeros((length + 1, count + 1, kinds))
    scale = np.ones(length + 1)
    rest[0, 0] = 1.0
    for t in range(length):
        before = inside[t].sum(axis=1, keepdims=True) - inside[t]
        enter[t + 1, 1:] = p[t] * (rest[t, :-1, None] + before[:-1])
        inside[t + 1] = p[t] * inside[t] + enter[t + 1]
        rest[t + 1] = b[t] * (rest[t] + inside[t].sum(axis=1))
        scale[t + 1] = rest[t + 1].sum() + inside[t + 1].sum()
        for table in (rest, inside, enter):
            table[t + 1] /= scale[t + 1]
    total = np.zeros((count + 1, kinds))
    after_rest, after_inside = np.zeros(count + 1), np.zeros((count + 1, kinds))
    after_rest[count], after_inside[count] = 1.0, 1.0
    for t in range(length, 0, -1):
        total += enter[t] * after_inside
        onward = p[t - 1] * after_inside
        begin = np.zeros((count + 1, kinds))
        begin[:-1] = onward[1:]
        every = begin.sum(axis=1, keepdims=True)
        between = (b[t - 1] * after_rest)[:, None]
        after_inside = (onward + between + every - begin) / scale[t]
        after_rest = (between + every)[:, 0] / scale[t]
    found = total[1:]
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300))


def _framed(glyph: Grey) -> Grey:
    above, beside = round(0.1 * glyph.shape[0]), round(BESIDE * glyph.shape[0])
    return np.pad(glyph, ((above, above), (beside, beside)), constant_values=255)


def _of_height(glyph: Grey) -> Grey:
    """Enlarged to `EVEN_PX`; a wide stroke such as a hyphen less."""
    scale = EVEN_PX / max(glyph.shape[0], round(0.8 * glyph.shape[1]))
    size = (max(1, round(glyph.shape[1] * scale)), max(1, round(glyph.shape[0] * scale)))
    return np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), np.uint8)


def _side_by_side(glyphs: Sequence[Grey], rises_px: Sequence[int]) -> Grey:
    """Glyphs as one line of writing at their own heights, cropped to its ink."""
    top = min(rises_px)
    height = max(rise - top + g.shape[0] for g, rise in zip(glyphs, rises_px, strict=True))
    parts = []
    for glyph, rise in zip(glyphs, rises_px, strict=True):
        part = np.full((height, glyph.shape[1] + GAP_PX), 255, np.uint8)
        part[rise - top : rise - top + glyph.shape[0], GAP_PX // 2 : -GAP_PX // 2] = glyph
        parts.append(part)
    return np.hstack(parts)
