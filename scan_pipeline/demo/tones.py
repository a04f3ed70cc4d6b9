"""Effects that change ink and paper but move nothing: scanners, copiers, coffee.

Each function makes an `Effect`, a pure function (sheet, rng) -> sheet.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from scan_pipeline.demo.sheet import Image, Sheet, as_grey, as_rgb, shaded, smooth_noise
from scan_pipeline.demo.warps import Effect


def blurred(low_mm: float, high_mm: float) -> Effect:
    """Out of focus, by a Gaussian of this many millimetres."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        sigma = float(rng.uniform(low_mm, high_mm)) * sheet.px_per_mm
        soft = cv2.GaussianBlur(sheet.image, (0, 0), max(0.1, sigma))
        return replace(sheet, image=np.asarray(soft, np.uint8))

    return effect


def noisy(low: float, high: float) -> Effect:
    """Sensor grain with this standard deviation in grey levels."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        grain = np.empty(sheet.image.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(0, 2**31 - 1)))
        sigma = float(rng.uniform(low, high))
        spread = np.full(3 if sheet.image.ndim == 3 else 1, sigma)
        cv2.randn(grain, np.zeros_like(spread), spread)
        image = cv2.add(sheet.image, grain, dtype=cv2.CV_8U)
        return replace(sheet, image=np.asarray(image, np.uint8))

    return effect


def jpeg(low: int, high: int) -> Effect:
    """Saved as a JPEG of a quality in this range, and opened again."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        quality = int(rng.integers(low, high + 1))
        _, data = cv2.imencode(".jpg", sheet.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return replace(sheet, image=np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8))

    return effect


def one_bit(low: int = 120, high: int = 190) -> Effect:
    """Fax mode: black or white, cut at a level in this range."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        level = int(rng.integers(low, high + 1))
        black = np.where(as_grey(sheet.image) < level, 0, 255)
        return replace(sheet, image=black.astype(np.uint8))

    return effect


def dithered() -> Effect:
    """Black and white dots that stand for grey (Floyd and Steinberg)."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        dots = PilImage.fromarray(as_grey(sheet.image)).convert("1").convert("L")
        return replace(sheet, image=np.asarray(dots, np.uint8))

    return effect


def contrasted(ink: tuple[int, int], paper: tuple[int, int]) -> Effect:
    """Black becomes a grey in `ink`, white one in `paper`: the scanner's own range."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        low, high = float(rng.uniform(*ink)), float(rng.uniform(*paper))
        table = np.linspace(low, high, 256).astype(np.uint8)
        return replace(sheet, image=np.asarray(cv2.LUT(sheet.image, table), np.uint8))

    return effect


def faint_toner() -> Effect:
    """The cartridge is nearly empty: pale print, paler in stripes along the feed."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        stripes = smooth_noise(rng, (1, 120), 3.0)
        strength = np.clip(rng.uniform(0.4, 0.6) + 0.2 * stripes, 0.25, 1.0)
        height, width = sheet.image.shape[:2]
        row = cv2.resize(strength.astype(np.float32), (width, 1))
        keep = np.repeat(row, height, axis=0)
        ink = 255 - as_grey(sheet.image)
        pale = 255 - cv2.multiply(ink, keep, dtype=cv2.CV_8U)
        return replace(sheet, image=np.asarray(pale, np.uint8))

    return effect


def photocopied(times: int = 1) -> Effect:
    """Through the copier: harder contrast, speckle, thicker or thinner lines."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        sheet = replace(sheet, image=as_grey(sheet.image))
        for _ in range(times):
            soft = cv2.GaussianBlur(sheet.image, (0, 0), 0.07 * sheet.px_per_mm).astype(np.float32)
            hard = (soft - rng.uniform(120, 165)) * rng.uniform(2.0, 3.5) + 128
            image = np.clip(hard, rng.uniform(0, 40), 255).astype(np.uint8)
            sheet = replace(sheet, image=_speckled(image, sheet.px_per_mm, rng))
        return sheet

    return effect


def _speckled(image: Image, px_per_mm: float, rng: np.random.Generator) -> Image:
    """Toner specks of 0.1 to 0.4 mm, a few hundred on a page."""
    out = image.copy()
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(80, 300))):
        at = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        radius = max(1, round(float(rng.uniform(0.05, 0.2)) * px_per_mm))
        cv2.circle(out, at, radius, int(rng.uniform(20, 120)), -1)
    return out


def stained() -> Effect:
    """Tea: rings from the mug, pools with a darker rim, and drops beside them."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        height, width = (n // 4 for n in sheet.image.shape[:2])
        scale = sheet.px_per_mm / 4
        depth = np.zeros((height, width), np.float32)
        for _ in range(int(rng.integers(1, 3))):
            middle = (float(rng.uniform(0.1, 0.9) * width), float(rng.uniform(0.1, 0.9) * height))
            stain = _ring if rng.random() < 0.5 else _pool
            depth = np.maximum(depth, stain(depth.shape, middle, scale, rng))
            for _ in range(int(rng.integers(0, 6))):
                at = tuple(int(m + rng.normal(0, 30) * scale) for m in middle)
                cv2.circle(depth, at, max(1, int(rng.uniform(0.4, 1.6) * scale)), 0.5, -1)
        soft = np.asarray(cv2.GaussianBlur(depth, (0, 0), 0.22 * scale), np.float32)
        soft *= 1 + 0.25 * smooth_noise(rng, (height, width), 8)
        return replace(sheet, image=_tea(sheet.image, soft, float(rng.uniform(0.3, 0.7))))

    return effect


