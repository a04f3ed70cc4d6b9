"""The sentences that a scan ends with."""

from __future__ import annotations

from dataclasses import replace

import made_stories
import pytest

from scan_pipeline.batch import Batch, in_one_line, stopped
from scan_pipeline.reading.intake import PassedOver
from scan_pipeline.story import MarkReading, MarkState, PageOutcome


def leaflet(page: int, feelings: dict[str, MarkState]) -> PageOutcome:
    marks = tuple(
        MarkReading(value=name, state=state, confidence=0.9, quad_px=made_stories.QUAD)
        for name, state in feelings.items()
    )
    chosen = tuple(name for name, state in feelings.items() if state == "ticked")
    review = "unsure" in feelings.values()
    read = made_stories.reading()
    value = replace(
        made_stories.choice(chosen), marks=marks, review=review, value=None if review else chosen
    )
    return made_stories.outcome(page, read=replace(read, fields={"feelings": value}))


def other(page: int, status: str, reason: str = "") -> PageOutcome:
    return PageOutcome(
        file="batch.pdf",
        page=page,
        status=status,  # type: ignore[arg-type]
        image_sha256="",
        reason=reason,
    )


def test_every_page_is_counted_once_and_those_not_placed_are_named() -> None:
    outside = replace(
        made_stories.outcome(5, read=replace(made_stories.reading(), fields={})), status="blank"
    )
    slip = replace(made_stories.outcome(6), contact_id="C-1")
    outcomes = [
        *(leaflet(k, {"safe": "ticked"}) for k in range(1, 4)),
        other(4, "blank"),
        outside,
        slip,
        other(7, "duplicate"),
        other(8, "unplaced", "No marks."),
    ]
    batch = Batch(outcomes)
    assert batch.pages == len(outcomes)
    assert batch.summary([PassedOver(path="notes.txt", reason="no picture")]) == (
        "3 new leaflets, 1 contact slip, 1 blank, 1 outside, 1 seen before, "
        "1 page I could not place:\n  batch.pdf, page 8: No marks."
        "\n  passed over: notes.txt (no picture)"
    )
    assert Batch(outcomes[:1]).summary() == "1 leaflet."
    assert stopped(batch.pages, kept=True) == "Stopped. 8 pages are kept; run it again to go on."


@pytest.mark.parametrize(("unsure", "said"), [(4, False), (5, True)])
def test_a_stack_of_marks_that_are_hard_to_tell_is_said(unsure: int, said: bool) -> None:
    batch = Batch(
        leaflet(k, {"safe": "unsure" if k < unsure else "ticked", "judged": "empty"})
        for k in range(12)
    )
    assert ("hard to tell" in batch.advice()) == said


@pytest.mark.parametrize(("pages", "clear", "said"), [(9, 0, False), (10, 0, True), (11, 1, False)])
def test_a_box_that_is_marked_on_all_leaflets_is_said(pages: int, clear: int, said: bool) -> None:
    batch = Batch(
        leaflet(k, {"safe": "empty" if k < clear else "ticked", "judged": "empty"})
        for k in range(pages)
    )
    assert ("“safe” (feelings) is marked on every one of" in batch.advice()) == said


def test_a_file_name_with_a_line_break_stays_in_one_line() -> None:
    lost = PageOutcome(
        file="box\n1.png", page=1, status="unplaced", image_sha256="", reason="no marks"
    )
    assert "  box\\n1.png, page 1: no marks" in Batch([lost]).summary().splitlines()
    assert in_one_line("Grüße 1.png") == "Grüße 1.png"
