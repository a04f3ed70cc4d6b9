"""Effects that move ink: how paper lies, folds, crumples and slips.

Each function makes an `Effect`, a pure function (sheet, rng) -> sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.demo.sheet import (
    Floats,
    Sheet,
    displaced,
    shaded,
    smooth_noise,
    warped,
)

Effect = Callable[[Sheet, np.random.Generator], Sheet]
GRID_MM = 2.0


def rotated(largest_deg: float, *, whole: bool = False, fill: int = 250) -> Effect:
    """Laid askew by up to `largest_deg` either way; `whole` keeps the corners in the picture."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        angle = np.deg2rad(rng.uniform(-largest_deg, largest_deg))
        height, width = sheet.image.shape[:2]
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        out_w, out_h = width, height
        if whole:
            out_w = int(np.ceil(abs(width * cos) + abs(height * sin)))
            out_h = int(np.ceil(abs(width * sin) + abs(height * cos)))
        turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        matrix = shift(out_w / 2 - 0.5, out_h / 2 - 0.5) @ turn
        matrix = matrix @ shift(0.5 - width / 2, 0.5 - height / 2)
        return warped(sheet, matrix, (out_w, out_h), fill=fill)

    return effect


def quarter_turned(turns: int | None = None) -> Effect:
    """Fed the other way up: `turns` quarter turns clockwise, at random when None."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        count = int(rng.integers(0, 4)) if turns is None else turns % 4
        for _ in range(count):
            height = sheet.image.shape[0]
            before = sheet.to_px

            def to_px(mm: Floats, before: object = before, height: int = height) -> Floats:
                assert callable(before)
                old = before(mm)
                return np.column_stack([height - 1 - old[:, 1], old[:, 0]])

            image = np.ascontiguousarray(np.rot90(sheet.image, -1))
            sheet = replace(sheet, image=image, to_px=to_px)
        return sheet

    return effect


def resized(low: float, high: float, *, canvas: bool = False) -> Effect:
    """The picture grown or shrunk by a factor in the range; `canvas` keeps its size, as a print
    at 94 % leaves white margins on the same paper."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        factor = float(rng.uniform(low, high))
        height, width = sheet.image.shape[:2]
        out_w, out_h = round(width * factor), round(height * factor)
        sx, sy = out_w / width, out_h / height
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        image = np.asarray(cv2.resize(sheet.image, (out_w, out_h), interpolation=method), np.uint8)
        before = sheet.to_px

        def to_px(mm: Floats) -> Floats:
            return np.asarray((before(mm) + 0.5) * np.array([sx, sy]) - 0.5)

        grown = replace(sheet, image=image, to_px=to_px, px_per_mm=sheet.px_per_mm * sx)
        if not canvas:
            return grown
        matrix = shift((width - out_w) / 2, (height - out_h) / 2)
        # Larger than the paper: the printer keeps the middle and loses the margins.
        return warped(grown, matrix, (width, height), fill=252)

    return effect


def at_dpi(*choices: int) -> Effect:
    """Scanned at one of these resolutions."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        factor = float(rng.choice(choices)) / 25.4 / sheet.px_per_mm
        return resized(factor, factor)(sheet, rng)

    return effect


def edge_cut(largest_mm: float) -> Effect:
    """One side did not make it onto the glass."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        cut = int(rng.uniform(0.4, 1.0) * largest_mm * sheet.px_per_mm)
        side = int(rng.integers(0, 4))
        height, width = sheet.image.shape[:2]
        top, left = (cut if side == 0 else 0), (cut if side == 3 else 0)
        bottom = height - (cut if side == 2 else 0)
        right = width - (cut if side == 1 else 0)
        before = sheet.to_px
        return replace(
            sheet,
            image=np.ascontiguousarray(sheet.image[top:bottom, left:right]),
            to_px=lambda mm: before(mm) - np.array([left, top]),
        )

    return effect


def folded(largest_mm: float = 0.7) -> Effect:
    """Folded and opened: the print kinks at the crease, which catches or loses the light."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        rows, cols = _grid(sheet)
        down, across = _coordinates(sheet, rows, cols)
        upright = rng.random() < 0.7  # most are folded as the leaflet is meant to be
        tilt = float(rng.normal(0, 0.02))
        middle = (cols if upright else rows) * GRID_MM / 2 + float(rng.normal(0, 3))
        away = (across - middle + tilt * down) if upright else (down - middle + tilt * across)
        tent = np.maximum(0.0, 1.0 - np.abs(away) / rng.uniform(18, 45))
        kink = rng.uniform(0.3, 1.0) * largest_mm * sheet.px_per_mm * tent
        angle = rng.uniform(0, 2 * np.pi)
        field = np.stack([kink * np.cos(angle), kink * np.sin(angle)], axis=-1)
        moved = displaced(sheet, field.astype(np.float32))
        return replace(moved, image=_crease(moved, upright, middle, tilt, rng))

    return effect


def _crease(
    sheet: Sheet, upright: bool, middle_mm: float, tilt: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A thin bright or dark line, and one side of the fold a little darker."""
    step = 2  # pixels: fine enough for a line of half a millimetre
    height, width = (n // step for n in sheet.image.shape[:2])
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) * step / sheet.px_per_mm
    away = (xs - middle_mm + tilt * ys) if upright else (ys - middle_mm + tilt * xs)
    strength = rng.uniform(0.08, 0.3) * rng.choice([-1.0, 1.0])
    light = 1 + strength * np.exp(-((away / 0.45) ** 2))
    light -= rng.uniform(0.0, 0.08) * np.exp(-np.maximum(away, 0) / 25) * (away > 0)
    return shaded(sheet.image, light.astype(np.float32))