def _from_middle(
    shape: tuple[int, ...], middle: tuple[float, float], rng: np.random.Generator, ripple: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Distance (pixels, uneven by a share of `ripple`) and direction (radians) of every pixel."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    dx, dy = xs - middle[0], ys - middle[1]
    angle = np.arctan2(dy, dx)
    uneven = sum(
        rng.normal(0, ripple / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
        for k in (1, 2, 3, 5, 8)
    )
    return np.asarray(np.hypot(dx, dy) * (1 + uneven), np.float32), np.asarray(angle, np.float32)


def _ring(
    shape: tuple[int, ...], middle: tuple[float, float], scale: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """What the foot of a mug leaves: thin, of uneven strength, with a gap."""
    away, angle = _from_middle(shape, middle, rng, 0.004)
    radius, half = rng.uniform(34, 42) * scale, rng.uniform(0.5, 1.1) * scale
    edge = np.exp(-(((away - radius) / half) ** 2))
    inner = 0.35 * np.exp(-(((away - radius + 2.5 * half) / (2 * half)) ** 2))
    strength = 0.55 + 0.45 * np.cos(angle - rng.uniform(0, 2 * np.pi))
    strength *= 0.75 + 0.25 * np.cos(3 * angle + rng.uniform(0, 2 * np.pi))
    return np.asarray((edge + inner) * np.clip(strength, 0.02, 1.0), np.float32)


def _pool(
    shape: tuple[int, ...], middle: tuple[float, float], scale: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Spilt and dried: pale inside, dark where the edge dried last."""
    away, _ = _from_middle(shape, middle, rng, 0.12)
    radius = rng.uniform(12, 34) * scale
    inside = 0.5 + 0.5 * np.tanh((radius - away) / (0.5 * scale))
    rim = np.exp(-np.maximum(radius - away, 0) / (1.1 * scale)) * inside
    return np.asarray(0.32 * inside + 0.65 * rim, np.float32)


def _tea(image: Image, depth: NDArray[np.float32], strength: float) -> Image:
    rgb = as_rgb(image)
    planes = [np.ascontiguousarray(rgb[..., k]) for k in range(3)]
    takes = (0.35, 0.55, 0.9)  # tea takes blue light most
    lit = [shaded(p, 1 - strength * t * depth) for p, t in zip(planes, takes, strict=True)]
    return np.asarray(cv2.merge(lit), np.uint8)


def coloured_paper() -> Effect:
    """Printed on whatever paper the office had."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        papers = [
            (255, 244, 150),
            (180, 225, 175),
            (250, 190, 205),
            (170, 205, 240),
            (250, 205, 140),
        ]
        tint = np.array(papers[int(rng.integers(0, len(papers)))], np.float32) / 255
        return replace(sheet, image=(as_rgb(sheet.image) * tint).astype(np.uint8))

    return effect


def grey() -> Effect:
    """Scanned without colour."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        return replace(sheet, image=as_grey(sheet.image))

    return effect


def covered_fiducials(count: int) -> Effect:
    """A thumb, a sticker or a blot over `count` of the corner marks."""

    def effect(sheet: Sheet, rng: np.random.Generator) -> Sheet:
        if not sheet.fiducials:
            return sheet
        image = sheet.image.copy()
        chosen = rng.choice(len(sheet.fiducials), min(count, len(sheet.fiducials)), replace=False)
        for k in chosen:
            quad = np.array(sheet.fiducials[int(k)].grown(0.8).quad_mm)
            points = np.round(sheet.to_px(quad)).astype(np.int32)
            shade = int(rng.choice([20, 90, 200, 255]))
            cv2.fillConvexPoly(image, points, (shade, shade, shade))
        return replace(sheet, image=image)

    return effect
