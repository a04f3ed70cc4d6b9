"""Plain geometry on paper: millimetres, origin top left, x right, y down. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MM_PER_INCH = 25.4
PT_PER_MM = 72.0 / MM_PER_INCH

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """An upright rectangle, in millimetres.

    >>> Rect(x_mm=10, y_mm=20, w_mm=5, h_mm=5).right_mm
    15
    """

    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float

    @property
    def right_mm(self) -> float:
        return self.x_mm + self.w_mm

    @property
    def bottom_mm(self) -> float:
        return self.y_mm + self.h_mm

    @property
    def centre_mm(self) -> Point:
        return self.x_mm + self.w_mm / 2, self.y_mm + self.h_mm / 2

    @property
    def quad_mm(self) -> Quad:
        """Corners, top left first, clockwise."""
        return (
            (self.x_mm, self.y_mm),
            (self.right_mm, self.y_mm),
            (self.right_mm, self.bottom_mm),
            (self.x_mm, self.bottom_mm),
        )

    def grown(self, by_mm: float) -> Rect:
        """The rectangle pushed out by `by_mm` on every side (pulled in when negative)."""
        return Rect(
            x_mm=self.x_mm - by_mm,
            y_mm=self.y_mm - by_mm,
            w_mm=self.w_mm + 2 * by_mm,
            h_mm=self.h_mm + 2 * by_mm,
        )

    def stretched(
        self, *, left_mm: float = 0, right_mm: float = 0, above_mm: float = 0, below_mm: float = 0
    ) -> Rect:
        """The rectangle pushed out by as much on each side."""
        return Rect(
            x_mm=self.x_mm - left_mm,
            y_mm=self.y_mm - above_mm,
            w_mm=self.w_mm + left_mm + right_mm,
            h_mm=self.h_mm + above_mm + below_mm,
        )

    def overlaps(self, other: Rect) -> bool:
        return (
            self.x_mm < other.right_mm
            and other.x_mm < self.right_mm
            and self.y_mm < other.bottom_mm
            and other.y_mm < self.bottom_mm
        )

    def as_list(self) -> list[float]:
        """[x, y, w, h] rounded to a micrometre, as the layout contract has it."""
        return [round(v, 3) for v in (self.x_mm, self.y_mm, self.w_mm, self.h_mm)]


def hull(boxes: Sequence[Rect]) -> Rect:
    """The smallest rectangle around all of them, of which there is at least one."""
    left, top = min(b.x_mm for b in boxes), min(b.y_mm for b in boxes)
    right, bottom = max(b.right_mm for b in boxes), max(b.bottom_mm for b in boxes)
    return Rect(x_mm=left, y_mm=top, w_mm=right - left, h_mm=bottom - top)


def mm_to_pt(value_mm: float) -> float:
    return value_mm * PT_PER_MM


def pt_to_mm(value_pt: float) -> float:
    return value_pt / PT_PER_MM
