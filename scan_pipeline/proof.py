"""Will leaflets printed and scanned this way work? One sentence from a scan of a blank one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scan_pipeline.forms import Forms
from scan_pipeline.page import BlankPage, Grey, RegisteredPage, Several
from scan_pipeline.reading import assemble
from scan_pipeline.reading.place import place

LOW_DPI = 180
FINE_AGREEMENT = 0.95
FULL_SIZE = (0.985, 1.015)
"""Printers and scanners are true to about one part in a hundred."""
READABLE_SIZE = (0.9, 1.1)
BELIEVED_SIZE = (0.6, 1.6)
"""Beyond this the file does not know its own resolution (photographs), and nothing is said."""
STRAIGHT_DEG = 5.0
MARKS_TO_SPARE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`dpi` counts pixels of the picture per inch of the form; `scale` is the size of the print,
    1 for 100 %, where the file states its own resolution. `agreement`: share of the printed boxes
    that were found where they should be. `inside`: the side that people write on; `written`: it
    is no blank leaflet. `file_dpi`: what the file states, where that can be believed.
    """

    works: bool
    sentence: str
    markers_found: int = 0
    markers_printed: int = 0
    skew_deg: float = 0.0
    dpi: float = 0.0
    scale: float | None = None
    file_dpi: float | None = None
    agreement: float = 0.0
    inside: bool = False
    written: bool = False


def prove(grey: Grey, forms: Forms, file_dpi: float | None) -> Proof:
    """Judge one page image; `file_dpi` is what the file says of its own resolution, if anything."""
    placed = place(grey, forms)
    if isinstance(placed, BlankPage):
        return Proof(
            works=False,
            sentence="This will not work yet: the page is empty. Scan the printed leaflet, and "
            "lay the printed side the way the scanner wants it.",
        )
    if isinstance(placed, Several):
        return Proof(
            works=False,
            sentence="There is more than one leaflet in this picture: scan one, blank, for the "
            "proof.",
        )
    if not isinstance(placed, RegisteredPage):
        return Proof(works=False, sentence=f"This will not work yet: {_lower(placed.reason)}")
    dpi, skew = _dpi_and_skew(placed)
    scale = dpi / file_dpi if file_dpi else None
    if scale is not None and not BELIEVED_SIZE[0] <= scale <= BELIEVED_SIZE[1]:
        scale = None
    return _judged(
        Proof(
            works=True,
            sentence="",
            markers_found=placed.placement.markers_found,
            markers_printed=len(placed.page.markers),
            skew_deg=round(skew, 2),
            dpi=round(dpi, 1),
            file_dpi=file_dpi if scale else None,
            scale=None if scale is None else round(scale, 3),
            agreement=round(placed.agreement, 3),
            inside=bool(placed.page.fields),
            written=not assemble.is_blank(assemble.read_fields(placed, None)),
        )
    )


def conclude(proofs: Sequence[Proof]) -> str:
    """What to tell a person: one sentence for all pages together, by the worst of each figure.
    `proofs`: one for each page, in order, at least one."""
    if len(proofs) == 1:
        return f"Page 1: {proofs[0].sentence}"
    bad = [(number, p) for number, p in enumerate(proofs, start=1) if not p.works]
    if bad:
        others = ", ".join(str(number) for number, _ in bad[1:])
        also = f" Page {others}: not yet either." if others else ""
        return f"Page {bad[0][0]} of {len(proofs)}: {bad[0][1].sentence}{also}"
    scales = [p.scale for p in proofs if p.scale is not None]
    worst = Proof(
        works=True,
        sentence="",
        markers_found=min(p.markers_found for p in proofs),
        markers_printed=max(p.markers_printed for p in proofs),
        skew_deg=max((p.skew_deg for p in proofs), key=abs),
        dpi=min(p.file_dpi or p.dpi for p in proofs),
        scale=max(scales, key=lambda scale: abs(scale - 1)) if scales else None,
        agreement=min(p.agreement for p in proofs),
        inside=any(p.inside for p in proofs),
        written=any(p.written for p in proofs),
    )
    return f"Pages 1 to {len(proofs)}: {_judged(worst, several=True).sentence}"


def _judged(figures: Proof, *, several: bool = False) -> Proof:
    """`figures` of what can be read, with the sentence."""
    doubts = _doubts(figures)
    opening = "This can be read, but could be better" if doubts else "This will work"
    facts = _facts(figures)
    if figures.written:
        facts += ", but " + ("some are" if several else "this one is") + " written on: use a blank"
    elif not figures.inside:
        facts += ", but this is the outside only: scan the inside too, where people write"
    if figures.written or not figures.inside:
        opening = opening.replace("This will work", "This would work")
    return replace(figures, sentence=" ".join([f"{opening}: {facts}.", *doubts]))


def _lower(sentence: str) -> str:
    """A sentence as the second half of another."""
    return sentence[:1].lower() + sentence[1:]


def _dpi_and_skew(placed: RegisteredPage) -> tuple[float, float]:
    """Pixels per printed inch across the middle, and the turn away from upright in degrees."""
    h = placed.placement.px_from_mm
    centre = np.array([placed.page.width_mm / 2, placed.page.height_mm / 2, 1.0])
    across_mm = np.array([50.0, 0.0, 0.0])
    right, left = h @ (centre + across_mm), h @ (centre - across_mm)
    across = right[:2] / right[2] - left[:2] / left[2]
    turn = float(np.degrees(np.arctan2(across[1], across[0])))
    return float(np.hypot(*across)) / 100.0 * 25.4, (turn + 45) % 90 - 45


def _facts(figures: Proof) -> str:
    found, printed, skew = figures.markers_found, figures.markers_printed, figures.skew_deg
    marks = (
        f"all {printed} marks found" if found == printed else f"{found} of {printed} marks found"
    )
    straight = "straight" if abs(skew) < 0.5 else f"{abs(skew):.1f}° askew"
    facts = [marks, straight, f"{figures.file_dpi or figures.dpi:.0f} dpi"]
    if figures.scale is not None:
        facts.append(f"printed at {figures.scale:.0%}".replace("%", " %"))
    return ", ".join(facts)


def _doubts(figures: Proof) -> list[str]:
    """What to do better next time, most important first."""
    doubts, scale = [], figures.scale
    if figures.markers_found < figures.markers_printed:
        few = figures.markers_found < figures.markers_printed - MARKS_TO_SPARE
        doubts.append(
            f"{'More than two are missing. ' if few else ''}Check that the whole sheet is scanned, "
            "nothing covers a mark, and the toner is not low."
        )
    if (figures.file_dpi or figures.dpi) < LOW_DPI:
        doubts.append("Scan at 300 dpi: handwriting is hard to read below 200.")
    if scale is not None and not FULL_SIZE[0] <= scale <= FULL_SIZE[1]:
        wrong = "It is printed too small. " if scale < READABLE_SIZE[0] else ""
        wrong = "It is printed too large. " if scale > READABLE_SIZE[1] else wrong
        doubts.append(
            f"{wrong}Print at 100 %, without “fit to page”: the ruler should measure 100 mm."
        )
    if abs(figures.skew_deg) > STRAIGHT_DEG:
        doubts.append("Lay the sheet straight against the scanner’s edge.")
    if figures.agreement < FINE_AGREEMENT:
        doubts.append(
            f"Only {figures.agreement:.0%} of the printed boxes are clear: check the toner, and "
            "that the sheet lies flat."
        )
    return doubts
