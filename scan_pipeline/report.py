"""What a scan found, as the public JSON contract and as one line for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scan_pipeline.story import (
    ChoiceValue,
    CombValue,
    FieldValue,
    LineReading,
    PageOutcome,
    QuadPx,
    TextValue,
)

if TYPE_CHECKING:  # `leaflets --help` need not wait for what opens pictures
    from scan_pipeline.reading.intake import PassedOver

SCAN_SCHEMA = 1
BATCH_MARKS, BATCH_UNSURE, BATCH_PAGES = 5, 0.25, 10
Offset = tuple[int, int]


def contract(outcome: PageOutcome) -> dict[str, Any]:
    """One object of `scan --json` (schema 1)."""
    out: dict[str, Any] = {
        "schema": SCAN_SCHEMA,
        "file": outcome.file,
        "page": outcome.page,
        "status": outcome.status,
    }
    if outcome.reason:
        out["reason"] = outcome.reason
    if outcome.story_id:
        out["story"] = outcome.story_id
    if outcome.contact_id:
        out["contact"] = outcome.contact_id
    if outcome.part:
        out["part"] = outcome.part
    reading, at = outcome.reading, outcome.origin_px
    if reading is not None:
        out |= {
            "template": reading.template,
            "version": reading.version,
            "batch": reading.batch,
            "sheet_page": reading.sheet_page,
            "registration": {
                "markers_found": reading.markers_found,
                "residual_mm": reading.residual_mm,
                "held_out_mm": reading.held_out_mm,
                "agreement": reading.agreement,
            },
            "fields": {name: _field(value, at) for name, value in reading.fields.items()},
            "notices": list(reading.notices),
            "elsewhere": [_quad(quad, at) for quad in reading.elsewhere],
        }
    return out


def _quad(quad: QuadPx, at: Offset) -> list[list[float]]:
    """In the picture as it came in, from which a part may have been cut."""
    return [[round(x + at[0], 1), round(y + at[1], 1)] for x, y in quad]


def _field(value: FieldValue, at: Offset) -> dict[str, Any]:
    match value:
        case TextValue():
            return _text(value, at)
        case CombValue():
            return _comb(value, at)
        case ChoiceValue():
            return _choice(value, at)


def _comb(value: CombValue, at: Offset) -> dict[str, Any]:
    return {
        "value": value.value,
        "confidence": value.confidence,
        "review": value.review,
        "characters": [
            {"text": c.text, "confidence": c.confidence, "review": c.review}
            for c in value.characters
        ],
        "quad_px": _quad(value.quad_px, at),
    }


def _text(value: TextValue, at: Offset) -> dict[str, Any]:
    return {
        "text": value.text,
        "confidence": value.confidence,
        "review": value.review,
        "lines": [_line(line, at) for line in value.lines],
        "quad_px": _quad(value.quad_px, at),
        "struck_out": [_quad(quad, at) for quad in value.struck_out],
        "drawings": [_quad(quad, at) for quad in value.drawings],
    }


def _line(line: LineReading, at: Offset) -> dict[str, Any]:
    return {
        "text": line.text,
        "confidence": round(line.confidence, 4),
        "words": [
            {"text": w.text, "confidence": round(w.confidence, 4)}
            | ({"alternatives": list(w.alternatives)} if w.alternatives else {})
            for w in line.words
        ],
        "quad_px": _quad(line.quad_px, at),
    }


def _choice(value: ChoiceValue, at: Offset) -> dict[str, Any]:
    return {
        "value": list(value.value) if isinstance(value.value, tuple) else value.value,
        "confidence": value.confidence,
        "review": value.review,
        "quad_px": _quad(value.quad_px, at),
        "marks": [
            {"value": m.value, "state": m.state, "confidence": m.confidence} for m in value.marks
        ],
    }


def summary(outcomes: Sequence[PageOutcome], passed_over: Sequence[PassedOver] = ()) -> str:
    """One sentence for every page: "23 leaflets, 1 blank, 1 page I could not place: why"; then the
    files that were no pages. Outsides are counted apart, so that the paper can be counted."""
    counts = Counter("outside" if _is_outside(o) else o.status for o in outcomes)
    new = "new leaflet" if counts["duplicate"] else "leaflet"
    slips = sum(outcome.status == "read" and bool(outcome.contact_id) for outcome in outcomes)
    parts = [counted(counts["read"] - slips, new, new + "s")]
    if slips:
        parts.append(counted(slips, "contact slip", "contact slips"))
    if counts["blank"]:
        parts.append(f"{counts['blank']} blank")
    if counts["outside"]:
        parts.append(counted(counts["outside"], "outside", "outsides"))
    if counts["duplicate"]:
        parts.append(f"{counts['duplicate']} seen before")
    unplaced = [o for o in outcomes if o.status == "unplaced"]
    if unplaced:
        parts.append(counted(len(unplaced), "page", "pages") + " I could not place")
    lines = [", ".join(parts) + (":" if unplaced else ".")]
    lines += [f"{o.file}, page {o.page}: {o.reason}" for o in unplaced]
    lines += [f"passed over: {file.path} ({file.reason})" for file in passed_over]
    return "\n  ".join(lines)


def advice(outcomes: Sequence[PageOutcome]) -> str:
    """What to check when the marks of a whole batch look unlike what the reader knows; else ""."""
    readings = [o.reading for o in outcomes if o.status == "read" and o.reading is not None]
    choices = [
        (name, value)
        for reading in readings
        for name, value in reading.fields.items()
        if isinstance(value, ChoiceValue)
    ]
    states = Counter(mark.state for _, value in choices for mark in value.marks)
    marked = states["ticked"] + states["unsure"]
    said = []
    if states["unsure"] >= BATCH_MARKS and states["unsure"] > BATCH_UNSURE * marked:
        said.append(
            f"In this batch {states['unsure']} of {marked} marks are hard to tell. Is the scanner "
            "set to black and white, or too pale? Grey at 300 dpi is best."
        )
    everywhere = Counter(
        (name, mark.value)
        for name, value in choices
        if isinstance(value.value, tuple) or value.review
        for mark in value.marks
        if mark.state in {"ticked", "unsure"}
    )
    for (name, option), count in sorted(everywhere.items()):
        if len(readings) >= BATCH_PAGES and count == len(readings):
            said.append(
                f"The box “{option}” ({name}) is marked on every one of {count} leaflets: is there "
                "a spot on the scanner's glass, or on the copies?"
            )
    return " ".join(said)


def _is_outside(outcome: PageOutcome) -> bool:
    """The side of a leaflet with nothing to write on."""
    read = outcome.reading
    return outcome.status == "blank" and read is not None and not read.fields


def stopped(pages: int, *, kept: bool) -> str:
    """What a person hears who has stopped a scan after `pages` pages."""
    if not kept:
        return "Stopped. Nothing was kept, as this was a dry run."
    are = counted(pages, "page is", "pages are")
    return f"Stopped. {are} kept; run it again to go on."


def counted(number: int, one: str, many: str) -> str:
    """ "1 page", "2 pages"."""
    return f"{number} {one if number == 1 else many}"
