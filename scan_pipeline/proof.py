"""Will leaflets printed and scanned this way work? One sentence from a scan of a blank one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scan_pipeline.forms import Forms
from scan_pipeline.page import Grey, RegisteredPage
from scan_pipeline.reading.place import place

LOW_DPI = 180
SCALE_OK = (0.93, 1.03)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`dpi` is of the paper if it was printed at 100 %; `scale` needs the file's own dpi."""

    works: bool
    sentence: str
    markers_found: int = 0
    markers_printed: int = 0
    skew_deg: float = 0.0
    dpi: float = 0.0
    scale: float | None = None


def prove(grey: Grey, forms: Forms, file_dpi: float | None) -> Proof:
    """Judge one page image; `file_dpi` is what the file says of its own resolution, if anything."""
    placed = place(grey, forms)
    if not isinstance(placed, RegisteredPage):
        return Proof(works=False, sentence=f"This will not work yet. {placed.reason}")
    h = placed.placement.px_from_mm
    centre = np.array([placed.page.width_mm / 2, placed.page.height_mm / 2, 1.0])
    across_mm = np.array([50.0, 0.0, 0.0])
    right = h @ (centre + across_mm)
    left = h @ (centre - across_mm)
    across = right[:2] / right[2] - left[:2] / left[2]
    dpi = float(np.hypot(*across)) / 100.0 * 25.4
    turn = float(np.degrees(np.arctan2(across[1], across[0])))
    skew = (turn + 45) % 90 - 45
    scale = dpi / file_dpi if file_dpi else None
    found, printed = placed.placement.markers_found, len(placed.page.markers)
    doubts = _doubts(found, printed, dpi, scale)
    facts = f"{found} of {printed} marks found, {dpi:.0f} dpi, {abs(skew):.1f}° askew"
    if scale is not None:
        facts += f", printed at {scale:.0%}"
    opening = "This will work" if not doubts else "This can be read, but"
    sentence = f"{opening}: {facts}." + "".join(f" {doubt}" for doubt in doubts)
    return Proof(
        works=True,
        sentence=sentence,
        markers_found=found,
        markers_printed=printed,
        skew_deg=round(skew, 2),
        dpi=round(dpi, 1),
        scale=None if scale is None else round(scale, 3),
    )


def _doubts(found: int, printed: int, dpi: float, scale: float | None) -> list[str]:
    doubts = []
    if found < printed:
        doubts.append("Some marks are hidden or too faint: check the toner and the edges.")
    if dpi < LOW_DPI:
        doubts.append("Scan at 300 dpi: handwriting is hard to read below 200.")
    if scale is not None and not SCALE_OK[0] <= scale <= SCALE_OK[1]:
        doubts.append("Print at 100 %, without “fit to page”: the ruler should measure 100 mm.")
    return doubts