def crumpled(largest_mm: float = 1.3) -> Effect:
    """Smoothed out again after a pocket: every part has moved a little, creases have shadows."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        rows, cols = _grid(sheet)
        sigma = rng.uniform(18, 32) / GRID_MM
        # Two fields, each to largest / sqrt 2, so that no point moves further than `largest_mm`.
        reach = largest_mm / np.sqrt(2) * sheet.px_per_mm
        field = np.stack([smooth_noise(rng, (rows, cols), sigma) for _ in range(2)], axis=-1)
        moved = displaced(sheet, (field * reach).astype(np.float32))
        return replace(moved, image=shaded(moved.image, _facets(moved, rng)))

    return effect


def _facets(sheet: Sheet, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light on crumpled paper: flat facets between sharp creases, each tilted another way.

    A crease bends the paper along one line and fades out towards its ends.
    """
    step = 4  # pixels: a third of a millimetre
    height, width = (n // step for n in sheet.image.shape[:2])
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) * step / sheet.px_per_mm
    lamp = rng.uniform(0, 2 * np.pi)
    light = np.ones((height, width), np.float32)
    for _ in range(int(rng.integers(24, 40))):
        toward = rng.uniform(0, np.pi)
        x, y = rng.uniform(0, float(xs.max())), rng.uniform(0, float(ys.max()))
        across = (xs - x) * np.cos(toward) + (ys - y) * np.sin(toward)
        along = (ys - y) * np.cos(toward) - (xs - x) * np.sin(toward)
        reach = np.exp(-((along / rng.uniform(20, 70)) ** 2) - np.abs(across) / rng.uniform(8, 25))
        tilt = rng.uniform(0.03, 0.11) * np.cos(toward - lamp) * rng.choice([-1.0, 1.0])
        light += tilt * np.tanh(across / 0.5) * reach
        light -= 0.05 * np.exp(-((across / 0.35) ** 2)) * reach  # the worn edge itself
    return np.asarray(np.clip(light, 0.6, 1.04), np.float32)


def curled(most: float = 0.05, reach_mm: float = 110.0) -> Effect:
    """One side rises towards the camera or falls away from it, and a hand hides its corner marks.

    What has risen by z of the camera's height lies that much further from the middle; `most`: z at
    the edge, which fades to 0 at `reach_mm` from it.
    """

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        rows, cols = _grid(sheet)
        down, across = _coordinates(sheet, rows, cols)
        along = across if rng.random() < 0.5 else down
        from_edge = along if rng.random() < 0.5 else along.max() - along
        rise = rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 1.0) * most
        rise = rise * np.maximum(0.0, 1.0 - from_edge / reach_mm) ** 2
        away = np.stack([across - across.mean(), down - down.mean()], axis=-1)
        field = -rise[..., None] * away * sheet.px_per_mm
        return displaced(_under_fingers(sheet, from_edge), field.astype(np.float32))

    return effect


def _under_fingers(sheet: Sheet, from_edge: Floats) -> Sheet:
    """The two corner marks nearest to an edge hidden; `from_edge`: a grid over the page, mm."""
    cell = GRID_MM * sheet.px_per_mm
    marks = [sheet.to_px(np.array([m.centre_mm]))[0] for m in sheet.fiducials]
    marks.sort(key=lambda at: float(from_edge[int(at[1] / cell), int(at[0] / cell)]))
    image = sheet.image.copy()
    for x, y in marks[:2]:
        cv2.circle(image, (round(x), round(y)), round(9 * sheet.px_per_mm), (200, 150, 125), -1)
    return replace(sheet, image=image)


def slipped(largest_mm: float = 0.8) -> Effect:
    """The feeder slips: past some lines the rest of the page comes early or late."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        rows, cols = _grid(sheet)
        down, across = _coordinates(sheet, rows, cols)
        along = down if rng.random() < 0.5 else across
        sideways = along is across
        shift = np.zeros((rows, cols))
        for _ in range(int(rng.integers(1, 4))):
            where = rng.uniform(0.1, 0.9) * float(along.max())
            size = rng.uniform(-1, 1) * largest_mm / 2
            shift += size / (1 + np.exp(-(along - where) / 2.5))
        shift *= sheet.px_per_mm
        zero = np.zeros_like(shift)
        field = np.stack([shift, zero] if sideways else [zero, shift], axis=-1)
        return displaced(sheet, field.astype(np.float32))

    return effect


def shift(dx: float, dy: float) -> Floats:
    """3x3 translation in pixels."""
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def _grid(sheet: Sheet) -> tuple[int, int]:
    """Rows and columns of a displacement grid of about `GRID_MM`."""
    height, width = sheet.image.shape[:2]
    cell = GRID_MM * sheet.px_per_mm
    return max(4, round(height / cell)), max(4, round(width / cell))


def _coordinates(sheet: Sheet, rows: int, cols: int) -> tuple[Floats, Floats]:
    """Millimetres (down, across) at the cells of the grid."""
    down, across = np.mgrid[0:rows, 0:cols].astype(np.float64)
    return (down + 0.5) * GRID_MM, (across + 0.5) * GRID_MM
