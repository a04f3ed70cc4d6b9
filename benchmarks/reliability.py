"""Whether a confidence means what it says: of all that were given 0.9, nine in ten are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99, 0.999, 1.0)
SIDE, MARGIN = 360, 46


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """All that were given a chance in one range: how many, the mean chance, how many were right."""

    count: int
    said: float
    right: float


def bins(chances: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """One bin for each range of `EDGES` that holds anything."""
    said, truth = np.array(chances, float), np.array(right, float)
    which = np.clip(np.digitize(said, EDGES) - 1, 0, len(EDGES) - 2)
    return [
        Bin(
            count=int((which == k).sum()),
            said=float(said[which == k].mean()),
            right=float(truth[which == k].mean()),
        )
        for k in range(len(EDGES) - 1)
        if (which == k).any()
    ]


def expected_error(found: Sequence[Bin]) -> float:
    """Expected calibration error: how far said and true are apart, weighted by how many."""
    total = sum(b.count for b in found)
    return sum(b.count * abs(b.said - b.right) for b in found) / max(1, total)


def report(
    said: Sequence[float], right: Sequence[bool], path: Path, title: str, of: str
) -> Iterator[str]:
    """Draw the reliability plot at `path`; the same as lines of text, with the expected error.
    `of`: what was counted."""
    found = bins(said, right)
    yield f"\n{of} | said | true"
    for b in found:
        yield f"{b.count} | {b.said:.4f} | {b.right:.4f}"
    plot(found, path, title)
    yield f"expected calibration error {expected_error(found):.4f}; plot: {path}"


def plot(found: Sequence[Bin], path: Path, title: str) -> None:
    """A reliability plot as SVG: said (across) against true (up); dots grow with their numbers."""
    most = max((b.count for b in found), default=1)

    def at(x: float, y: float) -> tuple[float, float]:
        return MARGIN + x * SIDE, MARGIN + (1 - y) * SIDE

    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    size = SIDE + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect x="{x0}" y="{y1}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#999" stroke-dasharray="4"/>',
        f'<text x="{size / 2}" y="24" text-anchor="middle">{title}</text>',
        f'<text x="{size / 2}" y="{size - 10}" text-anchor="middle">said</text>',
        f'<text x="14" y="{size / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {size / 2})">true</text>',
    ]
    for b in found:
        x, y = at(b.said, b.right)
        radius = 3 + 9 * (np.log1p(b.count) / np.log1p(most))
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1f4e79" '
            f'fill-opacity="0.6"><title>{b.count}: said {b.said:.4f}, true {b.right:.4f}</title>'
            "</circle>"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>"]), "utf-8")
