"""A phone held over a leaflet on a desk: perspective, uneven light, shadows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_pipeline.demo.sheet import Floats, Sheet, as_rgb, shaded, through, warped
from scan_pipeline.demo.warps import Effect, shift


def photographed(
    *, tilt_deg: float = 25.0, darkest: float = 0.45, shadow: bool = False, side_px: int = 3600
) -> Effect:
    """Held under a phone on a desk: perspective, light that falls off, perhaps a hand's shadow."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        colour = replace(sheet, image=as_rgb(sheet.image))
        out_w, out_h = side_px, side_px * 3 // 4
        matrix = _camera(colour, rng, tilt_deg, (out_w, out_h))
        desk = _desk(rng, out_w, out_h)
        corners = through(matrix, _corners_px(colour))
        desk = shaded(desk, _page_shadow(corners, out_w, out_h, rng))
        shot = warped(colour, matrix, (out_w, out_h), background=desk)
        light = _falling_light(rng, darkest)
        if shadow:
            light = light * _hand_shadow(rng, light.shape)
        tint = np.array([1.0, rng.uniform(0.95, 1.0), rng.uniform(0.86, 1.0)])
        lit = shaded(shot.image, light).astype(np.float32) * tint.astype(np.float32)
        return replace(shot, image=lit.astype(np.uint8))

    return effect


def wide_angle(least: float = 0.02, most: float = 0.08) -> Effect:
    """A wide lens: the picture bulges. A corner of it comes nearer to the middle by such a share
    (Brown's model, one coefficient)."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        height, width = sheet.image.shape[:2]
        middle, half = np.array([(width - 1) / 2, (height - 1) / 2]), np.hypot(width, height) / 2
        k = float(rng.uniform(least, most))
        before = sheet.to_px

        def to_px(mm: Floats) -> Floats:
            away = (before(mm) - middle) / half
            return np.asarray(middle + half * away * (1 - k * (away**2).sum(axis=1, keepdims=True)))

        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        x, y = (xs - np.float32(middle[0])) / half, (ys - np.float32(middle[1])) / half
        far = np.hypot(x, y)
        true = far.copy()
        for _ in range(12):  # the way back has no formula; this converges fast
            true = far / (1 - k * true**2)
        grow = np.where(far > 0, true / np.maximum(far, 1e-6), 1.0).astype(np.float32)
        across, down = (
            (np.float32(m) + half * v * grow).astype(np.float32)
            for m, v in zip(middle, (x, y), strict=True)
        )
        image = cv2.remap(
            sheet.image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return replace(sheet, image=np.asarray(image, np.uint8), to_px=to_px)

    return effect


def _camera(
    sheet: Sheet, rng: np.random.Generator, tilt_deg: float, size: tuple[int, int]
) -> Floats:
    """Homography of a pinhole camera that looks at the page from up to `tilt_deg` off upright."""
    height, width = sheet.image.shape[:2]
    tilt = np.deg2rad(rng.uniform(0.3, 1.0) * tilt_deg)
    toward, spin = rng.uniform(0, 2 * np.pi), np.deg2rad(rng.normal(0, 5))
    focal = 1.15 * size[0]
    axis = np.array([np.cos(toward), np.sin(toward), 0.0]) * tilt
    rotation = cv2.Rodrigues(axis)[0] @ cv2.Rodrigues(np.array([0.0, 0.0, spin]))[0]
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    flat = rotation[:, :2]
    # Step back until the page fills about nine tenths of the picture.
    distance = focal * width / size[0]
    for _ in range(40):
        seen = np.column_stack([corners, np.ones(4)]) @ _pinhole(flat, focal, distance).T
        seen = seen[:, :2] / seen[:, 2:3]
        middle = (seen.max(axis=0) + seen.min(axis=0)) / 2
        spread = (seen.max(axis=0) - seen.min(axis=0)) / np.array(size)
        if spread.max() <= 0.92:
            break
        distance *= 1.03
    aim = np.array(size) / 2 - middle + rng.uniform(-0.02, 0.02, 2) * np.array(size)
    return np.asarray(
        shift(float(aim[0]), float(aim[1]))
        @ _pinhole(flat, focal, distance)
        @ shift(0.5 - width / 2, 0.5 - height / 2)
    )


def _pinhole(flat: Floats, focal: float, distance: float) -> Floats:
    """3x3 map from the page plane (pixels about its middle) to the picture (about its middle)."""
    lens = np.diag([focal, focal, 1.0])
    return np.asarray(lens @ np.column_stack([flat, [0.0, 0.0, distance]]))


def _desk(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Wood, roughly: long soft streaks in a brown or grey."""
    raw = rng.standard_normal((height // 8, width // 8)).astype(np.float32)
    streaks = np.asarray(cv2.GaussianBlur(raw, (0, 0), 20, sigmaY=0.8), np.float32)
    streaks /= float(np.abs(streaks).max())
    full = cv2.resize(streaks, (width, height), interpolation=cv2.INTER_CUBIC)
    base = np.array([(120, 84, 56), (70, 60, 54), (168, 138, 104), (92, 96, 100)])
    wood = base[int(rng.integers(0, len(base)))].astype(np.float32)
    return np.asarray(np.clip(wood + 28 * full[..., None], 0, 255), np.uint8)


def _corners_px(sheet: Sheet) -> Floats:
    height, width = sheet.image.shape[:2]
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]) - 0.5


def _page_shadow(
    corners: Floats, width: int, height: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Paper never lies quite flat: a narrow soft shadow along two of its edges."""
    step = 4
    mask = np.zeros((height // step, width // step), np.uint8)
    away = rng.uniform(8, 26) * np.array([rng.choice([-1, 1]), rng.choice([-1, 1])])
    cv2.fillConvexPoly(mask, np.round((corners + away) / step).astype(np.int32), 255)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), float(rng.uniform(2.5, 5)))
    return np.asarray(1 - rng.uniform(0.3, 0.5) * soft, np.float32)


def _falling_light(rng: np.random.Generator, darkest: float) -> NDArray[np.float32]:
    """A lamp to one side: 1 at the brightest corner, down to between `darkest` and 0.85."""
    ys, xs = np.mgrid[0:48, 0:64].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = (xs / 63 - 0.5) * np.cos(angle) + (ys / 47 - 0.5) * np.sin(angle)
    along = (along - along.min()) / (along.max() - along.min())
    low = rng.uniform(darkest, 0.85)
    return np.asarray(low + (1 - low) * along**1.3, np.float32)


def _hand_shadow(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A soft-edged dark shape that reaches in from one edge."""
    height, width = shape
    mask = np.zeros((height, width), np.uint8)
    x, y = rng.uniform(0.2, 0.9) * width, height * rng.choice([0.0, 1.0])
    for _ in range(5):
        at = (int(x + rng.normal(0, width / 12)), int(y + rng.normal(0, height / 8)))
        size = (int(rng.uniform(4, 12)), int(rng.uniform(12, 26)))
        cv2.ellipse(mask, at, size, float(rng.uniform(-40, 40)), 0, 360, 1, -1)
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), float(rng.uniform(0.8, 2.5)))
    return np.asarray(1 - rng.uniform(0.25, 0.5) * soft, np.float32)
