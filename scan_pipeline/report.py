"""What was found on one page, as the public JSON contract."""

from __future__ import annotations

from typing import Any

from scan_pipeline.story import (
    ChoiceValue,
    CombValue,
    FieldValue,
    LineReading,
    PageOutcome,
    QuadPx,
    TextValue,
)

SCAN_SCHEMA = 1
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
            "reader": reading.reader,
            "by_letters": reading.by_letters,
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
            | (
                {"alternatives": list(w.alternatives), "stands_for": list(w.stands_for)}
                if w.alternatives
                else {}
            )
            | ({"letters": list(w.letters)} if w.letters else {})
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
